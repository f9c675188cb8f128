"""Deletes what nobody has asked for in a long time: environments, lockfiles, halves that a crash left."""

import os
import secrets
import shutil
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Final

from fastflow.adapters.uv.builder import BUILDING, MARKER
from fastflow.adapters.uv.file_lock import try_lock

LOCKFILES_KEPT: Final = timedelta(days=365)
"""They are small, and a run can be repeated exactly only while its lockfile is there."""
_REMOVING: Final = ".removing-"


def collect(store: Path, unused_for: timedelta, keep: set[str], last_used: Mapping[str, float]) -> int:
    """Delete environments unused for that long and not in `keep`; return how many. Blocks on files.

    `last_used` (Unix seconds by key) is what this process knows more exactly than the markers. An
    environment that is being built, here or by another process, stays.
    """
    place = store / "env"
    if not place.is_dir():
        return 0
    born_before = time.time() - unused_for.total_seconds()
    removed = 0
    for entry in list(os.scandir(place)):
        if entry.name.startswith(_REMOVING):
            shutil.rmtree(entry.path, ignore_errors=True)  # another process may be at it
        elif entry.name.startswith(BUILDING):
            key = entry.name.removeprefix(BUILDING).rsplit("-", 1)[0]
            _remove_unless_locked(store, key, Path(entry.path), born_before=None)
        elif entry.name not in keep and last_used.get(entry.name, 0.0) <= born_before:
            removed += _remove_unless_locked(store, entry.name, Path(entry.path), born_before)
    _remove_lockfiles(store / "lock", max(unused_for, LOCKFILES_KEPT))
    return removed


def _remove_unless_locked(store: Path, key: str, directory: Path, born_before: float | None) -> bool:
    lock = store / "locks" / key
    descriptor = try_lock(lock)
    if descriptor is None:
        return False
    try:
        if not directory.exists():
            return False
        if born_before is not None and _last_asked_for(directory) > born_before:
            return False
        removing = directory.with_name(f"{_REMOVING}{secrets.token_hex(4)}")
        directory.rename(removing)  # from now on nobody takes it for an environment
        shutil.rmtree(removing)
        lock.unlink()
    finally:
        os.close(descriptor)
    return True


def _last_asked_for(directory: Path) -> float:
    try:
        return (directory / MARKER).stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _remove_lockfiles(place: Path, unused_for: timedelta) -> None:
    if not place.is_dir():
        return
    born_before = time.time() - unused_for.total_seconds()
    for entry in list(os.scandir(place)):
        if entry.stat().st_mtime <= born_before:
            os.unlink(entry.path)
            (place.with_name("locks") / Path(entry.name).stem).unlink(missing_ok=True)
