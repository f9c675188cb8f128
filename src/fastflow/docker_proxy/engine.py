"""Speaks with the Engine behind the proxy: only requests that were written here reach it."""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Final

import aiohttp

from fastflow.domain.errors import Invalid

CALL_LIMIT: Final = timedelta(seconds=30)
_CONNECT_SECONDS: Final = 5.0
_READ_BYTES: Final = 256 * 1024
_LARGEST_ANSWER_BYTES: Final = 64 * 1024**2


class EngineAway(Exception):
    """The Engine can't be reached, broke off, or did not answer in time."""


class EngineSaid(Exception):
    """The Engine answered with an error of its own, which is handed on."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Stream:
    """An answer whose body is still to come."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    @property
    def content_type(self) -> str:
        """As the Engine says it."""
        return self._response.headers.get("Content-Type", "application/json")

    async def read_some(self) -> bytes:
        """Return what has arrived, waiting for the first byte however long it takes; empty at the end.

        Raises:
            EngineAway: it broke off.
        """
        try:
            return await self._response.content.readany()
        except (aiohttp.ClientError, OSError) as error:
            raise EngineAway(_reason(error)) from error


class Engine:
    """One Engine at `unix:///path` or `http://host:port`.

    The version that is spoken is the newest that both sides know; it is asked for again after an outage,
    because the Engine may have been replaced meanwhile.
    """

    def __init__(self, address: str, newest_version: tuple[int, int]) -> None:
        self.address = address
        self._newest = newest_version
        self._socket, self._url = _parse(address)
        self._session: aiohttp.ClientSession | None = None
        self._version: tuple[int, int] | None = None

    async def ping(self) -> tuple[int, int]:
        """Ask over a connection of its own; return the version that is spoken from now on.

        An Engine that is going down still answers on connections that are open.

        Raises:
            EngineAway: it does not answer.
        """
        async with (
            _in_time(CALL_LIMIT),
            self._new_session(is_kept=False) as session,
            await self._send(session, "GET", "/_ping", {}, None) as response,
        ):
            if response.status >= 400:
                raise EngineAway(f"it answers a ping with status {response.status}")
            version = min(_version_of(response.headers.get("Api-Version", "")), self._newest)
        self._version = version
        return version

    async def ask(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        time_limit: timedelta = CALL_LIMIT,
    ) -> bytes:
        """Ask one thing; return the answer's body.

        Raises:
            EngineSaid: an error of its own. EngineAway: none that could be read.
        """
        async with _in_time(time_limit), self.open(method, path, query, body, time_limit) as stream:
            content = bytearray()
            while part := await stream.read_some():
                content += part
                if len(content) > _LARGEST_ANSWER_BYTES:
                    raise EngineAway("its answer has no end")
        return bytes(content)

    @asynccontextmanager
    async def open(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        headers_within: timedelta = CALL_LIMIT,
    ) -> AsyncGenerator[Stream]:
        """Ask one thing; give its answer as soon as the headers are there. Leaving ends it at the Engine.

        Raises:
            EngineSaid: an error of its own. EngineAway: it does not answer.
        """
        async with _in_time(headers_within):
            major, minor = self._version or await self.ping()
            response = await self._send(
                self._kept_session(), method, f"/v{major}.{minor}{path}", query or {}, body
            )
        try:
            if response.status >= 400:
                raise EngineSaid(response.status, await _message(response))
            yield Stream(response)
        finally:
            if response.content.at_eof():
                response.release()
            else:
                response.close()

    async def close(self) -> None:
        """Close every connection."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _send(
        self,
        session: aiohttp.ClientSession,
        method: str,
        path: str,
        query: Mapping[str, str],
        body: Mapping[str, Any] | None,
    ) -> aiohttp.ClientResponse:
        try:
            return await session.request(
                method, self._url + path, params=query, json=body, allow_redirects=False
            )
        except (aiohttp.ClientError, OSError) as error:
            self._version = None
            raise EngineAway(_reason(error)) from error

    def _kept_session(self) -> aiohttp.ClientSession:
        """Return the pool, made inside the loop that will use it."""
        if self._session is None:
            self._session = self._new_session(is_kept=True)
        return self._session

    def _new_session(self, *, is_kept: bool) -> aiohttp.ClientSession:
        connector = (
            aiohttp.UnixConnector(self._socket, limit=0, force_close=not is_kept)
            if self._socket
            else aiohttp.TCPConnector(limit=0, force_close=not is_kept)
        )
        # Streams may be silent for hours; what has to end in time stands in `asyncio.timeout`.
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_SECONDS)
        return aiohttp.ClientSession(
            connector=connector, timeout=timeout, read_bufsize=_READ_BYTES, auto_decompress=False
        )


@asynccontextmanager
async def _in_time(limit: timedelta) -> AsyncGenerator[None]:
    try:
        async with asyncio.timeout(limit.total_seconds()):
            yield
    except TimeoutError as error:
        raise EngineAway(f"no answer within {limit.total_seconds():g} s") from error


async def _message(response: aiohttp.ClientResponse) -> str:
    try:
        answer: Any = json.loads(await response.content.read(64 * 1024))
    except (ValueError, aiohttp.ClientError, OSError):
        answer = None
    match answer:
        case {"message": str(message)}:
            return message
        case _:
            return f"the Engine answered with status {response.status}"


def _reason(error: Exception) -> str:
    # The HTTP client's words speak of TLS that a socket never had; the system's say what it is.
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _version_of(text: str) -> tuple[int, int]:
    major, _, minor = text.partition(".")
    if not (major.isdecimal() and minor.isdecimal()):
        raise EngineAway("it does not say which version of the API it speaks")
    return int(major), int(minor)


def _parse(address: str) -> tuple[str | None, str]:
    scheme, _, rest = address.partition("://")
    if rest and scheme == "unix":
        return rest, "http://engine"
    if rest and scheme in ("http", "tcp"):
        return None, f"http://{rest.rstrip('/')}"
    raise Invalid(
        "engine_address_invalid",
        f"FASTFLOW_PROXY_ENGINE={address!r} is no address; write unix:///var/run/docker.sock or http://host:port",
        {"address": address},
    )
