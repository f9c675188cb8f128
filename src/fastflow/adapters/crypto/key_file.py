"""A file of keys, one a line, the newest first; replaced as a whole."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from fastflow.domain.errors import Unavailable

Kind = Literal["encryption", "signing"]


def read_keys(path: Path, kind: Kind, remedy: str) -> list[str]:
    """Return the keys. `remedy`: what whoever has lost them is to do.

    Raises:
        Unavailable: `encryption_key_unreadable`, `signing_key_unreadable`.
    """
    try:
        keys = path.read_text().split()
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(path, kind, str(error), remedy) from error
    if not keys:
        raise _unreadable(path, kind, "it is empty", remedy)
    return keys


def write_keys(path: Path, kind: Kind, keys: Sequence[str]) -> None:
    """Write the keys, readable for nobody else. All of it or nothing.

    Raises:
        Unavailable: `encryption_key_unwritable`, `signing_key_unwritable`; the file is as it was.
    """
    draft = path.with_name(path.name + ".new")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write("".join(f"{key}\n" for key in keys))
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)  # or a power cut could bring the former file back
        finally:
            os.close(folder)
    except OSError as error:
        raise Unavailable(
            f"{kind}_key_unwritable", f"{path} can't be written: {error.strerror}. Nothing was changed."
        ) from error


def _unreadable(path: Path, kind: Kind, problem: str, remedy: str) -> Unavailable:
    return Unavailable(
        f"{kind}_key_unreadable", f"The {kind} keys in {path} can't be read: {problem}. {remedy}"
    )
