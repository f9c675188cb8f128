"""Decides which folders and files of the host a container may be given."""

import os
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fastflow.docker_proxy.refusal import Refused

_LONGEST: Final = 4096


@dataclass(frozen=True, slots=True)
class BindSource:
    """A folder or file as it was when it was looked at."""

    path: str
    """Without any link in it."""
    device: int
    inode: int
    is_file: bool


def resolve_below(source: str, roots: Sequence[Path], setting: str) -> BindSource:
    """Return what really lies there: below one of the roots, whatever links say. Blocks.

    A root itself may be given only where it is a file.

    Raises:
        Refused: it lies elsewhere, does not exist, or is neither folder nor file.
    """
    found = _resolve(source)
    place = Path(found.path)
    if not any(root in place.parents or (root == place and found.is_file) for root in roots):
        below = ", ".join(str(root) for root in roots)
        raise Refused(f"{source} is {found.path}, which does not lie below {below} ({setting})")
    return found


def resolve_same(source: str, place: Path, setting: str) -> BindSource:
    """Return what lies there, if it is exactly that place. Blocks.

    Raises:
        Refused: it is another.
    """
    found = _resolve(source)
    if found.path != str(place):
        raise Refused(f"{source} is not {place} ({setting})")
    return found


def check_unmoved(sources: Iterable[BindSource]) -> None:
    """Look again just before the Engine mounts them: the server may have replaced a folder by a link. Blocks.

    Raises:
        Refused: something else lies there now.
    """
    for source in sources:
        if _resolve(source.path) != source:
            raise Refused(f"{source.path} was replaced since the container was created")


def resolve_again(paths: Sequence[str]) -> list[BindSource]:
    """Return what lies at paths that had no link in them when they were admitted. Blocks.

    Raises:
        Refused: one has a link in it now.
    """
    found = [_resolve(path) for path in paths]
    for source, path in zip(found, paths, strict=True):
        if source.path != path:
            raise Refused(f"{path} was replaced since the container was created")
    return found


def _resolve(source: str) -> BindSource:
    if not source.startswith("/") or len(source) > _LONGEST or os.path.normpath(source) != source:
        raise Refused(f"{source[:200]!a} is no plain absolute path")
    try:
        path = os.path.realpath(source, strict=True)
        status = os.stat(path, follow_symlinks=False)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it can't be a path"
        raise Refused(f"{source} can't be looked at from here: {reason}") from error
    if not (stat.S_ISDIR(status.st_mode) or stat.S_ISREG(status.st_mode)):
        raise Refused(f"{source} is neither a folder nor a file")
    return BindSource(path, status.st_dev, status.st_ino, is_file=stat.S_ISREG(status.st_mode))
