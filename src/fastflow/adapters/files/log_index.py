"""The sparse index beside a log: where some of its lines begin."""

import os
import struct
from bisect import bisect_right
from itertools import pairwise
from typing import Final, NamedTuple

LINES_PER_ENTRY: Final = 1000
BYTES_PER_ENTRY: Final = 1024**2
"""An entry comes after this many lines or bytes, whichever is first."""

_ENTRY: Final = struct.Struct("<qqq")
ENTRY_BYTES: Final = _ENTRY.size


class IndexEntry(NamedTuple):
    """The beginning of one line."""

    line: int
    offset: int
    """Bytes from the beginning of the log."""
    stdout: int
    """How many of the lines before are of standard output."""

    def packed(self) -> bytes:
        """Return the entry as it is stored."""
        return _ENTRY.pack(*self)


BEGINNING: Final = IndexEntry(0, 0, 0)
"""The first line needs no stored entry."""


def find_entry(file: int, entries: int, line: int) -> IndexEntry:
    """Return the last of the first `entries` stored entries that is not beyond `line`."""

    def entry(position: int) -> IndexEntry:
        stored = os.pread(file, ENTRY_BYTES, position * ENTRY_BYTES)
        return IndexEntry._make(_ENTRY.unpack(stored)) if len(stored) == ENTRY_BYTES else BEGINNING

    position = bisect_right(range(entries), line, key=lambda at: entry(at).line)
    return entry(position - 1) if position else BEGINNING


def sound_entries(file: int, log: int, log_bytes: int) -> tuple[int, IndexEntry]:
    """Count the leading entries that fit a log of that size; return the last of them too.

    After a crash the index may be missing, torn, or ahead of the log.
    """
    stored = os.pread(file, os.fstat(file).st_size, 0)
    whole = len(stored) - len(stored) % ENTRY_BYTES
    entries = [BEGINNING, *map(IndexEntry._make, _ENTRY.iter_unpack(stored[:whole]))]
    count = 0
    for before, after in pairwise(entries):
        if not (before.line < after.line and before.offset < after.offset <= log_bytes):
            break
        count += 1
    while count and os.pread(log, 1, entries[count].offset - 1) != b"\n":
        count -= 1
    return count, entries[count]
