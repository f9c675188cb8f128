"""Keeps what a short command wrote, within bounds."""

from typing import Final

from fastflow.adapters.docker.engine import Answer
from fastflow.adapters.docker.frames import Frames
from fastflow.domain.errors import Unavailable
from fastflow.domain.log import Stream

LARGEST_STDOUT_BYTES: Final = 64 * 1024**2
LARGEST_STDERR_BYTES: Final = 256 * 1024
"""Of a longer one the end is kept: there stands the error."""


async def capture(output: Answer) -> tuple[bytes, bytes]:
    """Read an attached container to its end; return stdout and the end of stderr.

    Raises:
        Unavailable: `toolbox_output`; stdout was larger than can be kept. `executor_unavailable`.
    """
    frames = Frames()
    kept = {stream: bytearray() for stream in Stream}
    while chunk := await output.read_some():
        for stream, payload in frames.feed(chunk):
            kept[stream] += payload
        if len(kept[Stream.STDOUT]) > LARGEST_STDOUT_BYTES:
            raise Unavailable("toolbox_output", f"a command wrote more than {LARGEST_STDOUT_BYTES} bytes")
        del kept[Stream.STDERR][:-LARGEST_STDERR_BYTES]
    return bytes(kept[Stream.STDOUT]), bytes(kept[Stream.STDERR])
