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
_SECOND: Final = len("2026-01-31T12:00:00")
_MILLISECOND: Final = len("2026-01-31T12:00:00.123")
_FRACTION: Final = slice(20, 29)


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


def stamped(frames: Iterator[tuple[Stream, bytes]]) -> Iterator[tuple[int, Stream, bytes]]:
    """Take the Engine's timestamp off each message of a log; yield Unix nanoseconds, stream and text.

    Consecutive messages of one stream and one millisecond come joined, with the time of the first: a busy
    log would cost a Python object a line. Each piece of a line that was too long for one message (16 KiB)
    carries a stamp of its own.

    Raises:
        Unavailable: `executor_unavailable`; a message has no stamp.
    """
    current: Stream | None = None
    moment, at_ns = b"", 0
    parts: list[bytes] = []
    for stream, message in frames:
        if stream is not current or message[:_MILLISECOND] != moment:
            if current is not None:
                yield at_ns, current, b"".join(parts)
            parts = []
            current, moment, at_ns = stream, message[:_MILLISECOND], stamp_ns(message)
        parts.append(message[_STAMP_LENGTH:])
    if current is not None:
        yield at_ns, current, b"".join(parts)


def stamp_ns(message: bytes) -> int:
    """Return the time at the beginning of a message in Unix nanoseconds.

    Raises:
        Unavailable: `executor_unavailable`; there is none.
    """
    try:
        second = datetime.fromisoformat(message[:_SECOND].decode()).replace(tzinfo=UTC)
        return int(second.timestamp()) * 1_000_000_000 + int(message[_FRACTION])
    except ValueError as error:
        raise _broken(0, message) from error


def _broken(number: int, payload: bytes) -> Unavailable:
    text = payload[:200].decode(errors="replace").strip()
    return Unavailable("executor_unavailable", f"The Engine's stream broke off (frame {number}): {text}")
