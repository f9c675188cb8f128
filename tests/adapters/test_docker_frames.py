"""The Engine's interleaved stream comes apart the same way however it was cut."""

import struct
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastflow.adapters.docker.frames import Frames, joined, stamped
from fastflow.domain.errors import Unavailable
from fastflow.domain.log import Stream

NUMBERS = {Stream.STDOUT: 1, Stream.STDERR: 2}
FRAMES = st.lists(st.tuples(st.sampled_from(Stream), st.binary(max_size=50)), max_size=20)


def encoded(frames: list[tuple[Stream, bytes]]) -> bytes:
    return b"".join(struct.pack(">BxxxL", NUMBERS[stream], len(data)) + data for stream, data in frames)


def chunks(data: bytes, cuts: list[int]) -> list[bytes]:
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[start:end] for start, end in pairwise(places)]


@given(FRAMES, st.lists(st.integers(min_value=0)))
def test_frames_come_out_whole_wherever_the_bytes_were_cut(
    wanted: list[tuple[Stream, bytes]], cuts: list[int]
) -> None:
    frames = Frames()
    seen = [frame for chunk in chunks(encoded(wanted), cuts) for frame in frames.feed(chunk)]
    assert seen == wanted
    assert frames.is_between_frames


@given(FRAMES)
def test_joining_keeps_bytes_and_order_and_never_mixes_streams(wanted: list[tuple[Stream, bytes]]) -> None:
    seen = list(joined(iter(wanted)))
    for stream in Stream:
        assert b"".join(data for of, data in seen if of is stream) == b"".join(
            data for of, data in wanted if of is stream
        )
    assert all(before[0] is not after[0] for before, after in pairwise(seen))


def test_a_stream_that_was_cut_is_noticed() -> None:
    frames = Frames()
    assert list(frames.feed(encoded([(Stream.STDOUT, b"line\n")])[:-1])) == []
    assert not frames.is_between_frames


def test_what_the_engine_says_instead_of_output_is_an_error() -> None:
    message = b"configured logging driver does not support reading"
    with pytest.raises(Unavailable, match="does not support reading"):
        list(Frames().feed(struct.pack(">BxxxL", 3, len(message)) + message))


def test_frames_before_the_broken_one_are_still_given() -> None:
    frames = Frames().feed(encoded([(Stream.STDERR, b"one\n")]) + b"HTTP/1.1 500")
    assert next(frames) == (Stream.STDERR, b"one\n")
    with pytest.raises(Unavailable):
        next(frames)


@given(st.datetimes(datetime(1980, 1, 1), datetime(2200, 1, 1)), st.integers(0, 999_999_999), st.binary())
def test_the_engines_stamp_is_read_to_the_nanosecond(moment: datetime, fraction: int, text: bytes) -> None:
    stamp = f"{moment:%Y-%m-%dT%H:%M:%S}.{fraction:09d}Z ".encode()
    seconds = int(moment.replace(tzinfo=UTC, microsecond=0).timestamp())
    (seen,) = stamped(iter([(Stream.STDOUT, stamp + text)]))
    assert seen == (seconds * 1_000_000_000 + fraction, Stream.STDOUT, text)


def test_messages_of_one_millisecond_share_a_time_and_others_do_not() -> None:
    def message(micros: int, text: str) -> bytes:
        return f"2026-01-31T12:00:00.{micros:06d}001Z {text}".encode()

    frames = [
        (Stream.STDOUT, message(0, "a\n")),
        (Stream.STDOUT, message(900, "b\n")),
        (Stream.STDOUT, message(1_100, "c\n")),
        (Stream.STDERR, message(1_200, "d\n")),
        (Stream.STDERR, message(999, "e\n")),
    ]
    seen = [(at_ns % 1_000_000_000, data) for at_ns, _, data in stamped(iter(frames))]
    assert seen == [(1, b"a\nb\n"), (1_100_001, b"c\n"), (1_200_001, b"d\n"), (999_001, b"e\n")]


@pytest.mark.parametrize("message", [b"", b"line\n", b"2026-01-31T12:00:00Z line\n", b"\xff" * 40])
def test_a_message_without_its_stamp_is_an_error(message: bytes) -> None:
    with pytest.raises(Unavailable):
        list(stamped(iter([(Stream.STDOUT, message)])))
