"""Looks after the files of a bare mirror: what a killed git left, how large it is, how it is deleted."""

import os
import re
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_REMOVING: Final = ".removing-"
_BROKEN: Final = "fastflow-broken"
"""A file in a mirror that says so: the next fetch makes it anew."""
_LEFTOVER: Final = re.compile(
    r".*\.lock|tmp_(pack|idx|rev|bitmap|mtimes|obj)_.*|\.tmp-.*|.*\.keep|shallow_\w{6}|\.removing-.*"
)
"""What git calls its unfinished files (tempfile.c, object-file.c, pack-write.c, shallow.c)."""


def is_sound(git_dir: Path) -> bool:
    """Whether there is a mirror that looks like one and was not found to be broken. Blocks on files."""
    has_all = all((git_dir / part).exists() for part in ("HEAD", "config", "objects", "refs"))
    return has_all and not (git_dir / _BROKEN).exists()


def mark_broken(git_dir: Path) -> None:
    """Let the next fetch make it anew. Blocks on files."""
    if git_dir.is_dir():
        (git_dir / _BROKEN).touch()


def clear_leftovers(git_dir: Path) -> None:
    """Delete what a killed git left unfinished. Only while no other runs there. Blocks on files."""
    for path in list(_files(git_dir)):
        if _LEFTOVER.fullmatch(path.name):
            path.unlink(missing_ok=True)


def size_bytes(git_dir: Path) -> int:
    """Return how much the objects take on disk. Blocks on files."""
    total = 0
    for path in _files(git_dir / "objects"):
        try:
            total += path.lstat().st_size
        except FileNotFoundError:
            continue  # it has got its final name meanwhile
    return total


def pack_count(git_dir: Path) -> int:
    """Return how many packs there are: one for each fetch since the last cleaning. Blocks on files."""
    return sum(path.suffix == ".pack" for path in _files(git_dir / "objects" / "pack"))


def delete(folder: Path) -> None:
    """Delete a mirror; at once gone under its own name. Blocks on files."""
    removing = folder.parent / f"{_REMOVING}{secrets.token_hex(8)}"
    try:
        folder.rename(removing)
    except FileNotFoundError:
        return
    _remove(removing)


def delete_rests(root: Path) -> None:
    """Delete what a crash left of deleted mirrors. Blocks on files."""
    if root.is_dir():
        for path in root.glob(f"{_REMOVING}*"):
            _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _files(folder: Path) -> Iterator[Path]:
    for parent, _, names in os.walk(folder):
        yield from (Path(parent, name) for name in names)
