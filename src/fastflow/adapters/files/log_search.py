"""Finds the records of a block that a reader asked for, many lines at a step."""

from collections.abc import Callable, Iterator

from fastflow.adapters.files.log_format import PREFIX_BYTES, RECORDS_OF_OTHERS
from fastflow.domain.log import Stream

Finder = Callable[[bytes], Iterator[int]]
"""Yields where each wanted record of a block of whole records begins, in order."""


def records_of(stream: Stream) -> Finder:
    """Find the lines of one stream."""
    others = RECORDS_OF_OTHERS[stream]

    def find(block: bytes) -> Iterator[int]:
        position = 0
        while position < len(block):
            skipped = others.match(block, position)
            position = skipped.end() if skipped else position
            if position < len(block):
                yield position
                position = block.find(b"\n", position) + 1

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
