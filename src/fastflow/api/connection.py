"""Guards the connections of the HTTP server: how many, how slow, how large a head.

What uvicorn 0.54 leaves open, found by trying: a client that sends no request, or one byte a minute, or
a head without end, or reads nothing of its answer, holds its connection and memory for ever.
"""

import asyncio
from http import HTTPStatus
from typing import Any, Final

from starlette.responses import Response
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from fastflow.api.errors import problem
from fastflow.api.request_limits import MOST_HEAD_BYTES, MOST_TARGET_BYTES
from fastflow.api.response_headers import safe_headers

_MOST_BYTES_BEFORE_A_REQUEST: Final = MOST_HEAD_BYTES + MOST_TARGET_BYTES
_SLOWEST_BODY_BYTES_PER_SECOND: Final = 2048
_MOST_UNWANTED_BYTES: Final = 8 * 1024**2
"""Of a body that was answered already. Closing at once would lose the answer to clients that still send."""


class GuardedConnection(HttpToolsProtocol):
    """One connection. `most_connections` is of all of them together."""

    head_seconds = 10.0
    """For a whole head, from the first byte of it on."""
    silent_seconds = 65.0
    """Without a byte of a first request. Longer than browsers keep what they open ahead: who closes it at the
    moment at which it is used loses a request."""
    body_grace_seconds = 20.0
    unread_answer_seconds = 60.0
    """Without a byte of its answer being taken. A stream that is cut off so resumes where it was."""

    def __init__(self, *, most_connections: int, **of_uvicorn: Any) -> None:
        super().__init__(**of_uvicorn)
        self._most_connections = most_connections
        self._is_silent = True
        """Nothing has come yet. It ends without a word: that could pass for a later answer."""
        self._is_reading_head = True
        self._is_reading_body = False
        self._received = 0
        """Bytes of the present head, then of the present body."""
        self._unwanted = 0
        self._patience: asyncio.TimerHandle | None = None
        self._reading_patience: asyncio.TimerHandle | None = None
        self._began = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the connection where there is room for it."""
        super().connection_made(transport)
        if len(self.connections) > self._most_connections:
            self._refuse(503, "too_many_connections", "There are too many connections; try again soon.")
            return
        self._patience = self.loop.call_later(self.silent_seconds, self.transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the timers."""
        _stop(self._patience)
        _stop(self._reading_patience)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what comes, and let uvicorn read it."""
        if self.transport.is_closing():
            return
        if self._patience is None or self._is_silent:
            _stop(self._patience)
            self._is_silent = False
            self._expect_head()
        self._received += len(data)
        if self._is_reading_body and self.cycle.response_complete:
            self._unwanted += len(data)
        super().data_received(data)
        if self._is_reading_head and self._received > _MOST_BYTES_BEFORE_A_REQUEST:
            self._refuse(
                431, "head_too_large", f"The head has more than {_MOST_BYTES_BEFORE_A_REQUEST:,} bytes."
            )
        elif self._unwanted > _MOST_UNWANTED_BYTES:
            self.transport.close()

    def on_headers_complete(self) -> None:
        """Go on to the body."""
        super().on_headers_complete()
        self._is_reading_head, self._is_reading_body, self._received = False, True, 0

    def on_message_complete(self) -> None:
        """Wait for no more: the request is whole."""
        self._is_reading_head, self._is_reading_body, self._received, self._unwanted = True, False, 0, 0
        _stop(self._patience)
        self._patience = None
        super().on_message_complete()

    def pause_writing(self) -> None:
        """Give a client that takes nothing some time."""
        super().pause_writing()
        self._reading_patience = self.loop.call_later(self.unread_answer_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on writing."""
        _stop(self._reading_patience)
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP, as a problem like all others."""
        self._refuse(400, "request_malformed", "This is not a request as HTTP/1.1 has it.")

    def _expect_head(self) -> None:
        self._began = self.loop.time()
        self._patience = self.loop.call_at(self._began + self.head_seconds, self._look)

    def _look(self) -> None:
        """Let go of a client that is too slow, and look again later at one that isn't."""
        now = self.loop.time()
        if self.flow.read_paused or self._is_answering_another():
            self._began = now  # it is we who don't read
        deadline = self._began + self._allowed_seconds()
        if now < deadline:
            self._patience = self.loop.call_at(deadline, self._look)
            return
        self._refuse(408, "request_too_slow", "The request did not arrive in time.")

    def _allowed_seconds(self) -> float:
        if self._is_reading_head:
            return self.head_seconds
        return self.body_grace_seconds + self._received / _SLOWEST_BODY_BYTES_PER_SECOND

    def _is_answering_another(self) -> bool:
        latest = self._latest
        return self._is_reading_head and latest is not None and not latest.response_complete

    @property
    def _latest(self) -> RequestResponseCycle | None:
        return self.cycle  # whose type forgets that there is none before the first

    def _refuse(self, status: int, code: str, detail: str) -> None:
        """Answer, unless that would be taken for another request's answer, and close."""
        if self.transport.is_closing():
            return
        is_answered = self._is_reading_body and self.cycle.response_started
        if not (is_answered or self.pipeline or self._is_answering_another()):
            self.transport.write(_as_bytes(problem(status, code, detail)))
        self.transport.close()


def _stop(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()


def _as_bytes(answer: Response) -> bytes:
    """Write an answer as it goes over the wire."""
    for name, value in safe_headers("application/problem+json").items():
        answer.headers[name] = value
    answer.headers["Connection"] = "close"
    lines = [f"HTTP/1.1 {answer.status_code} {HTTPStatus(answer.status_code).phrase}".encode()]
    lines += [name + b": " + value for name, value in answer.raw_headers]
    return b"\r\n".join([*lines, b"", bytes(answer.body)])
