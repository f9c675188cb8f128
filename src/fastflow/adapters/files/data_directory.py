"""Measures the data directory."""

import asyncio
import os
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Final

from fastflow.domain.errors import Unavailable
from fastflow.domain.server_ports import Size, Space

_BLOCK_BYTES: Final = 512
"""What `st_blocks` counts (POSIX)."""


class FileDataDirectory:
    """Fulfils `DataDirectory`."""

    def __init__(self, path: Path, patience: timedelta = timedelta(milliseconds=300)) -> None:
        """`patience`: how long files are added up while somebody waits."""
        self._path = path
        self._patience_seconds = patience.total_seconds()

    async def space(self) -> Space:
        """Say how much there is, and how much of it is left: see `DataDirectory.space`."""
        try:
            usage = await asyncio.to_thread(shutil.disk_usage, self._path)
        except OSError as error:
            raise Unavailable(
                "disk_failed", f"The data directory can't be read: {error.strerror}."
            ) from error
        return Space(usage.free, usage.total)

    async def size(self) -> Size:
        """Add up what the data directory takes: see `DataDirectory.size`."""
        try:
            return await asyncio.to_thread(_size_of, self._path, time.monotonic() + self._patience_seconds)
        except OSError as error:
            raise Unavailable(
                "disk_failed", f"The data directory can't be read: {error.strerror}."
            ) from error


def _size_of(root: Path, until: float) -> Size:
    """Add up the blocks of all files, those with several names once, without what vanishes meanwhile."""
    seen: set[tuple[int, int]] = set()
    total, waiting = 0, [str(root)]
    while waiting:
        if time.monotonic() >= until:
            return Size(total, is_complete=False)
        for status, path in _entries(waiting.pop()):
            if stat.S_ISDIR(status.st_mode):
                waiting.append(path)
            elif status.st_nlink > 1:
                if (status.st_dev, status.st_ino) in seen:
                    continue
                seen.add((status.st_dev, status.st_ino))
            total += status.st_blocks * _BLOCK_BYTES
    return Size(total, is_complete=True)


def _entries(folder: str) -> Iterator[tuple[os.stat_result, str]]:
    with suppress(FileNotFoundError, PermissionError), os.scandir(folder) as entries:
        for entry in entries:
            with suppress(FileNotFoundError):
                yield entry.stat(follow_symlinks=False), entry.path
