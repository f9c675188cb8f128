"""Takes apart the stream in which the Engine interleaves stdout and stderr."""

import struct
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from fastflow.domain.errors import Unavailable
from fastflow.domain.log import Stream

_HEADER: Final = struct.Struct(">BxxxL")
"""Stream, three zeros, length of what follows (Engine API, `ContainerAttach`, "Stream format")."""
_STREAMS: Final = {1: Stream.STDOUT, 2: Stream.STDERR}
_ENGINE_SPEAKS: Final = 3
"""Such a frame is the Engine's own complaint."""
_STAMP_LENGTH: Final = len("2026-01-31T12:00:00.123456789Z ")
"""RFC 3339 with all nine digits and a space, before each message where timestamps were asked for."""
_FRACTION: Final = slice(20, 29)
_TOGETHER_NS: Final = 1_000_000
"""Messages of one stream this close together get the time of the first, so that a busy log stays cheap."""


class Frames:
    """Collects bytes until they make whole frames."""

    def __init__(self) -> None:
        self._rest = b""

    @property
    def is_between_frames(self) -> bool:
        """Whether everything fed came out again: a stream that ends elsewhere was cut."""
        return not self._rest

    def feed(self, chunk: bytes) -> Iterator[tuple[Stream, bytes]]:
        """Yield the frames that these bytes complete.

        Raises:
            Unavailable: `executor_unavailable`; the Engine broke off with a message of its own, or this is
                no such stream.
        """
        data = self._rest + chunk if self._rest else chunk
        position, end = 0, len(data)
        try:
            while end - position >= _HEADER.size:
                number, length = _HEADER.unpack_from(data, position)
                stream = _STREAMS.get(number)
                start = position + _HEADER.size
                if stream is None and number != _ENGINE_SPEAKS:
                    raise _broken(number, data[position:])
                if end - start < length:
                    break
                if stream is None:
                    raise _broken(number, data[start : start + length])
                position = start + length
                yield stream, data[start:position]
        finally:
            self._rest = data[position:]


def joined(frames: Iterator[tuple[Stream, bytes]]) -> Iterator[tuple[Stream, bytes]]:
    """Put together what consecutive frames say on one stream: a flushed line is a frame of its own."""
    current: Stream | None = None
    parts: list[bytes] = []
    for stream, payload in frames:
        if stream is not current and current is not None:
            yield current, b"".join(parts)
            parts = []
        current = stream
        parts.append(payload)
    if current is not None:
        yield current, b"".join(parts)


class Stamps:
    """Takes the Engine's timestamp off each message of a log. Remembers the last second it parsed."""

    def __init__(self) -> None:
        self._text = b""
        self._second_ns = 0

    def take_off(self, message: bytes) -> tuple[int, bytes]:
        """Return the time in Unix nanoseconds, and what the program wrote.

        Each piece of a line that was too long for one message (16 KiB) carries a stamp of its own.

        Raises:
            Unavailable: `executor_unavailable`; there is no stamp.
        """
        second = message[:19]
        if second != self._text:
            try:
                moment = datetime.strptime(second.decode(), "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)
            except ValueError as error:
                raise _broken(0, message) from error
            self._text, self._second_ns = second, int(moment.timestamp()) * 1_000_000_000
        return self._second_ns + int(message[_FRACTION]), message[_STAMP_LENGTH:]


def stamped(frames: Iterator[tuple[Stream, bytes]], stamps: Stamps) -> Iterator[tuple[int, Stream, bytes]]:
    """Yield time, stream and text, what belongs together joined as in `joined`."""
    current: Stream | None = None
    since_ns = 0
    parts: list[bytes] = []
    for stream, message in frames:
        at_ns, text = stamps.take_off(message)
        if current is not None and (stream is not current or not 0 <= at_ns - since_ns < _TOGETHER_NS):
            yield since_ns, current, b"".join(parts)
            parts = []
        if not parts:
            current, since_ns = stream, at_ns
        parts.append(text)
    if current is not None:
        yield since_ns, current, b"".join(parts)


def _broken(number: int, payload: bytes) -> Unavailable:
    text = payload[:200].decode(errors="replace").strip()
    return Unavailable("executor_unavailable", f"The Engine's stream broke off (frame {number}): {text}")
