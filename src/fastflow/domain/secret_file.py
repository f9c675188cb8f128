"""A secret that a run finds in a file: read by it alone, held in memory, gone with the attempt."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Final

FILE_MODE: Final = 0o400
DIRECTORY_MODE: Final = 0o700


@dataclass(frozen=True, slots=True)
class SecretFile:
    """A file of that name, which is the secret's key, with the value in it and nothing else."""

    name: str
    value: str = field(repr=False)


def path_variable(name: str) -> str:
    """Return the variable in which a run finds the path of that secret's file: `CERT_FILE` for `CERT`."""
    return f"{name}_FILE"


def path_variables(files: Iterable[SecretFile], directory: PurePosixPath) -> dict[str, str]:
    """Return the variables that name the files; `directory` is theirs as the program sees it."""
    return {path_variable(file.name): str(directory / file.name) for file in files}
