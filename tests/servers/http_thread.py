"""An HTTP server on a thread of its own, with an event loop that no test's loop knows."""

import asyncio
import ssl
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Final, Self

from aiohttp import web

from tests.servers.http_faults import Faults, Handler

_SECONDS: Final = 30
_ENDING_SECONDS: Final = 0.1
"""What a connection gets to end in; what was being answered has been cancelled before."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as it came, before anything was answered."""

    method: str
    path: str
    query: str
    headers: dict[str, str] = field(repr=False)
    """Names in lower case."""

    @property
    def authorization(self) -> str | None:
        """The header by which the client says who it is."""
        return self.headers.get("authorization")


class HttpThread:
    """Listens on a free port of 127.0.0.1 from its creation until `stop`."""

    def __init__(self, handler: Handler, tls: ssl.SSLContext | None = None) -> None:
        """Start; blocks until it listens."""
        self.requests: list[Seen] = []
        """Every request, in the order of arrival."""
        self.faults = Faults(self._soon)
        self._handler = handler
        self._tls = tls
        self._tasks: set[asyncio.Task[Any]] = set()
        self._endings: set[asyncio.Task[Any]] = set()
        self._stopping = asyncio.Event()
        self._port: Future[int] = Future()
        self._thread = threading.Thread(target=asyncio.run, args=(self._listen(),), name="http-server")
        self._thread.start()
        self.port = self._port.result(_SECONDS)

    @property
    def base_url(self) -> str:
        """The address without a path."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def authorizations(self) -> list[str]:
        """The `Authorization` headers of all requests that had one."""
        return [seen.authorization for seen in self.requests if seen.authorization is not None]

    def count(self, path: str = "") -> int:
        """Return how many requests had that text in their path."""
        return sum(path in seen.path for seen in self.requests)

    def stop(self) -> None:
        """Break off what is being answered and stop listening; may be called twice."""
        if self._thread.is_alive():
            self._soon(self._stopping.set)
            self._thread.join(_SECONDS)
        if self._thread.is_alive():
            raise RuntimeError("the HTTP server does not stop")

    async def finish(self, ending: Coroutine[Any, Any, object]) -> None:
        """Await what has to be done even if the request, or the server, is broken off meanwhile."""
        task = asyncio.create_task(ending)
        self._endings.add(task)
        task.add_done_callback(self._endings.discard)
        await asyncio.shield(task)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _soon(self, callback: Callable[[], object]) -> None:
        self._loop.call_soon_threadsafe(callback)

    async def _listen(self) -> None:
        self._loop = asyncio.get_running_loop()
        server = web.Server(self._answer, access_log=None)
        runner = web.ServerRunner(server, shutdown_timeout=_ENDING_SECONDS)
        try:
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=self._tls).start()
            self._port.set_result(int(runner.addresses[0][1]))
        except BaseException as error:
            self._port.set_exception(error)
            raise
        await self._stopping.wait()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*self._endings)
        await runner.cleanup()

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.requests.append(
            Seen(
                method=request.method,
                path=request.path,
                query=request.query_string,
                headers={name.lower(): value for name, value in request.headers.items()},
            )
        )
        try:
            return await self.faults.answer_or(request, self._handler)
        finally:
            self._tasks.discard(task)
