"""Finds out what the pipeline in a checkout needs, and which of its files says so."""

import hashlib
import json
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, cast

from fastflow.adapters.uv.requirement_files import index_options, read_bounded, read_requirement_files
from fastflow.adapters.uv.script_metadata import read_script_metadata
from fastflow.domain.environment import DependencySource, EnvironmentFailed

LARGEST_SCRIPT_BYTES: Final = 8 * 1024**2
LARGEST_LOCK_BYTES: Final = 64 * 1024**2


@dataclass(frozen=True, slots=True)
class Dependencies:
    """What a checkout asks for. Of several sources the first counts: project, requirements, script.

    A `pyproject.toml` without a `[project]` table only configures tools: then it is no source.
    """

    source: DependencySource
    digest: str = ""
    """Hash of everything that the resolution reads."""
    requires_python: str = ""
    """A version specifier such as `>=3.12`, or empty."""
    requirements: str = ""
    """The script's requirements, one a line; the other sources are files."""
    index_options: list[str] = field(default_factory=list[str])
    is_locked: bool = False
    """A `uv.lock` lies beside `pyproject.toml`."""
    hint: str = ""
    """Advice that stops nothing, or empty."""


def read_dependencies(checkout: Path) -> Dependencies:
    """Read what the checkout asks for. Blocks on files.

    Raises:
        EnvironmentFailed: a file that says so can't be read or understood.
    """
    has_requirements = (checkout / "requirements.txt").is_file()
    if (checkout / "pyproject.toml").is_file():
        project = _read_project(checkout, has_requirements)
        if project is not None:
            return project
    if has_requirements:
        return _read_requirements(checkout)
    if (checkout / "main.py").is_file():
        return _read_script(checkout)
    return Dependencies(DependencySource.NONE)


def _read_project(checkout: Path, has_requirements: bool) -> Dependencies | None:
    content = read_bounded(checkout / "pyproject.toml", "pyproject.toml", LARGEST_SCRIPT_BYTES)
    try:
        project: object = tomllib.loads(content.decode()).get("project")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise EnvironmentFailed(f"pyproject.toml is not valid TOML: {error}") from error
    if not isinstance(project, dict):
        return None
    requires = cast("dict[str, object]", project).get("requires-python", "")
    parts = [content]
    is_locked = (checkout / "uv.lock").is_file()
    if is_locked:
        parts.append(read_bounded(checkout / "uv.lock", "uv.lock", LARGEST_LOCK_BYTES))
    hints: list[str] = []
    if not is_locked:
        hints.append(
            "pyproject.toml has no uv.lock beside it; run `uv lock` and commit it to pin the versions."
        )
    if has_requirements:
        hints.append("requirements.txt is not used, because pyproject.toml says what is needed.")
    return Dependencies(
        source=DependencySource.PROJECT,
        digest=_digest(*parts),
        requires_python=requires if isinstance(requires, str) else "",
        is_locked=is_locked,
        hint=" ".join(hints),
    )


def _read_requirements(checkout: Path) -> Dependencies:
    files = read_requirement_files(checkout, "requirements.txt")
    named = sorted(files.items())
    return Dependencies(
        source=DependencySource.REQUIREMENTS,
        digest=_digest(json.dumps([name for name, _ in named]).encode(), *(content for _, content in named)),
        index_options=index_options(files),
    )


def _read_script(checkout: Path) -> Dependencies:
    source = read_bounded(checkout / "main.py", "main.py", LARGEST_SCRIPT_BYTES)
    metadata = read_script_metadata(source)
    if metadata is None:
        return Dependencies(DependencySource.NONE)
    return Dependencies(
        source=DependencySource.SCRIPT,
        digest=_digest(metadata.text.encode()),
        requires_python=metadata.requires_python,
        requirements="".join(f"{requirement}\n" for requirement in metadata.dependencies),
    )


def _digest(*parts: bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()
