"""What lies on disk for one attempt, and who may write it: the server its request, the shim the rest."""

import json
import os
from pathlib import Path
from typing import Final, NamedTuple, cast

IDENTITY: Final = "attempt.json"
"""Written by the server before the folder appears under its name."""
CODE: Final = "code"
"""The private copy of the pipeline: the payload's working directory."""
STARTED: Final = "started.json"
"""Written by the shim just before the payload; without it nothing of the pipeline was executed."""
OUTPUT: Final = "output"
"""Frames, appended by the shim."""
ENDED: Final = "ended.json"
"""Written by the shim as its last act, when the output is complete."""
ERRORS: Final = "errors"
"""What the shim itself has to complain about."""


class Started(NamedTuple):
    """Which process is the shim. Its pid is also the id of the session it leads."""

    pid: int
    start: str
    boot_id: str


class Ended(NamedTuple):
    """How the payload ended, as its shim saw it."""

    exit_code: int
    was_out_of_memory: bool
    peak_memory_bytes: int
    cpu_seconds: float


def write_record(path: str, record: Started | Ended) -> None:
    """Write a record so that readers see all of it or nothing.

    Raises:
        FileNotFoundError: the folder was removed meanwhile.
    """
    unfinished = f"{path}.new"
    with open(unfinished, "w", encoding="utf-8") as file:
        json.dump(record._asdict(), file)
    os.replace(unfinished, path)


def read_started(folder: Path) -> Started | None:
    """Return which process is the shim; None before it started its payload."""
    record = _read(folder / STARTED)
    if record is None:
        return None
    return Started(cast(int, record["pid"]), cast(str, record["start"]), cast(str, record["boot_id"]))


def read_ended(folder: Path) -> Ended | None:
    """Return how it ended; None where the shim has not said so."""
    record = _read(folder / ENDED)
    if record is None:
        return None
    return Ended(
        cast(int, record["exit_code"]),
        cast(bool, record["was_out_of_memory"]),
        cast(int, record["peak_memory_bytes"]),
        cast(float, record["cpu_seconds"]),
    )


def _read(path: Path) -> dict[str, object] | None:
    try:
        return json.loads(path.read_bytes())
    except (FileNotFoundError, json.JSONDecodeError):
        # A power failure may leave the file empty: then nobody knows, as if it were not there.
        return None
