"""The shapes of an attempt's output: what executors hand over, what readers get."""

from enum import StrEnum
from typing import NamedTuple


class Stream(StrEnum):
    """Where a line was written."""

    STDOUT = "stdout"
    STDERR = "stderr"


class LogKey(NamedTuple):
    """Names the log of one attempt."""

    run_id: str
    attempt: int
    """1 for the first attempt."""


class Output(NamedTuple):
    """Whole lines of one stream that arrived together.

    Bytes, not text: a log keeps what the program wrote, valid UTF-8 or not. Many lines share one
    `Output` so that a busy log costs a few calls, not one object a line.
    """

    at_ns: int
    """Unix time in nanoseconds, UTC."""
    stream: Stream
    data: bytes
    """One or more lines, each ending with a newline; without one only where `is_partial`."""
    is_partial: bool = False
    """`data` is exactly one line that the program ended without a newline."""

    @property
    def lines(self) -> int:
        """The number of log lines in here."""
        return 1 if self.is_partial else self.data.count(b"\n")


class StreamCounts(NamedTuple):
    """How many lines of each stream are stored already: the position to resume from."""

    stdout: int = 0
    stderr: int = 0

    @property
    def total(self) -> int:
        """The number of lines of both streams."""
        return self.stdout + self.stderr


class LogLine(NamedTuple):
    """One stored line, as readers get it."""

    number: int
    """0 for the first line of the log it was read from."""
    at_ns: int
    stream: Stream
    text: bytes
    """Without its newline."""
    is_partial: bool = False
    """The program did not end it with a newline."""


class LogPage(NamedTuple):
    """A stretch of a log."""

    lines: list[LogLine]
    next_line: int
    """Where to read on; with a stream filter or a search, the first line not looked at."""


class LogHits(NamedTuple):
    """The lines of a stretch of a log that hold a text."""

    numbers: list[int]
    next_line: int
    """The first line not looked at."""


class OutputPage(NamedTuple):
    """A stretch of a log in few pieces: what a busy log's followers need, without an object a line."""

    outputs: list[Output]
    """One after the other. Lines that were stored together mostly come together, with their one time."""
    next_line: int
    """Where to read on."""


class LogState(NamedTuple):
    """How far a log has grown."""

    lines: int
    is_complete: bool
    """The attempt was concluded: no line will ever be added."""
    is_truncated: bool
    """The size limit was reached: later lines were not stored."""


class Sample(NamedTuple):
    """What an attempt used at one moment."""

    at_ns: int
    cpu_percent: float
    """100 means one core fully used."""
    memory_bytes: int
