"""Wires what works on a pipeline's folder without a server: running it here, checking its manifest."""

import asyncio
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from pydantic import JsonValue

from fastflow.adapters.files.attempt_directory import AttemptDirectories
from fastflow.adapters.files.checkouts import Checkouts
from fastflow.adapters.files.pipeline_folder import PipelineFolder
from fastflow.adapters.process.toolbox import ProcessToolbox
from fastflow.adapters.uv.environments import UvEnvironments
from fastflow.adapters.uv.local_run import LocalRun, prepare_local_run, user_cache
from fastflow.domain.errors import Conflict, NotFound
from fastflow.domain.manifest import Manifest, Problem, Severity
from fastflow.domain.ports import FoundPipeline
from fastflow.domain.run import Trigger
from fastflow.domain.run_variables import OUTPUT_DIRECTORY
from fastflow.main.local_secrets import stand_ins
from fastflow.services.manifests import read_manifest
from fastflow.services.run_requests import RunDefaults, RunRequest, resolve

DIRECTORIES_KEPT_FOR: Final = timedelta(days=7)
"""The private directories of local runs stay for a look at what was left in them."""


@dataclass(frozen=True, slots=True)
class PreparedRun:
    """A pipeline that can be executed now."""

    run: LocalRun
    output_directory: Path
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CheckedPipeline:
    """A pipeline's folder and what is wrong with its manifest."""

    name: str
    folder: Path
    problems: tuple[Problem, ...]
    hint: str | None

    @property
    def has_errors(self) -> bool:
        """Whether the server would refuse to start it."""
        return any(problem.severity is Severity.ERROR for problem in self.problems)


async def check_pipelines(path: Path) -> list[CheckedPipeline]:
    """Check the pipeline in that folder, or all pipelines in the folders below it.

    Raises:
        NotFound: `pipeline_not_found`; there is none.
    """
    found = await _pipeline_at(path)
    if found is not None:
        return [await _checked(found, path)]
    is_folder = await asyncio.to_thread(path.is_dir)
    pipelines = await _source(await asyncio.to_thread(path.resolve)).scan() if is_folder else []
    if not pipelines:
        raise NotFound(
            "pipeline_not_found", f"There is no pipeline in {path}: a pipeline is a folder with a main.py."
        )
    return [await _checked(pipeline, path / pipeline.name) for pipeline in pipelines]


async def prepare_run(
    path: Path,
    *,
    parameters: Mapping[str, JsonValue],
    variables: Mapping[str, str],
    python_version: str | None,
    default_python_version: str,
) -> PreparedRun:
    """Make the environment of the pipeline in that folder and say how to execute it.

    Raises:
        NotFound: `pipeline_not_found`.
        Conflict: `manifest_invalid`.
        Invalid: `variables_invalid`, `parameters_invalid`.
        EnvironmentFailed: its requirements can't be met.
        Unavailable: the network or the disk did not let us.
    """
    found = await _pipeline_at(path)
    if found is None:
        raise NotFound("pipeline_not_found", f"{path} is no pipeline: a pipeline is a folder with a main.py.")
    manifest, warnings = await _manifest_of(found, path)
    request = RunRequest(found.name, Trigger.MANUAL, variables=dict(variables), parameters=dict(parameters))
    spec = resolve(request, manifest, RunDefaults(python_version=default_python_version or None))
    instead = stand_ins(spec, os.environ)
    store, run_id = user_cache() / "uv", f"local-{secrets.token_hex(8)}"
    directories = AttemptDirectories(user_cache() / "runs", None)
    await directories.collect(set(), DIRECTORIES_KEPT_FOR)
    environments = UvEnvironments(store, ProcessToolbox(store, home=Path.home()), default_python_version)
    directory = await directories.create(run_id, 1, spec.parameters)
    run = await prepare_local_run(
        environments,
        path,
        directory,
        run_id=run_id,
        python_version=python_version or spec.python_version,
        variables=instead.variables,
        left_out=instead.left_out,
        parameters=spec.parameters,
    )
    hints = tuple(hint for hint in (found.hint, run.hint) if hint)
    return PreparedRun(run, directory / OUTPUT_DIRECTORY, (*warnings, *hints, *instead.hints))


async def _pipeline_at(path: Path) -> FoundPipeline | None:
    folder = await asyncio.to_thread(path.resolve)
    if not await asyncio.to_thread(folder.is_dir):
        return None
    return await _source(folder.parent).look(folder.name)


def _source(folder: Path) -> PipelineFolder:
    return PipelineFolder(folder, Checkouts(user_cache() / "checkouts"))


async def _checked(found: FoundPipeline, folder: Path) -> CheckedPipeline:
    result = await asyncio.to_thread(read_manifest, found)
    return CheckedPipeline(found.name, folder, tuple(result.problems), found.hint)


async def _manifest_of(found: FoundPipeline, path: Path) -> tuple[Manifest, list[str]]:
    """Return the manifest and the warnings about it."""
    result = await asyncio.to_thread(read_manifest, found)
    errors = [problem for problem in result.problems if problem.severity is Severity.ERROR]
    if result.manifest is None or errors:
        reason = str(errors[0]) if errors else "its manifest can't be read."
        raise Conflict(
            "manifest_invalid",
            f"{path} can't be run: {reason} `fastflow lint {path}` shows every problem.",
            {"pipeline_name": found.name},
        )
    return result.manifest, [str(problem) for problem in result.problems]
