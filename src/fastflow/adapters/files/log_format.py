r"""The record of one log line on disk, as bytes.

    1732392826123456789o text of the line\n

Nineteen digits of Unix time in nanoseconds, one letter for the kind, a space, the bytes of the line, a
newline. The prefix has a fixed width, so that many lines are encoded by one `replace` and any line is
decoded by slicing; nothing is escaped because a line can't contain a newline.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from fastflow.domain.limits import format_bytes
from fastflow.domain.log import LogLine, Output, Stream

PREFIX_BYTES: Final = 21
_TIME_BYTES: Final = 19
_LATEST_NS: Final = 10**_TIME_BYTES - 1
_KINDS: Final = {
    (Stream.STDOUT, False): b"o",
    (Stream.STDOUT, True): b"O",
    (Stream.STDERR, False): b"e",
    (Stream.STDERR, True): b"E",
}
_NOTICE: Final = ord("n")
_STREAMS: Final = {
    ord("o"): Stream.STDOUT,
    ord("O"): Stream.STDOUT,
    ord("e"): Stream.STDERR,
    ord("E"): Stream.STDERR,
    _NOTICE: Stream.STDERR,
}
_PARTIAL: Final = b"OE"
_WHOLE_RECORDS: Final = re.compile(rb"(?:\d{19}[oOeEn] [^\n]*+\n)*+")
_STRETCH: Final = re.compile(rb"(?m)^(?:(\d{19}[oen] )[^\n]*+\n(?:\1[^\n]*+\n)*+|\d{19}[OE] [^\n]*+\n)")
"""Lines that ended with a newline as far as they share time and kind, or one that did not."""
_KIND_OF_RECORD: Final = re.compile(rb"(?m)^\d{19}([oOeEn]) [^\n]*+\n")
RECORDS_OF_OTHERS: Final = {
    Stream.STDOUT: re.compile(rb"(?:\d{19}[eEn] [^\n]*+\n)*+"),
    Stream.STDERR: re.compile(rb"(?:\d{19}[oO] [^\n]*+\n)*+"),
}
"""Matches a run of records that are not of the stream; the notice counts as stderr."""

_FOOTER: Final = b"%019dc %019d %019d %d\n"
_FOOTER_PATTERN: Final = re.compile(rb"(?:^|\n)\d{19}c (\d{19}) (\d{19}) ([01])\n\Z")
FOOTER_BYTES: Final = len(_FOOTER % (0, 0, 0, 0))


class Footer(NamedTuple):
    """What the last record of a complete log says; readers never see it as a line."""

    lines: int
    stdout: int
    is_truncated: bool


def encode(output: Output) -> bytes:
    """Return the records of an output's lines.

    Raises:
        ValueError: the output is not made of whole lines, or a partial line holds a newline.
    """
    at_ns = min(max(output.at_ns, 0), _LATEST_NS)
    prefix = b"%019d%c " % (at_ns, _KINDS[output.stream, output.is_partial])
    if output.is_partial:
        if b"\n" in output.data:
            raise ValueError("a partial output is one line without a newline")
        return b"%b%b\n" % (prefix, output.data)
    if not output.data.endswith(b"\n"):
        raise ValueError("an output ends with a newline, or is partial")
    return prefix + output.data[:-1].replace(b"\n", b"\n" + prefix) + b"\n"


def decode(number: int, record: bytes) -> LogLine:
    """Return the line of a record given without its newline."""
    kind = record[_TIME_BYTES]
    return LogLine(number, int(record[:_TIME_BYTES]), _STREAMS[kind], record[PREFIX_BYTES:], kind in _PARTIAL)


def decode_stretches(records: bytes) -> Iterator[Output]:
    """Yield whole records as outputs, those together that follow each other with one prefix."""
    for stretch in _STRETCH.finditer(records):
        prefix, start = stretch[1], stretch.start()
        kind = records[start + _TIME_BYTES]
        data = records[start + PREFIX_BYTES : stretch.end()]
        is_partial = prefix is None
        data = data[:-1] if is_partial else data.replace(b"\n" + prefix, b"\n")
        at_ns = int(records[start : start + _TIME_BYTES])
        yield Output(at_ns, _STREAMS[kind], data, is_partial)


def encode_notice(at_ns: int, max_bytes: int) -> bytes:
    """Return the record that tells readers why the log ends here."""
    size = format_bytes(max_bytes).encode()
    return b"%019dn [fastflow] log limit of %b reached; later lines are not stored, the run goes on\n" % (
        min(max(at_ns, 0), _LATEST_NS),
        size,
    )


def ends_with_notice(records: bytes) -> bool:
    """Say whether the last of these whole records is the notice of the size limit."""
    start = records.rfind(b"\n", 0, -1) + 1
    return len(records) > PREFIX_BYTES and records[start + _TIME_BYTES] == _NOTICE


def encode_footer(at_ns: int, footer: Footer) -> bytes:
    """Return the record that ends a complete log."""
    return _FOOTER % (at_ns, footer.lines, footer.stdout, footer.is_truncated)


def find_footer(end_of_file: bytes) -> Footer | None:
    """Read the footer out of the last `FOOTER_BYTES` + 1 bytes of a log; None where there is none."""
    match = _FOOTER_PATTERN.search(end_of_file)
    return Footer(int(match[1]), int(match[2]), match[3] == b"1") if match else None


def whole_records(block: bytes) -> int:
    """Return how many bytes at the beginning of `block` are whole, valid records."""
    match = _WHOLE_RECORDS.match(block)
    return match.end() if match else 0


def count_stdout(records: bytes) -> int:
    """Return how many of these whole records are lines of standard output."""
    kinds: list[bytes] = _KIND_OF_RECORD.findall(records)
    return kinds.count(b"o") + kinds.count(b"O")


def end_of_lines(records: bytes, start: int, lines: int) -> int:
    """Return where that many lines from `start` on end; there must be as many."""
    if not lines:
        return start
    position = start
    window = 1 << 16
    while window:
        count = records.count(b"\n", position, position + window)
        if count < lines:
            lines -= count
            position += window
        else:
            window //= 2
    return position + 1


def in_stretches(records: bytes, lines: int, longest: int) -> Iterator[tuple[bytes, int]]:
    """Cut records into parts of at most `longest` lines; yield each with its number of lines."""
    start = 0
    while lines > longest:
        end = end_of_lines(records, start, longest)
        yield records[start:end], longest
        start = end
        lines -= longest
    yield records[start:], lines
