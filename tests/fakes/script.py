"""What a scripted attempt of the fake executor does from its start to its end."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastflow.domain.log import Sample, Stream

SIGTERM_EXIT = 143
SIGKILL_EXIT = 137


@dataclass(frozen=True, slots=True)
class Write:
    """Bytes that the payload writes at once; a line may come in several writes."""

    data: bytes
    stream: Stream = Stream.STDOUT


def line(text: str, stream: Stream = Stream.STDOUT) -> Write:
    """Return the write of one whole line."""
    return Write(text.encode() + b"\n", stream)


@dataclass(frozen=True, slots=True)
class Script:
    """One attempt's life. The default, without a script, is to run silently until told otherwise."""

    writes: Sequence[Write] = ()
    exit_code: int | None = None
    """None: it keeps running after its writes until it is finished or stopped."""
    was_out_of_memory: bool = False
    writes_on_stop: Sequence[Write] = ()
    """What its SIGTERM handler prints."""
    exit_code_on_stop: int | None = SIGTERM_EXIT
    """None: it ignores SIGTERM and has to be killed after the grace."""
    samples: Sequence[Sample] = ()
    """Stamped when the attempt starts."""
    peak_memory_bytes: int | None = 20 * 1024**2
    cpu_seconds: float | None = 0.05
