"""Lists what a pipeline asks for, as its authors wrote it."""

import tomllib
from pathlib import Path
from typing import Final, cast

from fastflow.adapters.uv.dependencies import LARGEST_LOCK_BYTES, LARGEST_SCRIPT_BYTES, read_dependencies
from fastflow.adapters.uv.requirement_files import logical_lines, read_bounded, read_requirement_files
from fastflow.adapters.uv.script_metadata import read_script_metadata
from fastflow.domain.environment import DependencySource, EnvironmentFailed

MOST_LINES: Final = 1000


def requirement_lines(checkout: Path) -> list[str]:
    """Return the requirements of the source that counts, one a line. Blocks on files.

    With a `uv.lock` its packages are listed with their versions: they are what is installed.

    Raises:
        EnvironmentFailed: a file that says so can't be read or understood.
    """
    source = read_dependencies(checkout).source
    if source is DependencySource.REQUIREMENTS:
        files = read_requirement_files(checkout, "requirements.txt")
        lines = [line for content in files.values() for line in logical_lines(content)]
        asked = [line.partition(" --hash")[0].rstrip() for line in lines if line and not line.startswith("-")]
        return asked[:MOST_LINES]
    if source is DependencySource.SCRIPT:
        content = read_bounded(checkout / "main.py", "main.py", LARGEST_SCRIPT_BYTES)
        metadata = read_script_metadata(content)
        return _texts(tomllib.loads(metadata.text).get("dependencies")) if metadata else []
    if source is DependencySource.PROJECT:
        return _of_project(checkout)[:MOST_LINES]
    return []


def _of_project(checkout: Path) -> list[str]:
    if (checkout / "uv.lock").is_file():
        lock = _toml(checkout, "uv.lock", LARGEST_LOCK_BYTES)
        packages = [_table(package) for package in _items(lock.get("package"))]
        return [
            f"{package.get('name')}=={package['version']}" for package in packages if "version" in package
        ]
    project = _toml(checkout, "pyproject.toml", LARGEST_SCRIPT_BYTES).get("project")
    return _texts(_table(project).get("dependencies"))


def _toml(checkout: Path, name: str, limit_bytes: int) -> dict[str, object]:
    try:
        return tomllib.loads(read_bounded(checkout / name, name, limit_bytes).decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise EnvironmentFailed(f"{name} is not valid TOML: {error}") from error


def _texts(value: object) -> list[str]:
    return [item for item in _items(value) if isinstance(item, str)][:MOST_LINES]


# Whatever has another shape than expected is left to uv, which says what is wrong with it.
def _items(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []


def _table(value: object) -> dict[str, object]:
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}
