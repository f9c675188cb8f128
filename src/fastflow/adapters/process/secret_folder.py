"""The files of an attempt's secrets: in memory where the machine has a file system for that.

Of the standard library alone, because the shim uses it. Below the attempt's folder lies `secrets`: a link
into memory, or else a folder for this user only. The link is there before what it leads to, so that whoever
removes the one after a crash finds the other.
"""

import os
import re
from collections.abc import Mapping
from typing import Final

SECRETS: Final = "secrets"
_MEMORY: Final = "/dev/shm"  # noqa: S108 - a folder with a random name is made there, for this user only
_NAME: Final = re.compile(r"fastflow-secrets-[0-9a-f]{32}")
_FOLDER_MODE: Final = 0o700
_FILE_MODE: Final = 0o400


def promise(folder: str) -> None:
    """Say where the files will lie, before there are any."""
    if _has_memory():
        os.symlink(f"{_MEMORY}/fastflow-secrets-{os.urandom(16).hex()}", f"{folder}/{SECRETS}")


def write(folder: str, files: Mapping[str, str]) -> None:
    """Write the files where it was promised.

    Raises:
        OSError: it can't be done; what was written is found by `remove`.
    """
    place = _place(folder)
    os.mkdir(place, _FOLDER_MODE)
    for name, value in files.items():
        descriptor = os.open(f"{place}/{name}", os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE_MODE)
        with os.fdopen(descriptor, "wb") as file:
            file.write(value.encode())


def remove(folder: str) -> None:
    """Delete the files and whatever was put beside them. No error if there are none.

    Raises:
        OSError: something is left.
    """
    path = f"{folder}/{SECRETS}"
    if os.path.lexists(path):
        _delete(_place(folder))
        if os.path.islink(path):
            os.unlink(path)


def _place(folder: str) -> str:
    """Return the folder with the files. A link that is none of ours is not followed: a pipeline made it."""
    path = f"{folder}/{SECRETS}"
    if not os.path.islink(path):
        return path
    target = os.readlink(path)
    is_ours = os.path.dirname(target) == _MEMORY and _NAME.fullmatch(os.path.basename(target)) is not None
    return target if is_ours else path


def _delete(place: str) -> None:
    if os.path.islink(place) or not os.path.isdir(place):
        return
    os.chmod(place, _FOLDER_MODE)
    for folder, inner, _ in os.walk(place):
        for name in inner:
            if not os.path.islink(f"{folder}/{name}"):
                os.chmod(f"{folder}/{name}", _FOLDER_MODE)
    for folder, inner, files in os.walk(place, topdown=False):
        for name in files:
            os.unlink(f"{folder}/{name}")
        for name in inner:
            path = f"{folder}/{name}"
            if os.path.islink(path):
                os.unlink(path)
            else:
                os.rmdir(path)
    os.rmdir(place)


def _has_memory() -> bool:
    """Return whether files can be kept in memory (Linux: a tmpfs that everybody may write)."""
    try:
        with open("/proc/mounts", encoding="utf-8", errors="replace") as mounts:
            kinds = [line.split()[2] for line in mounts if line.split()[1] == _MEMORY]
    except OSError:  # macOS, BSD
        return False
    return kinds[-1:] == ["tmpfs"] and os.access(_MEMORY, os.W_OK | os.X_OK)
