"""A file of keys, one a line, the newest first; replaced as a whole."""

import os
from collections.abc import Sequence
from pathlib import Path

from fastflow.domain.errors import Unavailable


def read_keys(path: Path) -> list[str]:
    """Return the keys.

    Raises:
        Unavailable: `signing_key_unreadable`.
    """
    try:
        keys = [line.strip() for line in path.read_text().splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(path, str(error)) from error
    if not keys:
        raise _unreadable(path, "it is empty")
    return keys


def write_keys(path: Path, keys: Sequence[str]) -> None:
    """Write the keys, readable for nobody else. All of it or nothing.

    Raises:
        Unavailable: `signing_key_unwritable`; the file is as it was.
    """
    draft = path.with_name(path.name + ".new")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write("".join(f"{key}\n" for key in keys))
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
    except OSError as error:
        raise Unavailable(
            "signing_key_unwritable", f"{path} can't be written: {error.strerror}. Nothing was changed."
        ) from error


def _unreadable(path: Path, problem: str) -> Unavailable:
    return Unavailable(
        "signing_key_unreadable",
        f"The signing keys in {path} can't be read: {problem}. Delete the file, and the next start makes "
        "a new one (everybody has to sign in again), or set JWT_SECRET_KEY.",
    )
