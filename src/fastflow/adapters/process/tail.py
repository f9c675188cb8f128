"""Turns the shim's growing record into lines."""

import os
import time
from typing import Final

from fastflow.adapters.process.attempt import AttemptFolder
from fastflow.adapters.process.frames import STDERR, STDOUT, Frame, FrameReader
from fastflow.domain.line_splitter import LineSplitter
from fastflow.domain.log import Output, Stream, StreamCounts

_READ_BYTES: Final = 1024**2
_STREAMS: Final = {STDOUT: Stream.STDOUT, STDERR: Stream.STDERR}


class Tail:
    """Reads one attempt's output from its beginning, leaving out the lines that are stored."""

    def __init__(self, attempt: AttemptFolder, stored: StreamCounts) -> None:
        self.is_over = False
        """All of the output has been returned."""
        self._attempt = attempt
        self._splitter = LineSplitter(stored)
        self._frames = FrameReader()
        self._last_ns = time.time_ns()
        self._position = 0

    def read(self) -> list[Output]:
        """Return the next lines, at most about a mebibyte; none where the file has not grown."""
        # In this order: a shim that is gone has written everything before.
        was_over = self._attempt.is_over()
        data = self._read_file()
        batch: list[Output] = []
        for frame in self._frames.feed(data):
            batch += self._split(frame)
        if was_over and not data:
            torn = self._frames.torn()
            batch += self._split(torn) if torn is not None else []
            batch += self._splitter.finish(self._last_ns)
            self.is_over = True
        return batch

    def _split(self, frame: Frame) -> list[Output]:
        self._last_ns = frame.at_ns
        return self._splitter.feed(frame.at_ns, _STREAMS[frame.descriptor], frame.data)

    def _read_file(self) -> bytes:
        # Opened each time: whoever follows may be cancelled while a thread is in here.
        try:
            file = os.open(self._attempt.output, os.O_RDONLY)
        except FileNotFoundError:
            return b""
        try:
            data = os.pread(file, _READ_BYTES, self._position)
        finally:
            os.close(file)
        self._position += len(data)
        return data
