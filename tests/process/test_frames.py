"""The record of the output survives being read in pieces, and being torn."""

from hypothesis import given
from hypothesis import strategies as st

from fastflow.adapters.process.frames import STDERR, STDOUT, Frame, FrameReader, pack

frames = st.lists(
    st.builds(
        Frame, st.integers(0, 2**62), st.sampled_from([STDOUT, STDERR]), st.binary(min_size=1, max_size=50)
    )
)


@given(frames, st.integers(1, 40))
def test_frames_come_out_as_they_went_in_however_the_file_is_read(written: list[Frame], size: int):
    data = b"".join(pack(frame) for frame in written)
    reader = FrameReader()
    read: list[Frame] = []
    for start in range(0, len(data), size):
        read += reader.feed(data[start : start + size])
    assert read == written
    assert reader.torn() is None


@given(st.binary(min_size=1, max_size=50), st.integers(0, 70))
def test_of_a_torn_frame_what_was_written_is_kept(data: bytes, cut: int):
    packed = pack(Frame(7, STDERR, data))
    header = len(packed) - len(data)
    reader = FrameReader()
    assert list(reader.feed(packed[: min(cut, len(packed) - 1)])) == []
    torn = reader.torn()
    kept = data[: max(min(cut, len(packed) - 1) - header, 0)]
    assert (torn.data if torn else b"") == kept
