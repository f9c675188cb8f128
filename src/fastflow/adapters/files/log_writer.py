"""The one writer of an attempt's log."""

import asyncio
import fcntl
import os
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from fastflow.adapters.files.log_batch import count_lines, encode_batch
from fastflow.adapters.files.log_disk import reporting_a_full_disk, run_to_end, write_at
from fastflow.adapters.files.log_format import Footer, encode_footer
from fastflow.adapters.files.log_index import ENTRY_BYTES
from fastflow.adapters.files.log_tail import Tail, survey
from fastflow.domain.errors import Conflict, Unavailable
from fastflow.domain.log import Output, StreamCounts
from fastflow.domain.ports import LogWriter


class LogFiles:
    """The files of a log, open for writing and locked against other processes. Calls block.

    Raises:
        Conflict: `log_open`; another process writes this log.
        Unavailable: `disk_full`.
    """

    def __init__(self, log: Path, index: Path) -> None:
        with ExitStack() as opened, reporting_a_full_disk():
            log.parent.mkdir(parents=True, exist_ok=True)
            self._log = os.open(log, os.O_RDWR | os.O_CREAT, 0o640)
            opened.callback(os.close, self._log)
            _lock(self._log)
            self._index = os.open(index, os.O_RDWR | os.O_CREAT, 0o640)
            opened.callback(os.close, self._index)
            self.tail = self._repaired()
            self._opened = opened.pop_all()

    def write(self, records: bytes, tail: Tail) -> None:
        """Add the records and the index entries that lead to `tail`; both, or nothing."""
        before = self.tail
        write_at(self._log, records, before.size_bytes)
        try:
            self._write_entries(tail)
        except (OSError, Unavailable):
            os.ftruncate(self._log, before.size_bytes)
            raise
        self.tail = tail.indexed()

    def write_footer(self) -> None:
        """Mark the log as complete."""
        tail = self.tail.indexed()
        footer = encode_footer(time.time_ns(), Footer(tail.lines, tail.stdout, tail.is_truncated))
        write_at(self._log, footer, tail.size_bytes)
        tail.is_complete = True
        self.tail = tail

    def close(self) -> None:
        """Give the files, and with them the lock, back."""
        self._opened.close()

    def _repaired(self) -> Tail:
        tail = survey(self._log, self._index)
        if tail.is_complete:
            return tail
        os.ftruncate(self._log, tail.size_bytes)
        os.ftruncate(self._index, tail.entries * ENTRY_BYTES)
        self._write_entries(tail)
        return tail.indexed()

    def _write_entries(self, tail: Tail) -> None:
        if tail.new_entries:
            entries = b"".join(entry.packed() for entry in tail.new_entries)
            write_at(self._index, entries, tail.entries * ENTRY_BYTES)


def _lock(file: int) -> None:
    # The kernel lets go of it when the process dies, however it dies.
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise Conflict("log_open", "Another process is writing this log.") from error


class FileLogWriter(LogWriter):
    """Appends to a log; `FileLogStore.open` makes one.

    Lines dropped because of the size limit count in `stored` for as long as this writer lives. A later
    writer counts from the file, is given the dropped lines once more, and drops them again.

    A log that an earlier writer completed is opened all the same, so that an attempt whose conclusion
    was lost in a crash can be adopted: `stored` is exact, closing does nothing, appending is a conflict.
    """

    def __init__(self, files: LogFiles, max_bytes: int, on_change: Callable[[], None]) -> None:
        self._files = files
        self._max_bytes = max_bytes
        self._on_change = on_change
        self._dropped = StreamCounts()
        self._turn = asyncio.Lock()
        self.is_open = True

    @property
    def tail(self) -> Tail:
        """What readers may see."""
        return self._files.tail

    @property
    def stored(self) -> StreamCounts:
        """The position to resume the executor's output from."""
        stored = self.tail.stored
        return StreamCounts(stored.stdout + self._dropped.stdout, stored.stderr + self._dropped.stderr)

    async def append(self, outputs: Sequence[Output]) -> None:
        """Store the lines with one write; readers see them when this returns.

        Raises:
            Unavailable: `disk_full`. Nothing of this batch was stored; it may be given again.
            Conflict: `log_closed`; or `log_complete`, an earlier writer said that no line would follow.
        """
        async with self._turn:
            if not self.is_open:
                raise Conflict("log_closed", "This log was closed; open it again to write.")
            try:
                await run_to_end(lambda: self._append(outputs))
            finally:
                self._on_change()

    async def close(self, *, is_complete: bool) -> None:
        """Let go of the file. `is_complete`: no line will be added, readers may stop waiting.

        Raises:
            Unavailable: `disk_full`; that it is complete could not be stored. The log is still open.
        """
        async with self._turn:
            if not self.is_open:
                return
            try:
                await run_to_end(lambda: self._close(is_complete))
            finally:
                self._on_change()

    def _append(self, outputs: Sequence[Output]) -> None:
        before = self.tail
        given = count_lines(outputs)
        if not before.is_truncated:
            if before.is_complete and given.total:
                raise Conflict("log_complete", "This log is complete; no line can be added.")
            self._files.write(*encode_batch(before, outputs, self._max_bytes))
        old, new = before.stored, self.tail.stored
        self._dropped = StreamCounts(
            self._dropped.stdout + given.stdout - (new.stdout - old.stdout),
            self._dropped.stderr + given.stderr - (new.stderr - old.stderr),
        )

    def _close(self, is_complete: bool) -> None:
        if is_complete and not self.tail.is_complete:
            self._files.write_footer()
        self._files.close()
        self.is_open = False
