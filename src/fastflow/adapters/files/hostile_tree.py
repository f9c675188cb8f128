"""Deletes a directory tree that somebody hostile has filled."""

import os
import secrets
from pathlib import Path
from typing import Final

_OPEN_DIRECTORY: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def remove_tree(root: Path) -> None:
    """Delete `root` and everything below it; links are deleted, never followed.

    Works on trees deeper than the longest path and the deepest recursion: directories found inside others
    are moved up beside them, so two open files are enough. Directories that their owner closed (mode 000)
    are opened again where we are that owner.

    Raises:
        OSError: something could not be deleted; the rest may be left.
    """
    parent = os.open(root.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        top = _open_directory(parent, root.name)
        try:
            _empty(top)
        finally:
            os.close(top)
        os.rmdir(root.name, dir_fd=parent)
    finally:
        os.close(parent)


def _empty(top: int) -> None:
    prefix = secrets.token_hex(8)  # so that no name met in the tree is one of ours
    waiting = _delete_files(top)
    moved = 0
    while waiting:
        name = waiting.pop()
        directory = _open_directory(top, name)
        try:
            for child in _delete_files(directory):
                moved += 1
                lifted = f"{prefix}-{moved}"
                _open_to_owner(directory, child)  # moving changes its `..`, so it has to be writable
                os.rename(child, lifted, src_dir_fd=directory, dst_dir_fd=top)
                waiting.append(lifted)
        finally:
            os.close(directory)
        os.rmdir(name, dir_fd=top)


def _delete_files(directory: int) -> list[str]:
    """Unlink all that isn't a directory; return the names of the directories."""
    with os.scandir(directory) as entries:
        found = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
    for name, is_directory in found:
        if not is_directory:
            os.unlink(name, dir_fd=directory)
    return [name for name, is_directory in found if is_directory]


def _open_directory(parent: int, name: str) -> int:
    _open_to_owner(parent, name)
    return os.open(name, _OPEN_DIRECTORY, dir_fd=parent)


def _open_to_owner(parent: int, name: str) -> None:
    # Root needs no permission, and must not be led by a link that took the directory's place.
    if os.geteuid() != 0 and os.lstat(name, dir_fd=parent).st_mode & 0o700 != 0o700:
        os.chmod(name, 0o700, dir_fd=parent)
