"""Takes Server-Sent Events apart as they arrive (WHATWG HTML, section 9.2)."""

from typing import NamedTuple


class ServerEvent(NamedTuple):
    """One event of a stream."""

    name: str
    id: str | None
    data: str


class SseParser:
    """Turns chunks of a stream into events, wherever the chunks were cut."""

    def __init__(self) -> None:
        self._unfinished: list[bytes] = []
        self._name = ""
        self._id: str | None = None
        self._data: list[str] = []

    def feed(self, chunk: bytes) -> list[ServerEvent]:
        """Return the events that this chunk completes."""
        *lines, rest = chunk.split(b"\n")
        events: list[ServerEvent] = []
        for line in lines:
            if self._unfinished:  # joined only here: a long line arrives in many chunks
                line = b"".join((*self._unfinished, line))
                self._unfinished.clear()
            event = self._take(line.removesuffix(b"\r").decode("utf-8", "replace"))
            if event is not None:
                events.append(event)
        if rest:
            self._unfinished.append(rest)
        return events

    def _take(self, line: str) -> ServerEvent | None:
        if not line:
            return self._dispatch()
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            self._data.append(value)
        elif field == "event":
            self._name = value
        elif field == "id":
            self._id = value
        return None

    def _dispatch(self) -> ServerEvent | None:
        event = ServerEvent(self._name or "message", self._id, "\n".join(self._data)) if self._data else None
        self._name, self._id, self._data = "", None, []
        return event
