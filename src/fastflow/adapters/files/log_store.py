"""Keeps the logs of attempts as files: one append-only log and a sparse index for each."""

import asyncio
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from fastflow.adapters.files.log_disk import run_to_end
from fastflow.adapters.files.log_growth import Growth
from fastflow.adapters.files.log_paths import attempt_file, run_directory
from fastflow.adapters.files.log_reader import LogReader, open_for_reading
from fastflow.adapters.files.log_search import records_of, records_with
from fastflow.adapters.files.log_tail import Tail
from fastflow.adapters.files.log_writer import FileLogWriter, LogFiles
from fastflow.domain.errors import Conflict
from fastflow.domain.log import LogHits, LogKey, LogPage, LogState, OutputPage, Stream
from fastflow.domain.ports import LogStore

Result = TypeVar("Result")


class FileLogStore(LogStore):
    """Logs below `root`, each at most `max_bytes_per_attempt` on disk (the index adds under 1 %).

    Every method raises `Invalid` (`run_id_invalid`) where the run's id is not a UUID in lower case.
    """

    def __init__(self, root: Path, max_bytes_per_attempt: int) -> None:
        self._root = root
        self._max_bytes = max_bytes_per_attempt
        self._writers: dict[LogKey, FileLogWriter] = {}
        self._opening: set[LogKey] = set()
        self._growth = Growth()

    async def open(self, key: LogKey) -> FileLogWriter:
        """Open for writing, creating it or repairing a torn end after a crash.

        A complete log opens too and stays complete (see `FileLogWriter`).

        Raises:
            Conflict: `log_open`; this or another process has a writer of this log.
            Unavailable: `disk_full`.
        """
        log, index = self._paths(key)
        if key in self._writers or key in self._opening:
            raise Conflict("log_open", "This log has a writer already.", {"run_id": key.run_id})
        self._opening.add(key)
        opened: list[LogFiles] = []
        try:
            await run_to_end(lambda: opened.append(LogFiles(log, index)))
        except asyncio.CancelledError:
            for files in opened:
                files.close()
            raise
        finally:
            self._opening.discard(key)
        writer = FileLogWriter(opened[0], self._max_bytes, lambda: self._changed(key))
        self._writers[key] = writer
        self._growth.announce(key)
        return writer

    async def state(self, key: LogKey) -> LogState:
        """Say how far the log has grown; a log that was never opened has 0 lines, not complete."""
        writer = self._writers.get(key)
        if writer is not None:
            return writer.tail.state
        return await self._look(key, lambda reader: reader.tail.state, LogState(0, False, False))

    async def read(self, key: LogKey, from_line: int, limit: int, stream: Stream | None = None) -> LogPage:
        """Return up to `limit` lines, of about 8 MiB in all, from `from_line` on; none at the end.

        With a stream a page may be empty before the end, because one call looks at about 64 MiB only:
        go on at `next_line`, until that is the number of lines in the log.
        """
        start = max(from_line, 0)
        if stream is None:
            return await self._look(key, lambda reader: reader.page(start, limit), LogPage([], start))
        find = records_of(stream)
        return await self._look(key, lambda reader: reader.matching(find, start, limit), LogPage([], start))

    async def read_outputs(self, key: LogKey, from_line: int, limit: int) -> OutputPage:
        """Return up to `limit` lines, of about 8 MiB in all, many to a piece; no outputs at the end."""
        start = max(from_line, 0)
        return await self._look(key, lambda reader: reader.outputs(start, limit), OutputPage([], start))

    async def search(self, key: LogKey, text: str, from_line: int, limit: int) -> LogPage:
        """Return up to `limit` lines that contain `text`, ignoring case in ASCII letters.

        Bounded as `read` with a stream is: a page may be empty before the end.
        """
        start = max(from_line, 0)
        if not text:
            return await self.read(key, start, limit)
        if "\n" in text:
            state = await self.state(key)
            return LogPage([], max(start, state.lines))
        find = records_with(text)
        return await self._look(key, lambda reader: reader.matching(find, start, limit), LogPage([], start))

    async def find(self, key: LogKey, text: str, from_line: int, limit: int, budget: timedelta) -> LogHits:
        """Return the numbers of up to `limit` lines that contain `text`: see `LogStore.find`."""
        start = max(from_line, 0)
        if not text or "\n" in text:  # every line holds the one, none the other
            state = await self.state(key)
            numbers = list(range(start, min(state.lines, start + limit))) if not text else []
            return LogHits(numbers, max(start, state.lines) if text else start + len(numbers))
        find, seconds = records_with(text), budget.total_seconds()
        return await self._look(
            key, lambda reader: reader.hits(find, start, limit, seconds), LogHits([], start)
        )

    async def wait_beyond(self, key: LogKey, line: int) -> None:
        """Block until the log has more than `line` lines or is complete.

        A log without a writer is waited for: until one opens it and it grows, or closes it complete.
        Only writers of this process are noticed.
        """
        with self._growth.watch(key) as waiting:
            while True:
                grown = waiting.grown
                state = await self.state(key)
                if state.lines > line or state.is_complete:
                    return
                await grown.wait()

    async def delete(self, run_id: str) -> None:
        """Remove every log and every sample of that run; no error if there are none.

        Raises:
            Conflict: `log_open`; an attempt of the run is still being written.
        """
        directory = run_directory(self._root, run_id)
        if any(key.run_id == run_id for key in (*self._writers, *self._opening)):
            raise Conflict("log_open", "A log of this run is still being written.", {"run_id": run_id})
        await run_to_end(lambda: _remove_tree(directory))

    def _paths(self, key: LogKey) -> tuple[Path, Path]:
        return attempt_file(self._root, key, "log"), attempt_file(self._root, key, "idx")

    def _changed(self, key: LogKey) -> None:
        if not self._writers[key].is_open:
            del self._writers[key]
        self._growth.announce(key)

    async def _look(self, key: LogKey, look: Callable[[LogReader], Result], nothing: Result) -> Result:
        log, index = self._paths(key)
        writer = self._writers.get(key)
        tail: Tail | None = writer.tail if writer is not None else None

        def looked() -> Result:
            try:
                with open_for_reading(log, index, tail) as reader:
                    return look(reader)
            except FileNotFoundError:
                return nothing

        return await asyncio.to_thread(looked)


def _remove_tree(directory: Path) -> None:
    try:
        shutil.rmtree(directory)
    except FileNotFoundError:
        return
