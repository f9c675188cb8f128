"""Deletes what nobody has asked for in a long time: environments, lockfiles, halves that a crash left."""

import os
import secrets
import shutil
import time
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Final

from fastflow.adapters.uv.builder import BUILDING, MARKER
from fastflow.adapters.uv.file_lock import try_lock
from fastflow.domain.environment import KeptEnvironment

LOCKFILES_KEPT: Final = timedelta(days=365)
"""They are small, and a run can be repeated exactly only while its lockfile is there."""
_REMOVING: Final = ".removing-"
_ROUNDED_SECONDS: Final = 1.0
"""More than a time loses on its way through a datetime, less than anybody asks twice in."""


def remove(store: Path, environments: Iterable[KeptEnvironment]) -> list[KeptEnvironment]:
    """Delete these; return those that went. Blocks on files.

    One that was asked for meanwhile, or is being built by this or another process, stays.
    """
    return [
        each
        for each in environments
        if _remove_unless_locked(store, each.key, store / "env" / each.key, each.last_used_at.timestamp())
    ]


def remove_leftovers(store: Path) -> None:
    """Delete the halves that a crash left, and lockfiles that nobody asks for. Blocks on files."""
    place = store / "env"
    for entry in list(os.scandir(place)) if place.is_dir() else []:
        if entry.name.startswith(_REMOVING):
            shutil.rmtree(entry.path, ignore_errors=True)  # another process may be at it
        elif entry.name.startswith(BUILDING):
            key = entry.name.removeprefix(BUILDING).rsplit("-", 1)[0]
            _remove_unless_locked(store, key, Path(entry.path), unused_since=None)
    for place in (store / "lock", store / "lock-times"):
        _remove_lockfiles(place, LOCKFILES_KEPT)


def _remove_unless_locked(store: Path, key: str, directory: Path, unused_since: float | None) -> bool:
    lock = store / "locks" / key
    descriptor = try_lock(lock)
    if descriptor is None:
        return False
    try:
        if not directory.exists():
            return False
        if unused_since is not None and _last_asked_for(directory) > unused_since + _ROUNDED_SECONDS:
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
