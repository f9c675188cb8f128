"""How far a log has grown, and finding that out from its files."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from fastflow.adapters.files.log_format import (
    FOOTER_BYTES,
    count_stdout,
    ends_with_notice,
    find_footer,
    in_stretches,
    whole_records,
)
from fastflow.adapters.files.log_index import (
    BEGINNING,
    BYTES_PER_ENTRY,
    ENTRY_BYTES,
    LINES_PER_ENTRY,
    IndexEntry,
    sound_entries,
)
from fastflow.domain.log import LogState, StreamCounts

BLOCK_BYTES: Final = 256 * 1024


@dataclass(slots=True)
class Tail:
    """The end of the part of a log that readers may see. Never changed once it is published."""

    lines: int = 0
    """As readers count them: the notice of the size limit is one."""
    size_bytes: int = 0
    """Of the records; the footer of a complete log lies beyond."""
    stdout: int = 0
    entries: int = 0
    """How many entries of the index file are in step with this tail."""
    last_entry: IndexEntry = BEGINNING
    new_entries: list[IndexEntry] = field(default_factory=list[IndexEntry])
    """Entries that come after those `entries`, not yet in the index file."""
    is_truncated: bool = False
    is_complete: bool = False

    @property
    def stored(self) -> StreamCounts:
        """How many lines of the program are in the log."""
        return StreamCounts(self.stdout, self.lines - self.is_truncated - self.stdout)

    @property
    def state(self) -> LogState:
        """What readers are told."""
        return LogState(self.lines, self.is_complete, self.is_truncated)

    def add(self, size_bytes: int, lines: int, stdout: int) -> None:
        """Grow by records, at most `LINES_PER_ENTRY` of them; note an index entry where one is due."""
        last = self.last_entry
        is_due = (
            self.lines + lines - last.line > LINES_PER_ENTRY
            or self.size_bytes + size_bytes - last.offset > BYTES_PER_ENTRY
        )
        if is_due and self.lines > last.line:
            self.last_entry = IndexEntry(self.lines, self.size_bytes, self.stdout)
            self.new_entries.append(self.last_entry)
        self.lines += lines
        self.size_bytes += size_bytes
        self.stdout += stdout

    def indexed(self) -> "Tail":
        """Return a copy whose new entries are in the index file."""
        return Tail(
            lines=self.lines,
            size_bytes=self.size_bytes,
            stdout=self.stdout,
            entries=self.entries + len(self.new_entries),
            last_entry=self.last_entry,
            is_truncated=self.is_truncated,
            is_complete=self.is_complete,
        )


def read_blocks(log: int, start: int, end: int) -> Iterator[bytes]:
    """Yield the lines between two offsets in blocks that end with a newline; a torn end is left out."""
    block_bytes = BLOCK_BYTES
    while start < end:
        block = os.pread(log, min(block_bytes, end - start), start)
        cut = block.rfind(b"\n") + 1
        if cut:
            yield block if cut == len(block) else block[:cut]
            start += cut
            block_bytes = BLOCK_BYTES
        elif len(block) < block_bytes:
            return
        else:
            block_bytes *= 2


def survey(log: int, index: int | None) -> Tail:
    """Find out how far the log has grown; whatever a crash left behind its last whole record is not seen.

    Costs one read where the log is complete, else the lines after the last sound index entry.
    """
    size = os.fstat(log).st_size
    footer_at = max(size - FOOTER_BYTES, 0)
    before = min(footer_at, 1)
    footer = find_footer(os.pread(log, FOOTER_BYTES + 1, footer_at - before))
    if footer is not None:
        entries = os.fstat(index).st_size // ENTRY_BYTES if index is not None else 0
        return Tail(
            footer.lines,
            footer_at,
            footer.stdout,
            entries,
            is_truncated=footer.is_truncated,
            is_complete=True,
        )
    count, entry = sound_entries(index, log, size) if index is not None else (0, BEGINNING)
    tail = Tail(entry.line, entry.offset, entry.stdout, count, entry)
    for block in read_blocks(log, entry.offset, size):
        sound = block[: whole_records(block)]
        for records, lines in in_stretches(sound, sound.count(b"\n"), LINES_PER_ENTRY):
            tail.add(len(records), lines, count_stdout(records))
        tail.is_truncated = tail.is_truncated or ends_with_notice(sound)
        if len(sound) < len(block):
            break
    return tail
