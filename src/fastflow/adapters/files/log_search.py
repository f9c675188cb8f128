"""Finds the records of a block that a reader asked for, many lines at a step."""

from collections.abc import Callable, Iterator

from fastflow.adapters.files.log_format import PREFIX_BYTES, STREAM_RECORD
from fastflow.domain.log import Stream

Finder = Callable[[bytes], Iterator[int]]
"""Yields where each wanted record of a block of whole records begins, in order."""


def records_of(stream: Stream) -> Finder:
    """Find the lines of one stream."""
    pattern = STREAM_RECORD[stream]

    def find(block: bytes) -> Iterator[int]:
        return (match.start() for match in pattern.finditer(block))

    return find


def records_with(text: str) -> Finder:
    """Find the lines that contain the text, ignoring case in ASCII letters."""
    # Bytes are lowered and compared as bytes: only ASCII changes, and invalid UTF-8 does no harm.
    needle = text.encode(errors="surrogatepass").lower()

    def find(block: bytes) -> Iterator[int]:
        lowered = block.lower()
        position = lowered.find(needle)
        while position >= 0:
            start = lowered.rfind(b"\n", 0, position) + 1
            if position < start + PREFIX_BYTES:
                # Time and kind are not text; a match that begins in them is none.
                position = lowered.find(needle, start + PREFIX_BYTES)
                continue
            yield start
            end = lowered.find(b"\n", position)
            position = lowered.find(needle, end + 1)

    return find
