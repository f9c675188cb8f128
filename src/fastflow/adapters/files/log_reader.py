"""Reads stretches of a log, whoever writes it meanwhile."""

import os
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from fastflow.adapters.files.log_format import decode, decode_stretches, end_of_lines
from fastflow.adapters.files.log_index import BEGINNING, find_entry
from fastflow.adapters.files.log_search import Finder
from fastflow.adapters.files.log_tail import Tail, read_blocks, survey
from fastflow.domain.log import LogHits, LogLine, LogPage, Output, OutputPage

PAGE_BYTES: Final = 8 * 1024**2
"""A page ends with the line that reaches this size."""
LOOKED_AT_BYTES: Final = 64 * 1024**2
"""A filter or a search looks at no more than about this much of a log in one call."""


class LogReader:
    """One look at a log as far as `tail` says it has grown. Calls block; memory is bounded."""

    def __init__(self, log: int, index: int | None, tail: Tail) -> None:
        self._log = log
        self._index = index
        self.tail = tail

    def page(self, from_line: int, limit: int) -> LogPage:
        """Return up to `limit` lines, of `PAGE_BYTES` in all."""
        lines: list[LogLine] = []
        size = 0
        for block in self._blocks(from_line) if limit > 0 else ():
            for record in block.split(b"\n", limit - len(lines))[:-1]:
                lines.append(decode(from_line + len(lines), record))
                size += len(record)
                if size >= PAGE_BYTES:
                    break
            if size >= PAGE_BYTES or len(lines) >= limit:
                break
        return LogPage(lines, from_line + len(lines))

    def outputs(self, from_line: int, limit: int) -> OutputPage:
        """Return up to `limit` lines, of about `PAGE_BYTES` in all, as outputs."""
        outputs: list[Output] = []
        number, size = from_line, 0
        for block in self._blocks(from_line) if limit > 0 else ():
            lines = min(block.count(b"\n"), from_line + limit - number)
            outputs += decode_stretches(block[: end_of_lines(block, 0, lines)])
            number += lines
            size += len(block)
            if size >= PAGE_BYTES or number >= from_line + limit:
                break
        return OutputPage(outputs, number)

    def matching(self, find: Finder, from_line: int, limit: int) -> LogPage:
        """Return up to `limit` lines that `find` finds, having looked at about `LOOKED_AT_BYTES`.

        Fewer lines, even none, do not mean the end: the log is read to its end where `next_line` is
        the number of its lines.
        """
        lines: list[LogLine] = []
        looked_at = size = 0
        number = from_line
        for block in self._blocks(from_line) if limit > 0 else ():
            counted = 0
            for start in find(block):
                number += block.count(b"\n", counted, start)
                end = block.find(b"\n", start)
                lines.append(decode(number, block[start:end]))
                number += 1
                counted = end + 1
                size += end - start
                if len(lines) >= limit or size >= PAGE_BYTES:
                    return LogPage(lines, number)
            number += block.count(b"\n", counted)
            looked_at += len(block)
            if looked_at >= LOOKED_AT_BYTES:
                break
        return LogPage(lines, number)

    def hits(self, find: Finder, from_line: int, limit: int, budget_seconds: float) -> LogHits:
        """Return the numbers of up to `limit` lines that `find` finds, having looked for about that long."""
        numbers: list[int] = []
        number = from_line
        until = time.monotonic() + budget_seconds
        for block in self._blocks(from_line) if limit > 0 else ():
            counted = 0
            for start in find(block):
                number += block.count(b"\n", counted, start)
                numbers.append(number)
                counted = block.find(b"\n", start) + 1
                number += 1
                if len(numbers) >= limit:
                    return LogHits(numbers, number)
            number += block.count(b"\n", counted)
            if time.monotonic() >= until:
                break
        return LogHits(numbers, number)

    def _blocks(self, from_line: int) -> Iterator[bytes]:
        """Yield the lines from `from_line` on, in blocks."""
        if from_line >= self.tail.lines:
            return
        entry = BEGINNING
        if self._index is not None:
            entry = find_entry(self._index, self.tail.entries, from_line)
        to_skip = from_line - entry.line
        for block in read_blocks(self._log, entry.offset, self.tail.size_bytes):
            # Without an index the lines to skip may be many blocks.
            count = block.count(b"\n") if to_skip else 0
            if to_skip and count <= to_skip:
                to_skip -= count
                continue
            yield block[end_of_lines(block, 0, to_skip) :] if to_skip else block
            to_skip = 0


@contextmanager
def open_for_reading(log: Path, index: Path, tail: Tail | None) -> Generator[LogReader]:
    """Open a log as far as it has grown; `tail` is None where no writer knows and the files must tell.

    Raises:
        FileNotFoundError: no such log.
    """
    log_file = os.open(log, os.O_RDONLY)
    try:
        index_file = _open_if_there(index)
        try:
            if tail is None:
                tail = survey(log_file, index_file)
            yield LogReader(log_file, index_file, tail)
        finally:
            if index_file is not None:
                os.close(index_file)
    finally:
        os.close(log_file)


def _open_if_there(path: Path) -> int | None:
    try:
        return os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return None
