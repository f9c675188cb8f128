"""Reads the log of a run: the logs of its attempts, one after the other, numbered through."""

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from fastflow.domain.errors import NotFound
from fastflow.domain.log import LogKey, LogLine, LogPage, Output, Sample, Stream
from fastflow.domain.ports import LogStore, MetricStore
from fastflow.domain.run import TERMINAL, AttemptStatus
from fastflow.services.events import Events
from fastflow.services.runs import Runs
from fastflow.store.tables import AttemptRow, RunRow

STREAM_BATCH: Final = 4_000
PAGE_BYTES: Final = 4 * 1024**2
"""A page that has come so far gets no more: lines may be 16 MiB long."""
QUIET_SECONDS: Final = 15.0
SEARCH_BUDGET: Final = timedelta(milliseconds=150)
"""A page shows hits as they come, and others want the disk and the processor too."""


@dataclass(frozen=True, slots=True)
class RunPage:
    """A stretch of a run's log; numbers count through all attempts."""

    lines: Sequence[LogLine]
    next_line: int
    total_lines: int
    """How many lines there are by now, whatever they were narrowed to."""
    is_complete: bool
    """The run has ended and nothing follows `next_line`."""


@dataclass(frozen=True, slots=True)
class RunHits:
    """The lines of a stretch of a run's log that hold a text; numbers count through all attempts."""

    numbers: Sequence[int]
    next_line: int
    """The first line not looked at."""
    total_lines: int
    is_complete: bool
    """The run has ended and nothing follows `next_line`."""


@dataclass(frozen=True, slots=True)
class Growth:
    """What was added to a run's log. Numbers count through all attempts."""

    first_line: int
    outputs: Sequence[Output]
    """Nothing where all is quiet."""
    next_line: int


