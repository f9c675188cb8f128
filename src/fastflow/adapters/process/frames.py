"""How a shim records output: one frame for each read, so that nothing about it is lost."""

import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

STDOUT: Final = 1
STDERR: Final = 2

_HEADER: Final = struct.Struct("<qIB")
"""Unix time in nanoseconds, number of bytes that follow, file descriptor."""


class Frame(NamedTuple):
    """What one read of the payload's stdout or stderr returned."""

    at_ns: int
    descriptor: int
    data: bytes


def pack(frame: Frame) -> bytes:
    """Return the frame as it is appended to the output file."""
    return _HEADER.pack(frame.at_ns, len(frame.data), frame.descriptor) + frame.data


class FrameReader:
    """Cuts the output file into frames, in whatever pieces it is read."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Yield the frames that these further bytes complete. The iterator has to be exhausted."""
        waiting = self._rest + data
        start = 0
        while len(waiting) - start >= _HEADER.size:
            at_ns, length, descriptor = _HEADER.unpack_from(waiting, start)
            end = start + _HEADER.size + length
            if end > len(waiting):
                break
            yield Frame(at_ns, descriptor, waiting[start + _HEADER.size : end])
            start = end
        self._rest = waiting[start:]

    def torn(self) -> Frame | None:
        """Return what a killed shim left of its last frame; None where nothing of the output is in it."""
        if len(self._rest) <= _HEADER.size:
            return None
        at_ns, _, descriptor = _HEADER.unpack_from(self._rest)
        return Frame(at_ns, descriptor, self._rest[_HEADER.size :])
