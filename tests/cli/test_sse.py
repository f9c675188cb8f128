"""Taking a stream of events apart, however it arrives."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from fastflow.cli.sse import ServerEvent, SseParser

STREAM = (
    ": keep-alive\n\n"
    'id: 0\ndata: {"line":"größe"}\n\n'
    "event: end\r\ndata: first\r\ndata: second\r\n\r\n"
    "event: without data\n\n"
    "id: 7\ndata:\n\n"
    "data: unfinished\n"
).encode()
EVENTS = [
    ServerEvent("message", "0", '{"line":"größe"}'),
    ServerEvent("end", None, "first\nsecond"),
    ServerEvent("message", "7", ""),
]


@given(st.lists(st.integers(0, len(STREAM)), max_size=20))
def test_events_are_the_same_wherever_the_chunks_were_cut(cuts: list[int]) -> None:
    parser = SseParser()
    edges = [0, *sorted(cuts), len(STREAM)]
    events: list[ServerEvent] = []
    for start, end in pairwise(edges):
        events += parser.feed(STREAM[start:end])
    assert events == EVENTS
