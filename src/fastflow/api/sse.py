"""Writes Server-Sent Events, and ends every stream when the server does."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Final

from starlette.responses import StreamingResponse

KEEP_ALIVE: Final = b": keep-alive\n\n"


class Closing:
    """The server's wish to leave: streams end on it instead of holding the shutdown up."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def begin(self) -> None:
        """End all streams, now and from now on."""
        self._event.set()

    async def end_with(self, chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
        """Yield the chunks until they end or the server closes."""
        closing = asyncio.ensure_future(self._event.wait())
        pending: asyncio.Future[bytes] | None = None
        try:
            while True:
                pending = asyncio.ensure_future(anext(chunks))
                await asyncio.wait((pending, closing), return_when=asyncio.FIRST_COMPLETED)
                if not pending.done():
                    return
                try:
                    yield pending.result()
                except StopAsyncIteration:
                    return
        finally:
            closing.cancel()
            if pending is not None and not pending.done():
                pending.cancel()
                await asyncio.gather(pending, return_exceptions=True)


def event(data: str, *, name: str | None = None, id: int | str | None = None) -> bytes:
    """Return one event as it goes over the wire; `data` must be one line, as JSON is."""
    head = (f"id: {id}\n" if id is not None else "") + (f"event: {name}\n" if name else "")
    return f"{head}data: {data}\n\n".encode()


def stream(chunks: AsyncIterator[bytes], closing: Closing) -> StreamingResponse:
    """Answer with an endless stream that no cache and no proxy holds back."""
    return StreamingResponse(
        closing.end_with(chunks),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )
