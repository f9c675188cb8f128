"""Speaks HTTP with the server: one session, timeouts everywhere, problems as sentences."""

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, NamedTuple, Self

from aiohttp import (
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    CookieJar,
)
from yarl import URL

from fastflow.cli.credential import Place, is_loopback
from fastflow.cli.refusals import raise_for_problem, spoken_with
from fastflow.cli.sse import ServerEvent, SseParser
from fastflow.cli.wire import LogLineAnswer

_CALL_SECONDS: Final = 30.0
_STREAM: Final = ClientTimeout(total=None, sock_connect=5, sock_read=45)
"""The server sends something at least every 15 seconds."""

Query = Mapping[str, str | int | Sequence[str] | None]


class LinesPage(NamedTuple):
    """A stretch of a log."""

    lines: list[LogLineAnswer]
    next_line: int
    """The number to go on with."""
    total_lines: int
    """How long the log is by now."""
    is_complete: bool
    """The run has ended and nothing follows."""


class ConnectionLost(Exception):
    """A stream broke off, or the server is restarting; asking again may help."""


class Client:
    """A connection to one server."""

    def __init__(self, session: ClientSession, place: Place) -> None:
        self._session = session
        self._place = place
        self._address = place.address

    @classmethod
    @asynccontextmanager
    async def connected_to(cls, place: Place) -> AsyncGenerator[Self]:
        """Open a session with a server, with the credential that is for it, and close it afterwards."""
        headers = {"Authorization": f"Bearer {place.credential.token}"} if place.credential else None
        # A proxy of the environment is for the world outside, not for this machine.
        async with ClientSession(
            trust_env=not is_loopback(place.address),
            headers=headers,
            cookie_jar=CookieJar(unsafe=True),  # which means: also of servers without a name
        ) as session:
            yield cls(session, place)

    def url_of(self, path: str) -> str:
        """Return the whole address of a path, for others to call."""
        return str(self._url(path.strip("/"), None))

    async def get(
        self, path: str, query: Query | None = None, patience_seconds: float = _CALL_SECONDS
    ) -> Any:
        """Return the JSON that the server answers.

        Raises:
            CommandFailed: it refuses, or there is none.
        """
        return await self._call("GET", path, query=query, patience_seconds=patience_seconds)

    async def download(self, path: str, query: Query | None = None) -> AsyncGenerator[bytes]:
        """Yield what the server answers, as it comes; raises as `get`."""
        async with self._request("GET", path, query=query, patience_seconds=None) as response:
            async for chunk in response.content.iter_any():
                yield chunk

    async def post(
        self,
        path: str,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        patience_seconds: float = _CALL_SECONDS,
    ) -> Any:
        """Send JSON, return the JSON of the answer; raises as `get`."""
        return await self._call("POST", path, body=body, headers=headers, patience_seconds=patience_seconds)

    async def patch(self, path: str, body: Mapping[str, Any]) -> Any:
        """Change something, return the JSON of the answer; raises as `get`."""
        return await self._call("PATCH", path, body=body)

    async def put(self, path: str, body: Mapping[str, Any], query: Query | None = None) -> Any:
        """Store something, return the JSON of the answer; raises as `get`."""
        return await self._call("PUT", path, query=query, body=body)

    async def delete(self, path: str, query: Query | None = None) -> Any:
        """Remove something, return the JSON of the answer; raises as `get`."""
        return await self._call("DELETE", path, query=query)

    async def get_lines(self, path: str, query: Query) -> LinesPage:
        """Return a page of a log; raises as `get`."""
        headers = {"Accept": "application/x-ndjson"}
        async with self._request("GET", path, query=query, headers=headers) as response:
            content = await response.read()
            lines = [json.loads(line) for line in content.splitlines()]
            told = response.headers
            return LinesPage(
                lines, int(told["X-Next-Line"]), int(told["X-Lines"]), told["X-Complete"] == "true"
            )

    async def events(
        self, path: str, query: Query | None = None, last_event_id: str | None = None
    ) -> AsyncGenerator[list[ServerEvent]]:
        """Yield the events of a stream as they come, those of one read together, until it ends.

        Raises:
            ConnectionLost: it broke off, or the server does not answer now.
            CommandFailed: the server refuses.
        """
        headers = {"Accept": "text/event-stream"}
        if last_event_id is not None:
            headers["Last-Event-ID"] = last_event_id
        parser = SseParser()
        try:
            async with self._session.get(
                self._url(path, query), headers=headers, timeout=_STREAM, allow_redirects=False
            ) as response:
                if response.status >= 500:
                    raise ConnectionLost(f"the server answered {response.status}")
                await raise_for_problem(response, self._place)
                async for chunk in response.content.iter_any():
                    if events := parser.feed(chunk):
                        yield events
        except (ClientError, TimeoutError) as error:
            raise ConnectionLost(str(error) or type(error).__name__) from error

    async def _call(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        patience_seconds: float = _CALL_SECONDS,
    ) -> Any:
        async with self._request(
            method, path, query=query, body=body, headers=headers, patience_seconds=patience_seconds
        ) as response:
            return await response.json()

    @asynccontextmanager
    async def _request(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        patience_seconds: float | None = _CALL_SECONDS,
    ) -> AsyncGenerator[ClientResponse]:
        timeout = (
            ClientTimeout(total=patience_seconds, sock_connect=5) if patience_seconds is not None else _STREAM
        )
        async with (
            spoken_with(self._place),
            self._session.request(
                method,
                self._url(path, query),
                json=body,
                headers=headers,
                timeout=timeout,
                allow_redirects=False,  # a credential is for this server
            ) as response,
        ):
            await raise_for_problem(response, self._place)
            yield response

    def _url(self, path: str, query: Query | None) -> URL:
        url = self._address.joinpath(*path.split("/"))
        pairs = [
            (name, str(value))
            for name, given in (query or {}).items()
            if given is not None
            for value in (given if isinstance(given, Sequence) and not isinstance(given, str) else (given,))
        ]
        return url.with_query(pairs)
