"""What one append adds to a log, worked out before anything is written."""

from collections.abc import Sequence
from copy import copy

from fastflow.adapters.files.log_format import encode, encode_notice, in_stretches
from fastflow.adapters.files.log_index import LINES_PER_ENTRY
from fastflow.adapters.files.log_tail import Tail
from fastflow.domain.log import Output, Stream, StreamCounts


def encode_batch(tail: Tail, outputs: Sequence[Output], max_bytes: int) -> tuple[bytes, Tail]:
    """Return the records to write after `tail`, and the tail once they and their index are written.

    The first line that would not fit into `max_bytes` becomes the notice, and nothing follows it. Which
    line that is depends on the lines alone, not on batches: so a log resumed after a crash ends alike.
    """
    grown = copy(tail)
    grown.new_entries = []
    parts: list[bytes] = []
    for output in outputs:
        if not output.data and not output.is_partial:
            continue
        lines = output.lines
        records = encode(output)
        room = max(max_bytes - grown.size_bytes, 0)
        is_full = len(records) > room
        if is_full:
            records = records[: records.rfind(b"\n", 0, room) + 1]
            lines = records.count(b"\n")
        is_stdout = output.stream is Stream.STDOUT
        for part, part_lines in in_stretches(records, lines, LINES_PER_ENTRY):
            grown.add(len(part), part_lines, part_lines if is_stdout else 0)
        parts.append(records)
        if is_full:
            notice = encode_notice(output.at_ns, max_bytes)
            grown.add(len(notice), 1, 0)
            grown.is_truncated = True
            parts.append(notice)
            break
    return b"".join(parts), grown


def count_lines(outputs: Sequence[Output]) -> StreamCounts:
    """Return how many lines of each stream these outputs hold."""
    stdout = sum(output.lines for output in outputs if output.stream is Stream.STDOUT)
    return StreamCounts(stdout, sum(output.lines for output in outputs) - stdout)
