"""Says what an environment holds, without asking its interpreter."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ValidationError

from fastflow.adapters.uv.builder import MARKER
from fastflow.domain.environment import BuiltEnvironment, Package

_KEY: Final = re.compile(r"[0-9a-f]{32}")
_METADATA: Final = re.compile(r"(?P<name>[A-Za-z0-9_.]+)-(?P<version>[^-]+)\.dist-info")


class Marker(BaseModel):
    """What was written last into an environment."""

    lockfile_key: str
    python: str
    created_at_seconds: int
    size_bytes: int


def read_marker(directory: Path) -> Marker | None:
    """Return the marker of a whole environment; None where there is none. Blocks on the file."""
    try:
        return Marker.model_validate(json.loads((directory / MARKER).read_bytes()))
    except (FileNotFoundError, NotADirectoryError, ValueError, ValidationError):
        return None


def inspect(store: Path, environment_key: str) -> BuiltEnvironment | None:
    """Return what is installed, in which Python; None where there is no whole environment. Blocks on files.

    Reads the names of the folders that installers leave for each package (`six-1.17.0.dist-info`).
    """
    if _KEY.fullmatch(environment_key) is None:
        return None
    directory = store / "env" / environment_key
    marker = read_marker(directory)
    if marker is None:
        return None
    found = (
        _METADATA.fullmatch(path.name) for path in directory.glob("lib/python*/site-packages/*.dist-info")
    )
    packages = [
        Package(match["name"].replace("_", "-").lower(), match["version"]) for match in found if match
    ]
    return BuiltEnvironment(
        python_version=marker.python,
        packages=tuple(sorted(packages)),
        size_bytes=marker.size_bytes,
        built_at=datetime.fromtimestamp(marker.created_at_seconds, UTC),
    )
