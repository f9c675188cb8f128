"""Appends the payload's output to its file, waiting for space rather than losing any of it."""

import errno
import os
import time

from fastflow.adapters.process.frames import Frame, pack


class Recorder:
    """Owns the output file. While the disk is full, what it refused is kept and nothing more is taken."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._waiting = b""

    @property
    def is_blocked(self) -> bool:
        """Whether the disk has refused something that `flush` has to bring in first."""
        return bool(self._waiting)

    def record(self, descriptor: int, data: bytes) -> None:
        """Append what was read just now."""
        self._waiting += pack(Frame(time.time_ns(), descriptor, data))
        self.flush()

    def flush(self) -> None:
        """Write what waits, as far as there is space.

        Raises:
            OSError: the file can't be written for another reason than a full disk.
        """
        while self._waiting:
            try:
                written = os.write(self._file, self._waiting)
            except OSError as error:
                if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                    raise
                return
            self._waiting = self._waiting[written:]
