"""Finds out what the pipeline in a checkout needs, and which of its files says so."""

import hashlib
import json
import tomllib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, cast

from fastflow.adapters.uv.requirement_files import install_options, read_bounded, read_requirement_files
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
    install_options: list[str] = field(default_factory=list[str])
    """Lines for a requirements file that say where packages come from and in which form."""
    is_locked: bool = False
    """A `uv.lock` lies beside `pyproject.toml`."""
    has_unused_script_metadata: bool = False
    """`main.py` has PEP 723 metadata, but another source comes first."""
    hint: str = ""
    """Advice that stops nothing, or empty."""


def read_dependencies(checkout: Path) -> Dependencies:
    """Read what the checkout asks for. Blocks on files.

    Raises:
        EnvironmentFailed: a file that says so can't be read or understood.
    """
    script = _read_script(checkout)
    has_requirements = (checkout / "requirements.txt").is_file()
    first = _read_project(checkout) or (_read_requirements(checkout) if has_requirements else None)
    if first is None:
        return script or Dependencies(DependencySource.NONE)
    hints = [first.hint] if first.hint else []
    if first.source is DependencySource.PROJECT and has_requirements:
        hints.append("requirements.txt is not used, because pyproject.toml says what is needed.")
    if script is not None:
        hints.append(
            f"The `# /// script` block of main.py is not used, because there is {first.source.value}."
        )
    return replace(first, has_unused_script_metadata=script is not None, hint=" ".join(hints))


def _read_project(checkout: Path) -> Dependencies | None:
    if not (checkout / "pyproject.toml").is_file():
        return None
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
    hint = (
        ""
        if is_locked
        else "There is no uv.lock: run `uv lock` and commit it to choose the versions yourself."
    )
    return Dependencies(
        source=DependencySource.PROJECT,
        digest=_digest(*parts),
        requires_python=requires if isinstance(requires, str) else "",
        is_locked=is_locked,
        hint=hint,
    )


def _read_requirements(checkout: Path) -> Dependencies:
    files = read_requirement_files(checkout, "requirements.txt")
    named = sorted(files.items())
    return Dependencies(
        source=DependencySource.REQUIREMENTS,
        digest=_digest(json.dumps([name for name, _ in named]).encode(), *(content for _, content in named)),
        install_options=install_options(files),
    )


def _read_script(checkout: Path) -> Dependencies | None:
    if not (checkout / "main.py").is_file():
        return None
    metadata = read_script_metadata(read_bounded(checkout / "main.py", "main.py", LARGEST_SCRIPT_BYTES))
    if metadata is None:
        return None
    return Dependencies(
        source=DependencySource.SCRIPT,
        digest=_digest(metadata.text.encode()),
        requires_python=metadata.requires_python,
        install_options=metadata.install_options,
    )


def _digest(*parts: bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()
