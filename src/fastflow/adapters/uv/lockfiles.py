"""Resolves what a pipeline needs to a lockfile with hashes, once for the same inputs."""

import hashlib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from fastflow.adapters.uv.commands import run_uv
from fastflow.adapters.uv.dependencies import Dependencies
from fastflow.adapters.uv.interpreters import Interpreter
from fastflow.domain.environment import DependencySource, EnvironmentFailed
from fastflow.domain.environment_ports import Toolbox

RESOLVE_LIMIT: Final = timedelta(minutes=10)
_QUIET: Final = ("--quiet", "--no-header", "--no-annotate")
_LOCAL: Final = re.compile(r"^(?:-e\s|--editable[\s=]|\.{0,2}/|file:)|@\s*file:")


@dataclass(frozen=True, slots=True)
class Lockfile:
    """Resolved requirements, every version and, where there can be one, every hash fixed."""

    text: str

    @property
    def key(self) -> str:
        """Hash of the content; empty where nothing is required."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:32] if self.requirements else ""

    @property
    def requirements(self) -> list[str]:
        """One entry for each package, its hashes included."""
        joined = self.text.replace("\\\n", " ").splitlines()
        return [line for line in joined if line.strip() and not line.startswith(("#", "--", "-i ", "-f "))]

    @property
    def has_all_hashes(self) -> bool:
        """False where a package comes from a Git repository: its commit is fixed instead."""
        return all("--hash=" in requirement for requirement in self.requirements)


def read_lockfile(path: Path) -> Lockfile | None:
    """Return what was resolved earlier, and mark it as used. Blocks on the file."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    os.utime(path)
    return Lockfile(text)


async def resolve(
    toolbox: Toolbox,
    checkout: Path,
    dependencies: Dependencies,
    interpreter: Interpreter,
    not_newer_than: datetime | None = None,
) -> Lockfile:
    """Ask the package index for the newest versions that fit together.

    `not_newer_than`: only of what there was then. An index that does not tell when a package was uploaded
    has nothing then; for its packages the time is left out of account.

    Raises:
        EnvironmentFailed: there are none, or a requirement can't be kept in a lockfile.
        Unavailable: the toolbox, the network or the disk did not let us.
    """
    arguments = [*_command(dependencies), *_QUIET, "--python", str(interpreter.executable)]
    if not_newer_than is not None and not dependencies.is_locked:
        moment = not_newer_than.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        try:
            answer = await _run(toolbox, [*arguments, f"--exclude-newer={moment}"], checkout)
        except EnvironmentFailed:
            answer = await _run(toolbox, arguments, checkout)
    else:
        answer = await _run(toolbox, arguments, checkout)
    # uv would write every index it knows into the lockfile, the server's own with its password too.
    text = "".join(f"{line}\n" for line in dependencies.install_options) + answer.decode()
    lockfile = Lockfile(text)
    _refuse_folders(lockfile)
    return lockfile


async def _run(toolbox: Toolbox, arguments: Sequence[str], checkout: Path) -> bytes:
    return await run_uv(toolbox, arguments, checkout=checkout, time_limit=RESOLVE_LIMIT)


def _command(dependencies: Dependencies) -> list[str]:
    match dependencies.source:
        case DependencySource.PROJECT if dependencies.is_locked:
            return [
                "export",
                "--frozen",
                "--format=requirements.txt",
                "--no-default-groups",
                "--no-emit-project",
            ]
        case source:
            return ["pip", "compile", "--generate-hashes", source.value]


def _refuse_folders(lockfile: Lockfile) -> None:
    for requirement in lockfile.requirements:
        if _LOCAL.search(requirement) and "--hash=" not in requirement:
            raise EnvironmentFailed(
                f"{requirement.strip()!r} is a folder; an environment is kept by the content of its "
                "lockfile, which a folder's changes don't reach. Put the code beside main.py and import "
                "it from there, or require a built wheel."
            )