class Logs:
    """What users read of a run's output and of its use of the machine."""

    def __init__(self, runs: Runs, logs: LogStore, metrics: MetricStore, events: Events) -> None:
        self._runs = runs
        self._logs = logs
        self._metrics = metrics
        self._events = events

    async def page(
        self, run_id: str, from_line: int, limit: int, *, stream: Stream | None = None, text: str = ""
    ) -> RunPage:
        """Return up to `limit` lines from `from_line` on; `text` or `stream` narrow them.

        Fewer where they are long, see `PAGE_BYTES`. `next_line` goes on where this page stopped looking,
        also where it found nothing.

        Raises:
            NotFound: `run_not_found`.
        """
        whole = await self._runs.get(run_id)
        lines: list[LogLine] = []
        position, first, size = from_line, 0, 0
        for attempt in whole.attempts:
            key = LogKey(run_id, attempt.number)
            end = first + await self._lines_of(key, attempt)
            while position < end and len(lines) < limit and size < PAGE_BYTES:
                page = await self._read(key, position - first, limit - len(lines), stream, text)
                if page.next_line <= position - first:
                    break
                lines += _renumbered(page.lines, first)
                size += sum(len(line.text) for line in page.lines)
                position = first + page.next_line
            first = end
        return RunPage(lines, position, first, whole.run.status in TERMINAL and position >= first)

    async def find(self, run_id: str, text: str, from_line: int, limit: int) -> RunHits:
        """Return the numbers of up to `limit` lines from `from_line` on that contain `text`.

        Looks for about as long as `SEARCH_BUDGET`; `next_line` says where to go on, hits or not.

        Raises:
            NotFound: `run_not_found`.
        """
        whole = await self._runs.get(run_id)
        until = time.monotonic() + SEARCH_BUDGET.total_seconds()
        numbers: list[int] = []
        position, first = from_line, 0
        for attempt in whole.attempts:
            key = LogKey(run_id, attempt.number)
            end = first + await self._lines_of(key, attempt)
            while position < end and len(numbers) < limit:
                left = timedelta(seconds=until - time.monotonic())
                if left <= timedelta() and position > from_line:
                    break
                hits = await self._logs.find(key, text, position - first, limit - len(numbers), left)
                if hits.next_line <= position - first:
                    # What is not there any more will not be found by looking again.
                    position = end if attempt.status is AttemptStatus.ENDED else position
                    break
                numbers += [number + first for number in hits.numbers]
                position = first + hits.next_line
            first = end
        return RunHits(numbers, position, first, whole.run.status in TERMINAL and position >= first)

    async def follow(self, run_id: str, from_line: int) -> AsyncGenerator[Growth | RunRow]:
        """Yield lines as they are written, then the run itself once it has ended.

        Each line comes once, whatever the number of attempts. A growth by nothing means that all is quiet,
        so that the caller can look whether its reader is still there.

        Raises:
            NotFound: `run_not_found`.
        """
        position = from_line
        while True:
            sequence = self._events.position
            whole = await self._runs.get(run_id)
            first, live = 0, None
            for attempt in whole.attempts:
                key = LogKey(run_id, attempt.number)
                end = first + (attempt.log_lines or 0)
                while attempt.status is not AttemptStatus.ENDED or position < end:
                    start = max(position, first)
                    page = await self._logs.read_outputs(key, start - first, STREAM_BATCH)
                    if not page.outputs:
                        break
                    position = first + page.next_line
                    yield Growth(start, page.outputs, position)
                if attempt.status is not AttemptStatus.ENDED:
                    live = key
                    break
                first = end
            if whole.run.status in TERMINAL:
                yield whole.run
                return
            async for growth in self._follow_live(live, first, position, run_id, sequence):
                position = growth.next_line
                yield growth

    async def samples(self, run_id: str, attempt: int | None = None, from_sample: int = 0) -> list[Sample]:
        """Return the samples of an attempt, by default of the last one.

        Raises:
            NotFound: `run_not_found`, `attempt_not_found`.
        """
        whole = await self._runs.get(run_id)
        if attempt is not None and attempt not in {a.number for a in whole.attempts}:
            raise NotFound(
                "attempt_not_found",
                f"Run {run_id} has {len(whole.attempts)} attempts; there is no number {attempt}.",
                {"run_id": run_id, "attempt": attempt},
            )
        number = attempt if attempt is not None else max(whole.run.attempt_count, 1)
        return await self._metrics.read(LogKey(run_id, number), from_sample)

    async def beats(self, run_id: str, every_seconds: float = 1.0) -> AsyncGenerator[None]:
        """Yield now, then every so often and whenever something happens to the run, for ever."""
        sequence = self._events.position
        yield
        async for batch in self._events.follow(sequence, run_id=run_id, quiet_seconds=every_seconds):
            del batch
            yield

    async def _follow_live(
        self, key: LogKey | None, first: int, position: int, run_id: str, sequence: int
    ) -> AsyncGenerator[Growth]:
        """Yield the growth of one attempt's log until something happens to the run."""
        happened = asyncio.create_task(self._wait_for_event(run_id, sequence))
        try:
            while not happened.done():
                waiting = {happened}
                if key is not None:
                    grown = asyncio.create_task(self._logs.wait_beyond(key, max(position - first, 0)))
                    waiting = {happened, grown}
                else:
                    grown = None
                try:
                    done, _ = await asyncio.wait(
                        waiting, timeout=QUIET_SECONDS, return_when=asyncio.FIRST_COMPLETED
                    )
                finally:
                    if grown is not None:
                        grown.cancel()
                if not done:
                    yield Growth(position, (), position)
                if key is None:
                    continue
                start = max(position, first)
                page = await self._logs.read_outputs(key, start - first, STREAM_BATCH)
                if page.outputs:
                    position = first + page.next_line
                    yield Growth(start, page.outputs, position)
                elif grown in done and not happened.done():
                    # Complete: what comes next is an event, or the next attempt.
                    key = None
        finally:
            happened.cancel()

    async def _wait_for_event(self, run_id: str, sequence: int) -> None:
        async for batch in self._events.follow(sequence, run_id=run_id):
            if batch:
                return

    async def _read(
        self, key: LogKey, from_line: int, limit: int, stream: Stream | None, text: str
    ) -> LogPage:
        if not text:
            return await self._logs.read(key, from_line, limit, stream)
        page = await self._logs.search(key, text, from_line, limit)
        if stream is None:
            return page
        return page._replace(lines=[line for line in page.lines if line.stream is stream])

    async def _lines_of(self, key: LogKey, attempt: AttemptRow) -> int:
        if attempt.status is AttemptStatus.ENDED:
            return attempt.log_lines or 0
        return (await self._logs.state(key)).lines


def _renumbered(lines: Sequence[LogLine], first: int) -> Sequence[LogLine]:
    if first == 0:
        return lines
    return [line._replace(number=line.number + first) for line in lines]
