"""What the inside needs from the outside: the Protocols that adapters fulfil and fakes stand in for."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from fastflow.domain.execution import ExecutionRequest, Found, StartKind
from fastflow.domain.log import (
    LogHits,
    LogKey,
    LogPage,
    LogState,
    Output,
    OutputPage,
    Sample,
    Stream,
    StreamCounts,
)
from fastflow.domain.outcome import Ending


class Clock(Protocol):
    """Time, so that tests can set it."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        ...

    async def sleep(self, duration: timedelta) -> None:
        """Suspend the caller for that long."""
        ...


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether a part can do its work, in words for `/ready` and the console."""

    is_ready: bool
    message: str


class Executor(Protocol):
    """Starts, watches and stops attempts. One contract for Docker, local processes and the fake.

    Every method that can fail for reasons of the platform raises `Unavailable` (the Engine is away;
    ask again later) or another `FastFlowError` with a stable code. How the pipeline itself ended is
    an `Ending`, never an exception. Methods may be cancelled at any await; a started attempt then
    keeps running and can be adopted.
    """

    @property
    def name(self) -> str:
        """`docker` or `process`."""
        ...

    @property
    def is_isolating(self) -> bool:
        """Whether attempts are walled off from the host and from each other."""
        ...

    async def readiness(self) -> Readiness:
        """Say whether attempts can be started now, and what is missing where not."""
        ...

    async def start(self, request: ExecutionRequest) -> str:
        """Start the attempt; return its reference (container id, process id).

        Raises:
            Conflict: `already_started`; an attempt of that identity exists. It is left as it is.
            Unavailable: `executor_unavailable`, `image_missing`, `disk_full`. Nothing was left behind.
        """
        ...

    def start_kind(self, reference: str) -> StartKind:
        """Say how it was started, of what `start` has just returned."""
        ...

    def oci_runtime(self, reference: str) -> str | None:
        """Say what its container was told to be started by, the same; None: the Engine's default, or none."""
        ...

    def follow(self, reference: str, stored: StreamCounts) -> AsyncIterator[Sequence[Output]]:
        """Yield the output from after the lines that are stored already, until the attempt's end.

        Each line comes exactly once, in order within its stream, whether the attempt was started by
        this process or adopted. Ends only when the attempt has ended and its output is complete.
        A slow consumer never makes lines disappear.
        """
        ...

    async def wait(self, reference: str) -> Ending:
        """Block until the attempt ends, through outages of the Engine too; return what was seen.

        May be called again after the end, until `remove`.
        """
        ...

    async def stop(self, reference: str, grace: timedelta) -> None:
        """Ask it to end (SIGTERM), then end it (SIGKILL) after `grace`. No error if it has ended."""
        ...

    def stats(self, reference: str) -> AsyncIterator[Sample]:
        """Yield what the attempt uses, about once a second, until it ends."""
        ...

    async def find(self) -> list[Found]:
        """List every attempt that this installation's executor knows, running or ended."""
        ...

    async def remove(self, reference: str) -> None:
        """End it if need be and leave nothing of it behind. No error if it is gone already."""
        ...

    async def close(self) -> None:
        """Give up connections. Attempts are left running."""
        ...


class LogWriter(Protocol):
    """The one writer of an attempt's log."""

    @property
    def stored(self) -> StreamCounts:
        """The position to resume the executor's output from."""
        ...

    async def append(self, outputs: Sequence[Output]) -> None:
        """Store the lines; readers see them when this returns.

        After the size limit lines are counted and dropped, and the log says so.

        Raises:
            Unavailable: `disk_full`. Nothing of this batch was stored; it may be given again.
        """
        ...

    async def close(self, *, is_complete: bool) -> None:
        """Let go of the file. `is_complete`: no line will be added, readers may stop waiting."""
        ...


