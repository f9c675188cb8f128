"""What it takes to run a pipeline here and now, as the server would, and how to do it without us."""

import asyncio
import os
import shlex
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from pydantic import JsonValue

from fastflow.adapters.uv.dependencies import Dependencies, read_dependencies
from fastflow.domain.environment import DependencySource, Environment
from fastflow.domain.environment_ports import Environments
from fastflow.domain.execution import AttemptIdentity
from fastflow.domain.run import Trigger
from fastflow.domain.run_variables import run_variables

LOCAL_REVISION: Final = "local"
_NOT_INHERITED: Final = ("VIRTUAL_ENV", "PYTHONHOME", "PYTHONPATH")
"""They would let other packages into the environment than the server's run sees."""


@dataclass(frozen=True, slots=True)
class LocalRun:
    """A pipeline ready to be executed with the caller's own standard streams."""

    arguments: tuple[str, ...]
    variables: dict[str, str]
    """The whole environment of the program."""
    working_directory: Path
    plain_command: str
    """A shell command that runs the pipeline in the same environment with uv alone."""
    hint: str
    """Advice that stops nothing, or empty."""
    environment: Environment


def user_cache() -> Path:
    """Return where local runs keep what they need: `fastflow` in the user's cache (XDG_CACHE_HOME)."""
    configured = os.environ.get("XDG_CACHE_HOME", "")
    cache = Path(configured) if Path(configured).is_absolute() else Path.home() / ".cache"
    return cache / "fastflow"


async def prepare_local_run(
    environments: Environments,
    pipeline: Path,
    directory: Path,
    *,
    run_id: str,
    python_version: str | None,
    variables: Mapping[str, str],
    parameters: Mapping[str, JsonValue],
    left_out: Collection[str] = (),
) -> LocalRun:
    """Make the pipeline's environment; return how to run `main.py` in it.

    `directory` is the run's private directory, made before with its parameters file. The program
    inherits the caller's variables but for those `left_out`: that is what a shell would give it, too.

    Raises:
        EnvironmentFailed: the pipeline's requirements can't be met.
        Unavailable: the network or the disk did not let us.
    """
    folder = await asyncio.to_thread(pipeline.resolve)
    dependencies = await asyncio.to_thread(read_dependencies, folder)
    environment = (await environments.prepare(folder, python_version)).environment
    seen = run_variables(
        identity=AttemptIdentity(run_id, 1, folder.name, lease_token=""),
        trigger=Trigger.MANUAL,
        revision=LOCAL_REVISION,
        parameters=parameters,
        variables=variables,
        directory=PurePosixPath(directory),
    )
    return LocalRun(
        arguments=(environment.python, "main.py"),
        variables={**_inherited(environment, left_out), **seen},
        working_directory=folder,
        plain_command=plain_command(pipeline, dependencies, python_version),
        hint=dependencies.hint,
        environment=environment,
    )


def plain_command(pipeline: Path, dependencies: Dependencies, python_version: str | None) -> str:
    """Return the shell command that a user would type to run the pipeline with uv alone."""
    python = ["--python", python_version] if python_version else []
    # `uv run main.py` would read the script's metadata, which another source comes before.
    script = ["python", "main.py"] if dependencies.has_unused_script_metadata else ["main.py"]
    command = shlex.join(["uv", "run", *_source_options(dependencies), *python, *script])
    if pipeline == Path():
        return command
    folder = f"./{pipeline}" if str(pipeline).startswith("-") else str(pipeline)
    return f"cd {shlex.quote(folder)} && {command}"


def _source_options(dependencies: Dependencies) -> list[str]:
    match dependencies.source:
        case DependencySource.PROJECT if dependencies.is_locked:
            return ["--frozen", "--no-default-groups"]
        case DependencySource.PROJECT:
            return ["--no-default-groups"]
        case DependencySource.REQUIREMENTS:
            return ["--no-project", "--with-requirements", dependencies.source.value]
        case DependencySource.SCRIPT:
            return []
        case DependencySource.NONE:
            return ["--no-project"]


def _inherited(environment: Environment, left_out: Collection[str]) -> dict[str, str]:
    not_inherited = {*_NOT_INHERITED, *left_out}
    variables = {name: value for name, value in os.environ.items() if name not in not_inherited}
    programs = str(Path(environment.python).parent)  # commands that packages bring, as `uv run` offers them
    return {**variables, "PATH": os.pathsep.join([programs, variables.get("PATH", os.defpath)])}
