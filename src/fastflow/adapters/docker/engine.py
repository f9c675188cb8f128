"""Speaks HTTP with a Docker Engine, or with a proxy in front of it."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from types import TracebackType
from typing import Final, NamedTuple, Self

import aiohttp

from fastflow.adapters.docker.engine_errors import refused, unreachable
from fastflow.domain.errors import Invalid, Unavailable

CALL_LIMIT: Final = timedelta(seconds=30)
"""For a call that the Engine answers from what it knows, and for the headers of every other."""
LARGEST_ANSWER_BYTES: Final = 64 * 1024**2
_CONNECT_SECONDS: Final = 5.0
_KEEP_ALIVE_SECONDS: Final = 60.0
_READ_BYTES: Final = 256 * 1024
_JSON: Final = {"Content-Type": "application/json"}

Query = Mapping[str, str | int]
Body = Mapping[str, object] | bytes | AsyncIterable[bytes]


class ApiVersion(NamedTuple):
    """A version of the Engine API; every Engine speaks older ones as well."""

    major: int
    minor: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"


NEWEST_KNOWN: Final = ApiVersion(1, 51)
"""Of Engine 28.3. A newer Engine is spoken to in this version."""
OLDEST_USABLE: Final = ApiVersion(1, 40)
"""Of Engine 19.03, the first with all that we ask for."""

PROXY_HEADER: Final = "Fastflow-Docker-Proxy"
"""By it our own proxy says that it stands before the Engine, and which version it is."""


class Answer:
    """An answer whose body is still to come. To be closed; leaving `async with` does it."""

    def __init__(self, response: aiohttp.ClientResponse, address: str) -> None:
        self._response = response
        self._address = address

    async def read_some(self) -> bytes:
        """Return what has arrived, waiting for the first byte; empty at the end.

        Raises:
            Unavailable: `executor_unavailable`; the connection broke.
        """
        try:
            return await self._response.content.readany()
        except (aiohttp.ClientError, OSError) as error:
            raise unreachable(self._address, error) from error

    async def read(self) -> bytes:
        """Return the whole body.

        Raises:
            Unavailable: `executor_unavailable`; the connection broke, or the body is absurdly large.
        """
        parts: list[bytes] = []
        size = 0
        while part := await self.read_some():
            parts.append(part)
            size += len(part)
            if size > LARGEST_ANSWER_BYTES:
                raise unreachable(self._address, ValueError("its answer has no end"))
        return b"".join(parts)

    async def lines(self) -> AsyncIterator[bytes]:
        """Yield the lines of a body that is a stream of JSON objects."""
        rest = b""
        while part := await self.read_some():
            *lines, rest = (rest + part).split(b"\n")
            for line in lines:
                if line.strip():
                    yield line
        if rest.strip():
            yield rest

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self._response.status

    def header(self, name: str) -> str:
        """Return a header, or an empty text."""
        return self._response.headers.get(name, "")

    def close(self) -> None:
        """Give the connection back where the body was read to its end; cut it otherwise."""
        if self._response.content.at_eof():
            self._response.release()
        else:
            self._response.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Engine:
    """One Engine at `unix:///path` or `http://host:port`, over one pool of kept connections.

    The API version is the newest that both sides know, asked for before the first call and again after
    the Engine was away: it may have been upgraded.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self._socket, self._url = _parse(address)
        self._session: aiohttp.ClientSession | None = None
        self._version: ApiVersion | None = None
        self._proxy = ""

    async def version(self) -> ApiVersion:
        """Return the API version to speak, asking the Engine where that is not known.

        Raises:
            Unavailable: `executor_unavailable`; it does not answer or is too old.
        """
        if self._version is None:
            self._version = await self._negotiate()
        return self._version

    async def proxy(self) -> str:
        """Return the version of our own proxy before the Engine; empty where there is none.

        Raises:
            Unavailable: as `version`.
        """
        await self.version()
        return self._proxy

    async def ping(self) -> None:
        """Ask on a fresh question whether the Engine answers.

        Raises:
            Unavailable: `executor_unavailable`.
        """
        self._version = await self._negotiate()

    async def call(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: Body | None = None,
        time_limit: timedelta = CALL_LIMIT,
    ) -> bytes:
        """Ask one thing; return the answer's body.

        Raises:
            NotFound: `engine_not_found`; Conflict: `engine_conflict`; Invalid: `engine_refused`.
            Unavailable: `executor_unavailable`, `disk_full`, `engine_failed`.
        """
        async with (
            self._in_time(time_limit),
            await self.open(method, path, query=query, body=body, headers_within=time_limit) as answer,
        ):
            return await answer.read()

    async def open(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: Body | None = None,
        headers_within: timedelta = CALL_LIMIT,
    ) -> Answer:
        """Ask one thing; return its answer as soon as the headers are there. The caller closes it.

        Raises:
            NotFound, Conflict, Invalid, Unavailable: as `call`.
        """
        async with self._in_time(headers_within):
            version = await self.version()
            answer = await self._send(method, f"/v{version}{path}", query, body)
            if answer.status < 400:
                return answer
            async with answer:
                raise refused(answer.status, await answer.read())

    async def close(self) -> None:
        """Close every connection."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _negotiate(self) -> ApiVersion:
        async with self._in_time(CALL_LIMIT), await self._send("GET", "/_ping", None, None) as answer:
            body = await answer.read()
            if answer.status >= 400:
                raise unreachable(self.address, refused(answer.status, body))
            offered = _parse_version(answer.header("Api-Version"))
            self._proxy = answer.header(PROXY_HEADER)
        if offered < OLDEST_USABLE:
            raise Unavailable(
                "executor_unavailable",
                f"The Docker Engine at {self.address} is too old: it speaks API {offered}, "
                f"{OLDEST_USABLE} or newer is needed. Upgrade it.",
            )
        return min(offered, NEWEST_KNOWN)

    async def _send(self, method: str, path: str, query: Query | None, body: Body | None) -> Answer:
        data, headers = _encoded(body)
        try:
            response = await self._open_session().request(
                method, self._url + path, params=query, data=data, headers=headers
            )
        except (aiohttp.ClientError, OSError) as error:
            self._version = None
            raise unreachable(self.address, error) from error
        return Answer(response, self.address)

    def _open_session(self) -> aiohttp.ClientSession:
        """Return the pool, made inside the loop that will use it."""
        if self._session is None:
            connector = (
                aiohttp.UnixConnector(self._socket, limit=0, keepalive_timeout=_KEEP_ALIVE_SECONDS)
                if self._socket
                else aiohttp.TCPConnector(limit=0, keepalive_timeout=_KEEP_ALIVE_SECONDS)
            )
            # Streams live as long as attempts do; what has to end in time stands in `asyncio.timeout`.
            timeout = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_SECONDS)
            self._session = aiohttp.ClientSession(
                connector=connector, timeout=timeout, read_bufsize=_READ_BYTES, auto_decompress=False
            )
        return self._session

    @asynccontextmanager
    async def _in_time(self, limit: timedelta) -> AsyncGenerator[None]:
        try:
            async with asyncio.timeout(limit.total_seconds()):
                yield
        except TimeoutError as error:
            reason = TimeoutError(f"no answer within {limit.total_seconds():g} s")
            raise unreachable(self.address, reason) from error


def _parse(address: str) -> tuple[str | None, str]:
    scheme, separator, rest = address.partition("://")
    if separator and rest:
        if scheme == "unix":
            return rest, "http://engine"
        if scheme in ("http", "tcp"):
            return None, f"http://{rest.rstrip('/')}"
    raise Invalid(
        "engine_address_invalid",
        f"DOCKER_PROXY_URL={address!r} is no address; write unix:///var/run/docker.sock or http://host:port",
        {"address": address},
    )


def _parse_version(text: str) -> ApiVersion:
    major, _, minor = text.partition(".")
    if major.isdecimal() and minor.isdecimal():
        return ApiVersion(int(major), int(minor))
    # Every Engine sends the header; a proxy that drops it gets what all of them speak.
    return OLDEST_USABLE


def _encoded(body: Body | None) -> tuple[bytes | AsyncIterable[bytes] | None, Mapping[str, str]]:
    if isinstance(body, Mapping):
        return json.dumps(body).encode(), _JSON
    if body is None:
        return None, {}
    return body, {"Content-Type": "application/x-tar"}
