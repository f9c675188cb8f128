"""The data directory as a whole: one server at a time, an identity, keys made at the first start."""

import fcntl
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from cryptography.fernet import Fernet

from fastflow.domain.errors import Conflict, Unavailable

_LOCK: Final = "lock"
_ID: Final = "installation-id"
_ENCRYPTION_KEY: Final = "keys/encryption"
_SIGNING_KEY: Final = "keys/signing"


@dataclass(frozen=True, slots=True)
class Installation:
    """A data directory that this process holds."""

    directory: Path
    id: str
    """Tells this installation's containers from those of others on the same Engine."""
    is_new: bool
    """Its keys were made by this start."""
    lock: IO[str]
    """Kept open: its lock ends with the process, however that ends."""


def open_installation(directory: Path) -> Installation:
    """Take hold of the data directory, making it and its keys where they are missing.

    Raises:
        Conflict: `data_dir_in_use`; another server runs on it.
        Unavailable: `data_dir_unusable`; it can't be made or written.
    """
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        (directory / "keys").mkdir(mode=0o700, exist_ok=True)
        lock = _locked(directory / _LOCK)
        is_new = not (directory / _ENCRYPTION_KEY).exists()
        _kept(directory / _ENCRYPTION_KEY, Fernet.generate_key().decode())
        _kept(directory / _SIGNING_KEY, secrets.token_urlsafe(64))
        identity = _kept(directory / _ID, secrets.token_hex(8))
    except OSError as error:
        raise Unavailable(
            "data_dir_unusable",
            f"DATA_DIR {directory} can't be used: {error.strerror}. "
            "Set DATA_DIR to a folder that this user can write.",
        ) from error
    return Installation(directory, identity, is_new, lock)


def _locked(path: Path) -> IO[str]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    lock = os.fdopen(descriptor, "r+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = lock.read().strip() or "unknown"
        lock.close()
        raise Conflict(
            "data_dir_in_use",
            f"Another Fast-Flow server (process {holder}) uses {path.parent}. "
            "Stop it first, or set another DATA_DIR and PORT.",
        ) from None
    lock.truncate(0)
    lock.write(f"{os.getpid()}\n")
    lock.flush()
    return lock


def _kept(path: Path, made: str) -> str:
    """Return the file's content, writing `made` first where there is no file; all of it or nothing."""
    if not path.exists():
        draft = path.with_name(path.name + ".new")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(made + "\n")
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
    return path.read_text().strip()
