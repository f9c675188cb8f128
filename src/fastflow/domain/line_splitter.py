"""Cuts the raw output of a program into whole lines, the same way however the bytes arrive."""

from typing import Final

from fastflow.domain.log import Output, Stream, StreamCounts

LONGEST_LINE_BYTES: Final = 16 * 1024**2
"""A longer line is stored in pieces of this size, so that memory stays bounded."""
NOTHING_STORED: Final = StreamCounts()


class LineSplitter:
    """Turns chunks of raw output into `Output`s of whole lines, leaving out those stored already.

    Of each stream the unterminated rest is kept until its newline, or `finish`, arrives. A line longer
    than `longest_line_bytes` becomes pieces of exactly that size, each an `Output` that `is_partial` and
    that counts as one line; what is left is its last line. Where the cuts fall depends on the bytes
    alone, never on how they were chunked: therefore counting lines is enough to resume.

    `skip` names how many lines of each stream to leave out: `LogWriter.stored` after a restart, when the
    output is read from its beginning once more.
    """

    def __init__(
        self, skip: StreamCounts = NOTHING_STORED, longest_line_bytes: int = LONGEST_LINE_BYTES
    ) -> None:
        self._longest = longest_line_bytes
        self._rests = {stream: bytearray() for stream in Stream}
        self._skip = {Stream.STDOUT: skip.stdout, Stream.STDERR: skip.stderr}
        self._seen = dict.fromkeys(Stream, 0)

    @property
    def seen(self) -> StreamCounts:
        """How many lines of each stream have come out so far, the skipped ones included."""
        return StreamCounts(self._seen[Stream.STDOUT], self._seen[Stream.STDERR])

    def feed(self, at_ns: int, stream: Stream, chunk: bytes) -> list[Output]:
        """Take the next bytes of a stream; return the lines that they complete, stamped `at_ns`."""
        rest = self._rests[stream]
        if len(rest) + len(chunk) > self._longest:
            return self._feed_beyond_longest(at_ns, stream, chunk)
        end = chunk.rfind(b"\n") + 1
        if not end:
            rest += chunk
            return []
        lines = b"".join((rest, chunk[:end])) if rest else chunk[:end]
        rest[:] = chunk[end:]
        return self._unskipped(Output(at_ns, stream, lines))

    def finish(self, at_ns: int) -> list[Output]:
        """Return what the program ended without a newline, stdout first. The output is complete."""
        outputs: list[Output] = []
        for stream, rest in self._rests.items():
            if rest:
                outputs += self._unskipped(Output(at_ns, stream, bytes(rest), is_partial=True))
                rest.clear()
        return outputs

    def _feed_beyond_longest(self, at_ns: int, stream: Stream, chunk: bytes) -> list[Output]:
        rest = self._rests[stream]
        waiting = b"".join((rest, chunk))
        outputs: list[Output] = []
        start = 0
        while start < len(waiting):
            # Every line that ends inside this window, its newline included, is short enough.
            end = waiting.rfind(b"\n", start, start + self._longest + 1) + 1
            is_piece = not end
            if is_piece:
                end = start + self._longest
                if end >= len(waiting):
                    break
            outputs += self._unskipped(Output(at_ns, stream, waiting[start:end], is_piece))
            start = end
        rest[:] = waiting[start:]
        return outputs

    def _unskipped(self, output: Output) -> list[Output]:
        count = output.lines
        self._seen[output.stream] += count
        skip = self._skip[output.stream]
        if not skip:
            return [output]
        self._skip[output.stream] = max(skip - count, 0)
        if skip >= count:
            return []
        return [output._replace(data=output.data.split(b"\n", skip)[-1])]
