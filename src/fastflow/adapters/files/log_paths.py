"""Where the files of an attempt lie."""

from pathlib import Path
from typing import Literal
from uuid import UUID

from fastflow.domain.errors import Invalid
from fastflow.domain.log import LogKey

FileKind = Literal["log", "idx", "metrics"]


def run_directory(root: Path, run_id: str) -> Path:
    """Return the folder of a run: `root/<last two digits>/<run_id>`.

    The last digits of a UUIDv7 are random, its first ones the time: they would put all of a month
    into one folder.

    Raises:
        Invalid: `run_id_invalid`; only the text form of a UUID may become part of a path.
    """
    try:
        is_canonical = str(UUID(run_id)) == run_id
    except ValueError:
        is_canonical = False
    if not is_canonical:
        raise Invalid("run_id_invalid", "A run's id is a UUID in lower case.", {"run_id": run_id})
    return root / run_id[-2:] / run_id


def attempt_file(root: Path, key: LogKey, kind: FileKind) -> Path:
    """Return the path of one file of an attempt."""
    return run_directory(root, key.run_id) / f"{int(key.attempt)}.{kind}"
