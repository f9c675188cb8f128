"""Opens what lies beneath a folder without following a link, whatever becomes of the folders between."""

import errno
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
"""Never through a link that took the file's place; never waiting for the writer of a pipe."""


class Changed(Exception):
    """Something changed while it was read; another look may do."""


@contextmanager
def folder_beneath(root: Path, path: Path) -> Generator[int]:
    """Open a folder at or below `root`, whose path was found free of links; close it after the block.

    Raises:
        Changed: there is a link in it now.
        OSError: it can't be opened.
    """
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in _parts(root, path):
            inner = _open(part, _FOLDER, folder, path)
            os.close(folder)
            folder = inner
        yield folder
    finally:
        os.close(folder)


def open_beneath(root: Path, path: Path) -> int:
    """Open a file below `root`, whose path was found free of links; the caller closes it.

    Raises:
        Changed: there is a link in it now.
        OSError: it can't be opened.
    """
    with folder_beneath(root, path.parent) as folder:
        return _open(path.name, _FILE, folder, path)


def _parts(root: Path, path: Path) -> tuple[str, ...]:
    if not path.is_relative_to(root):
        raise Changed(path)
    return path.relative_to(root).parts


def _open(name: str, flags: int, folder: int, path: Path) -> int:
    try:
        return os.open(name, flags, dir_fd=folder)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR):
            raise Changed(path) from error
        raise OSError(error.errno, error.strerror, str(path)) from error  # whole, for people