class LogStore(Protocol):
    """Keeps and pages the logs of attempts. Line numbers start at 0 for each attempt."""

    async def open(self, key: LogKey) -> LogWriter:
        """Open for writing, creating it or repairing a torn end after a crash.

        A complete log can be opened, as an attempt may have to be concluded again; it takes no lines.

        Raises:
            Conflict: `log_open`; it has a writer already.
        """
        ...

    async def state(self, key: LogKey) -> LogState:
        """Say how far the log has grown; a log that was never opened has 0 lines, not complete."""
        ...

    async def read(self, key: LogKey, from_line: int, limit: int, stream: Stream | None = None) -> LogPage:
        """Return up to `limit` lines from `from_line` on; an empty page at the end.

        One call looks at a bounded stretch: with a stream, an empty page is the end only where
        `next_line` has reached the log's last line.
        """
        ...

    async def read_outputs(self, key: LogKey, from_line: int, limit: int) -> OutputPage:
        """Return the lines that `read` returns, many to a piece; no outputs at the end."""
        ...

    async def search(self, key: LogKey, text: str, from_line: int, limit: int) -> LogPage:
        """Return up to `limit` lines that contain `text`, ignoring case in ASCII letters.

        One call looks at a bounded stretch, as `read` does.
        """
        ...

    async def find(self, key: LogKey, text: str, from_line: int, limit: int, budget: timedelta) -> LogHits:
        """Return the numbers of up to `limit` lines that contain `text`, as `search` finds them.

        Looks for about as long as `budget` and always at something: no hits are the end only where
        `next_line` has reached the log's last line.
        """
        ...

    async def wait_beyond(self, key: LogKey, line: int) -> None:
        """Block until the log has more than `line` lines or is complete."""
        ...

    async def delete(self, run_id: str) -> None:
        """Remove every log and every sample of that run."""
        ...


class MetricStore(Protocol):
    """Keeps the samples of attempts."""

    async def append(self, key: LogKey, samples: Sequence[Sample]) -> None:
        """Store samples at the end."""
        ...

    async def read(self, key: LogKey, from_sample: int = 0) -> list[Sample]:
        """Return the samples from that position on; empty where there are none."""
        ...

    async def newest(self, keys: Sequence[LogKey]) -> list[Sample | None]:
        """Return the last sample of each attempt; None where there are none."""
        ...


@dataclass(frozen=True, slots=True)
class FoundPipeline:
    """A folder of a source that has an entry point, or that should have had one."""

    name: str
    path: Path
    revision: str | None
    """Content hash of the folder; None where it could not be read."""
    manifest_file: str | None = None
    """File name of the manifest, where there is one."""
    manifest_text: bytes | None = None
    problem: str | None = None
    """Why it can't be run at all (an escaping link, a `main.py` that is a folder), in words."""
    hint: str | None = None
    """Advice that stops nothing (another JSON file was taken as the manifest)."""
    repository: str | None = None
    """Name of the Git repository that it comes from; None: the local folder."""
    commit: str | None = field(default=None, compare=False)
    """The repository's commit at which it was seen. Not compared: an unrelated push changes nothing."""


Fill = Callable[[Path], Awaitable[None]]
"""Writes a pipeline's files into a directory that does not exist yet."""


class Checkouts(Protocol):
    """Keeps immutable copies of pipelines, one for each revision that is needed, whatever their source."""

    async def get(self, name: str, revision: str, fill: Fill) -> Path:
        """Return the copy; where it is not kept, make it by `fill`, once for all who ask.

        Raises:
            NotFound: `revision_gone`; raised by `fill`, or `revision` is none.
            Unavailable: `disk_full`, `disk_failed`.
        """
        ...

    def collect(self, keep: set[tuple[str, str]]) -> int:
        """Delete copies not in `keep` (name, revision); return how many. Blocks on files.

        Raises:
            Unavailable: `disk_failed`.
        """
        ...


class PipelineSource(Protocol):
    """Where pipelines come from: a local folder and Git repositories, behind one face."""

    async def scan(self) -> list[FoundPipeline]:
        """List the pipelines as they are now; unchanged folders cost a stat, not a read."""
        ...

    async def look(self, name: str) -> FoundPipeline | None:
        """Return one pipeline as it is now; None where no such folder has an entry point."""
        ...

    async def checkout(self, name: str, revision: str) -> Path:
        """Return the immutable copy of that pipeline at that revision, making it if need be.

        Raises:
            NotFound: `revision_gone`; the content is neither kept nor current.
            Unavailable: `disk_full`, `disk_failed`.
        """
        ...

    async def collect(self, keep: set[tuple[str, str]]) -> int:
        """Delete checkouts not in `keep` (name, revision); return how many."""
        ...


class AlarmClock(Protocol):
    """Wakes the scheduler."""

    def set(self, at: datetime | None) -> None:
        """Ring at that moment, instead of at the one set before; None: not at all."""
        ...

    async def wait(self, at_most: timedelta) -> None:
        """Block until it rings or `wake` is called, or the time is over."""
        ...

    def wake(self) -> None:
        """Ring now."""
        ...

    async def close(self) -> None:
        """Stop for good."""
        ...
