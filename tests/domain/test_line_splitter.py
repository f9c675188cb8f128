"""Cutting raw output into lines: independent of chunking, and resumable by count."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastflow.domain.line_splitter import LineSplitter
from fastflow.domain.log import Output, Stream, StreamCounts

LONGEST = 5

raw_output = st.lists(st.sampled_from([b"\n", b"a", b"\r", b"\x00", b"\xff", b"long"])).map(b"".join)
chunks_of_both = st.lists(st.tuples(st.sampled_from(Stream), raw_output))


def lines_of(outputs: Sequence[Output], stream: Stream) -> list[tuple[bytes, bool]]:
    """Return each line of one stream with whether it is partial."""
    lines: list[tuple[bytes, bool]] = []
    for output in outputs:
        if output.stream is stream and output.is_partial:
            lines.append((output.data, True))
        elif output.stream is stream:
            assert output.data.endswith(b"\n")
            lines += [(text, False) for text in output.data[:-1].split(b"\n")]
    return lines


def split(splitter: LineSplitter, chunks: Sequence[tuple[Stream, bytes]]) -> list[Output]:
    outputs = [output for stream, chunk in chunks for output in splitter.feed(1, stream, chunk)]
    return outputs + splitter.finish(2)


def expected_lines(raw: bytes) -> list[tuple[bytes, bool]]:
    """Cut byte by byte, as slowly and plainly as possible."""
    lines: list[tuple[bytes, bool]] = []
    line = b""
    for byte in raw:
        if byte == ord("\n"):
            lines.append((line, False))
            line = b""
        elif len(line) == LONGEST:
            lines.append((line, True))
            line = bytes([byte])
        else:
            line += bytes([byte])
    return [*lines, (line, True)] if line else lines


@given(chunks_of_both)
def test_any_chunking_yields_the_same_lines(chunks: list[tuple[Stream, bytes]]) -> None:
    splitter = LineSplitter(longest_line_bytes=LONGEST)
    outputs = split(splitter, chunks)
    for stream in Stream:
        raw = b"".join(chunk for of, chunk in chunks if of is stream)
        assert lines_of(outputs, stream) == expected_lines(raw)
    assert splitter.seen.total == sum(output.lines for output in outputs)


@given(chunks_of_both, st.integers(0, 12), st.integers(0, 12))
def test_skipping_yields_exactly_the_tail_of_each_stream(
    chunks: list[tuple[Stream, bytes]], stdout: int, stderr: int
) -> None:
    everything = split(LineSplitter(longest_line_bytes=LONGEST), chunks)
    resumed = split(LineSplitter(StreamCounts(stdout, stderr), LONGEST), chunks)
    assert lines_of(resumed, Stream.STDOUT) == lines_of(everything, Stream.STDOUT)[stdout:]
    assert lines_of(resumed, Stream.STDERR) == lines_of(everything, Stream.STDERR)[stderr:]


def test_lines_that_arrive_together_stay_one_output() -> None:
    splitter = LineSplitter()
    assert splitter.feed(1, Stream.STDOUT, b"a\nb\n\nc") == [Output(1, Stream.STDOUT, b"a\nb\n\n")]
    assert splitter.feed(2, Stream.STDOUT, b"d\n") == [Output(2, Stream.STDOUT, b"cd\n")]


def test_the_rest_of_one_stream_does_not_mix_with_the_other() -> None:
    splitter = LineSplitter()
    assert splitter.feed(1, Stream.STDOUT, b"out") == []
    assert splitter.feed(2, Stream.STDERR, b"err\n") == [Output(2, Stream.STDERR, b"err\n")]
    assert splitter.feed(3, Stream.STDOUT, b"put\n") == [Output(3, Stream.STDOUT, b"output\n")]


def test_a_last_line_without_newline_is_partial_and_comes_once() -> None:
    splitter = LineSplitter()
    assert splitter.feed(1, Stream.STDERR, b"Traceback") == []
    assert splitter.finish(2) == [Output(2, Stream.STDERR, b"Traceback", is_partial=True)]
    assert splitter.finish(3) == []


@pytest.mark.parametrize("chunk_bytes", [1 << 16, 1 << 20, 40 << 20])
def test_a_line_beyond_16_mib_becomes_pieces_that_join_to_the_same_bytes(chunk_bytes: int) -> None:
    raw = bytes(range(11, 251)) * 150_000 + b"\nnext\n"
    chunks = [(Stream.STDOUT, raw[at : at + chunk_bytes]) for at in range(0, len(raw), chunk_bytes)]
    outputs = split(LineSplitter(), chunks)
    lines = lines_of(outputs, Stream.STDOUT)
    assert [len(text) for text, _ in lines] == [16 << 20, 16 << 20, 36_000_000 - (32 << 20), 4]
    assert [is_partial for _, is_partial in lines] == [True, True, False, False]
    assert b"".join(text for text, _ in lines[:3]) == raw[:-6]
