"""Keeps the samples of attempts as files: one append-only file of fixed-size records for each."""

import asyncio
import os
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from fastflow.adapters.files.log_disk import reporting_a_full_disk, run_to_end, write_at
from fastflow.adapters.files.log_paths import attempt_file
from fastflow.domain.log import LogKey, Sample
from fastflow.domain.ports import MetricStore

_RECORD: Final = struct.Struct("<qdq")


class FileMetricStore(MetricStore):
    """Samples below `root`, beside the logs, so that `FileLogStore.delete` removes them too.

    Both methods raise `Invalid` (`run_id_invalid`) where the run's id is not a UUID in lower case.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    async def append(self, key: LogKey, samples: Sequence[Sample]) -> None:
        """Store samples at the end; one write for all of them.

        Raises:
            Unavailable: `disk_full`; none of them was stored.
        """
        if samples:
            path = attempt_file(self._root, key, "metrics")
            await run_to_end(lambda: _append(path, samples))

    async def read(self, key: LogKey, from_sample: int = 0) -> list[Sample]:
        """Return the samples from that position on; empty where there are none."""
        path = attempt_file(self._root, key, "metrics")
        return await asyncio.to_thread(_read, path, max(from_sample, 0))

    async def newest(self, keys: Sequence[LogKey]) -> list[Sample | None]:
        """Return the last sample of each attempt; None where there are none."""
        paths = [attempt_file(self._root, key, "metrics") for key in keys]
        return await asyncio.to_thread(lambda: [_read_last(path) for path in paths]) if paths else []


def _append(path: Path, samples: Sequence[Sample]) -> None:
    with reporting_a_full_disk():
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o640)
    try:
        # A sample that a crash tore in two is overwritten, or the later ones would be out of step.
        size = os.fstat(file).st_size
        write_at(file, b"".join(_RECORD.pack(*sample) for sample in samples), size - size % _RECORD.size)
    finally:
        os.close(file)


def _read(path: Path, from_sample: int) -> list[Sample]:
    try:
        with path.open("rb") as file:
            file.seek(from_sample * _RECORD.size)
            stored = file.read()
    except FileNotFoundError:
        return []
    whole = len(stored) - len(stored) % _RECORD.size
    return [Sample._make(fields) for fields in _RECORD.iter_unpack(stored[:whole])]


def _read_last(path: Path) -> Sample | None:
    try:
        with path.open("rb") as file:
            whole = file.seek(0, os.SEEK_END) // _RECORD.size
            if not whole:
                return None
            file.seek((whole - 1) * _RECORD.size)
            return Sample._make(_RECORD.unpack(file.read(_RECORD.size)))
    except FileNotFoundError:
        return None
