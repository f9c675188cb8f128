"""One attempt inside the fake executor: its output so far, and its end."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from fastflow.domain.execution import ExecutionRequest
from fastflow.domain.line_splitter import LineSplitter
from fastflow.domain.log import Output, Sample, StreamCounts
from fastflow.domain.outcome import Ending
from tests.fakes.script import SIGKILL_EXIT, Script, Write


@dataclass(eq=False)
class FakeAttempt:
    """What the Engine would know of a container, kept until it is removed."""

    request: ExecutionRequest
    script: Script
    is_started: bool = True
    ending: Ending | None = None
    is_stopping: bool = False
    written: list[tuple[int, Write]] = field(default_factory=list[tuple[int, Write]])
    samples: list[Sample] = field(default_factory=list[Sample])
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def reference(self) -> str:
        """The fake's container id."""
        return f"fake:{self.request.identity.name}"

    @property
    def is_alive(self) -> bool:
        """Whether its payload is running."""
        return self.is_started and self.ending is None

    def write(self, at_ns: int, writes: Sequence[Write]) -> None:
        """Add output and wake the followers."""
        assert self.is_alive, f"{self.reference} does not run"
        self.written += [(at_ns, write) for write in writes]
        self.notify()

    def sample(self, samples: Sequence[Sample]) -> None:
        """Add usage and wake the watchers."""
        self.samples += samples
        self.notify()

    def end(self, ending: Ending) -> None:
        """Stop running; the first ending stands."""
        if self.ending is None:
            self.ending = ending
            self.notify()

    def exit(self, exit_code: int, *, was_out_of_memory: bool = False) -> None:
        """End by its own doing, or by a signal."""
        self.end(
            Ending(
                exit_code,
                was_out_of_memory=was_out_of_memory,
                peak_memory_bytes=self.script.peak_memory_bytes,
                cpu_seconds=self.script.cpu_seconds,
            )
        )

    def kill(self) -> None:
        """End by SIGKILL."""
        self.exit(SIGKILL_EXIT)

    def notify(self) -> None:
        """Wake everybody who waits for a change of this attempt."""
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def change(self) -> None:
        """Block until the next `notify`."""
        await self._changed.wait()

    async def output(self, stored: StreamCounts) -> AsyncIterator[list[Output]]:
        """Yield what was written, then what comes, leaving out what is stored, until the end.

        A batch may be empty: something else about the attempt changed.
        """
        splitter = LineSplitter(stored)
        position = at_ns = 0
        is_over = False
        while not is_over:
            is_over = self.ending is not None
            batch: list[Output] = []
            for at_ns, write in self.written[position:]:
                position += 1
                batch += splitter.feed(at_ns, write.stream, write.data)
            if is_over:
                batch += splitter.finish(at_ns)
            changed = self._changed
            yield batch
            if not is_over:
                await changed.wait()
