"""What can go wrong with an HTTP server, on demand."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web

Handler = Callable[["HttpCall"], Awaitable[web.StreamResponse]]

_SECONDS: Final = 30
_FOR_EVER: Final = 1_000_000_000


@dataclass(slots=True)
class _Fault:
    only: str
    times: int
    status: int | None = None
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    redirect: str | None = None
    break_after: int | None = None
    """Bytes of the body; then the connection is closed."""
    stall_after: int | None = None
    """Bytes of the body; then nothing comes until `release`."""


class Faults:
    """The next fault of a server; without one it behaves. A new one replaces the last.

    `only` picks the requests that have this text in their path or query (`git-upload-pack`); `times`
    says how many of them are hit.
    """

    def __init__(self, soon: Callable[[Callable[[], object]], None]) -> None:
        self._soon = soon
        self._fault: _Fault | None = None
        self._lock = threading.Lock()
        self._stalled = threading.Condition(self._lock)
        self._stalls = 0
        self._released = asyncio.Event()

    def stall(self, *, only: str = "", after_bytes: int = 0, times: int = _FOR_EVER) -> None:
        """Accept requests and say nothing, or nothing more after that much of the body, until `release`."""
        self._released = asyncio.Event()
        self._set(_Fault(only, times, stall_after=after_bytes))

    def until_stalled(self, requests: int = 1) -> None:
        """Block until that many requests hang at the current fault.

        Raises:
            TimeoutError: they never came.
        """
        with self._stalled:
            if not self._stalled.wait_for(lambda: self._stalls >= requests, _SECONDS):
                raise TimeoutError(f"{self._stalls} requests hang, not {requests}")

    def release(self) -> None:
        """Let stalled requests be answered after all, and stall no more."""
        self._set(None)
        self._soon(self._released.set)

    def cut_after(self, n_bytes: int, *, only: str = "", times: int = _FOR_EVER) -> None:
        """Close the connection after that much of the answer's body; 0: before any answer."""
        self._set(_Fault(only, times, break_after=n_bytes))

    def answer(
        self,
        status: int,
        body: str | bytes = b"",
        headers: Mapping[str, str] | None = None,
        *,
        only: str = "",
        times: int = _FOR_EVER,
    ) -> None:
        """Answer with that status instead of asking the real server."""
        stored = body.encode() if isinstance(body, str) else body
        self._set(_Fault(only, times, status=status, body=stored, headers=headers or {}))

    def redirect_to(self, url: str, *, only: str = "", times: int = _FOR_EVER, status: int = 302) -> None:
        """Send clients to the same path and query below another address."""
        self._set(_Fault(only, times, status=status, redirect=url.rstrip("/")))

    def heal(self) -> None:
        """Behave from now on; what hangs goes on hanging."""
        self._set(None)

    def _set(self, fault: _Fault | None) -> None:
        with self._lock:
            self._fault = fault
            self._stalls = 0

    def _take(self, path: str) -> _Fault | None:
        with self._lock:
            fault = self._fault
            if fault is None or fault.only not in path or fault.times <= 0:
                return None
            fault.times -= 1
            return fault

    async def answer_or(self, request: web.BaseRequest, handler: Handler) -> web.StreamResponse:
        """Answer as the fault wants it, or let the handler answer."""
        fault = self._take(request.path_qs)
        call = HttpCall(request, self, fault)
        if fault is None:
            return await handler(call)
        if fault.break_after == 0:
            return call.hang_up()
        if fault.stall_after == 0:
            await self.hang()
        if fault.status is None:
            return await handler(call)
        headers = dict(fault.headers)
        if fault.redirect is not None:
            headers["Location"] = f"{fault.redirect}{request.path_qs}"
        return web.Response(status=fault.status, body=fault.body, headers=headers)

    async def hang(self) -> None:
        """Wait until the test releases what hangs."""
        released = self._released
        with self._stalled:
            self._stalls += 1
            self._stalled.notify_all()
        await released.wait()


class HttpCall:
    """One request, with the fault that its answer suffers."""

    def __init__(self, request: web.BaseRequest, faults: Faults, fault: _Fault | None) -> None:
        self.request = request
        self._faults = faults
        self._fault = fault

    def hang_up(self) -> web.StreamResponse:
        """Close the connection with whatever was sent; the response returned reaches nobody."""
        if self.request.transport is not None:
            self.request.transport.close()
        return web.Response()

    async def send(self, response: web.StreamResponse, body: AsyncIterator[bytes]) -> web.StreamResponse:
        """Send a body piece by piece, as far as the fault lets it."""
        await response.prepare(self.request)
        sent = 0
        limit = None if self._fault is None else self._fault.break_after or self._fault.stall_after
        async for piece in body:
            if limit and sent + len(piece) >= limit:
                await response.write(piece[: limit - sent])
                if self._fault is not None and self._fault.break_after:
                    return self.hang_up()
                await self._faults.hang()
                piece, limit = piece[limit - sent :], None
            sent += len(piece)
            await response.write(piece)
        await response.write_eof()
        return response
