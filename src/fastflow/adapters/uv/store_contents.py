"""Says what a store of environments holds, and what of the disk each part takes."""

import os
import stat
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from fastflow.adapters.uv.builder import MARKER
from fastflow.adapters.uv.inspection import read_marker
from fastflow.domain.environment import KeptEnvironment, StoreContents


def contents_of(store: Path, last_used: Mapping[str, float]) -> StoreContents:
    """Look at every file of the environments and of the cache. Blocks on files.

    A file that has several names (uv links it from the cache into environments) counts for each name in
    part. `last_used` (Unix seconds by key) is what this process knows more exactly than the markers.
    """
    place = store / "env"
    keys = [entry.name for entry in os.scandir(place)] if place.is_dir() else []
    found = [kept for key in keys if (kept := _kept(place / key, last_used.get(key, 0.0))) is not None]
    found.sort(key=lambda each: each.last_used_at, reverse=True)
    cache, alone = 0.0, 0
    for file in _files(store / "cache"):
        cache += file.st_size / file.st_nlink
        if file.st_nlink == 1:
            alone += file.st_size
    return StoreContents(tuple(found), round(cache), alone)


def _kept(directory: Path, last_used: float) -> KeptEnvironment | None:
    """Return what is known of one; None where it is none, or not whole yet."""
    marker = read_marker(directory)
    if marker is None:
        return None
    try:
        asked_for = (directory / MARKER).stat().st_mtime
    except FileNotFoundError:
        return None  # collected meanwhile
    return KeptEnvironment(
        key=directory.name,
        lockfile_key=marker.lockfile_key,
        python_version=marker.python,
        disk_bytes=round(sum(file.st_size / file.st_nlink for file in _files(directory))),
        built_at=datetime.fromtimestamp(marker.created_at_seconds, UTC),
        last_used_at=datetime.fromtimestamp(max(asked_for, last_used), UTC),
    )


def _files(folder: Path) -> Iterator[os.stat_result]:
    """Yield what is known of every regular file; one that vanishes meanwhile is left out."""
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                file = os.lstat(os.path.join(parent, name))
            except FileNotFoundError:
                continue
            if stat.S_ISREG(file.st_mode):
                yield file
