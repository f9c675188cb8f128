"""Checks what a trigger asks for and resolves it into the spec of a run."""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from pydantic import JsonValue

from fastflow.domain.cause import Cause, UpstreamCause
from fastflow.domain.chaining import LONGEST_CHAIN
from fastflow.domain.errors import Conflict, Invalid
from fastflow.domain.limits import parse_bytes
from fastflow.domain.manifest import Manifest, Schedule
from fastflow.domain.retry import ExponentialBackoff
from fastflow.domain.run import Trigger
from fastflow.domain.spec import RunSpec
from fastflow.domain.variables import problems_of
from fastflow.services.parameters import validate_parameters

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Payload:
    """A body that came with a trigger and is no JSON of ours; the run finds it as a file."""

    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What somebody wants to have run."""

    pipeline_name: str
    trigger: Trigger
    variables: dict[str, str] = field(default_factory=dict[str, str])
    parameters: dict[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    idempotency_key: str | None = None
    revision: Literal["current", "last_valid"] = "current"
    run_config_id: str | None = None
    """The `id` of the manifest's schedule whose settings the run gets."""
    cause: Cause | None = None
    payload: Payload | None = None

    @property
    def hash(self) -> str:
        """What makes two requests with one idempotency key the same request."""
        content: list[JsonValue] = [dict(self.variables), self.parameters, self.revision]
        if self.run_config_id is not None:
            content.append(self.run_config_id)
        if self.payload is not None:
            content.append(hashlib.sha256(self.payload.body).hexdigest())
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class RunDefaults:
    """The global settings that apply where a manifest says nothing."""

    timeout_seconds: int = 0
    retry_attempts: int = 0
    cpu_cores: float | None = None
    memory_bytes: int | None = None
    python_version: str | None = None


def refuse_endless_chain(request: RunRequest) -> None:
    """Refuse to follow where too many runs have started each other already.

    Raises:
        Conflict: `chain_too_long`.
    """
    cause = request.cause
    if isinstance(cause, UpstreamCause) and cause.depth > LONGEST_CHAIN:
        raise Conflict(
            "chain_too_long",
            f"{LONGEST_CHAIN} runs have started each other in a row, the last of them run {cause.run_id} of "
            f"{cause.pipeline_name}: the chain was cut, as it looks endless. `downstream_triggers` that lead "
            "back to where they began make a cycle; let a route or an outcome end it.",
            {"upstream_run_id": cause.run_id, "depth": cause.depth},
        )


def run_config(manifest: Manifest, run_config_id: str | None) -> Schedule | None:
    """Return the schedule whose settings a run is asked to have; None where it asks for none.

    Raises:
        Conflict: `run_config_not_found`, `schedule_disabled`.
    """
    if run_config_id is None:
        return None
    for schedule in manifest.schedules:
        if schedule.id == run_config_id:
            if schedule.enabled:
                return schedule
            raise Conflict(
                "schedule_disabled",
                f'Schedule {run_config_id} is disabled: the manifest says `"enabled": false`.',
                {"run_config_id": run_config_id},
            )
    raise Conflict(
        "run_config_not_found",
        f"The manifest has no schedule with the id {run_config_id!r}. Add one, or ask for another.",
        {"run_config_id": run_config_id},
    )


def resolve(
    request: RunRequest, manifest: Manifest, defaults: RunDefaults, schedule: Schedule | None = None
) -> RunSpec:
    """Merge request, schedule, manifest and defaults, the first that speaks wins, into the run's promise.

    Raises:
        Invalid: `variables_invalid` or `parameters_invalid`; `fields` names each culprit.
    """
    own = schedule or Manifest()
    problems = problems_of(request.variables)
    if problems:
        names = "; ".join(f"{name} {problem}" for name, problem in problems.items())
        raise Invalid("variables_invalid", f"The variables were refused: {names}.", problems)
    parameters = request.parameters
    if manifest.parameters is not None:
        parameters = validate_parameters(manifest.parameters, request.parameters)
    return RunSpec(
        run_config_id=_id_in(manifest, schedule),
        timeout_seconds=_first(own.timeout, manifest.timeout, defaults.timeout_seconds) or 0,
        retry_attempts=_first(own.retry_attempts, manifest.retry_attempts, defaults.retry_attempts) or 0,
        retry_strategy=own.retry_strategy or manifest.retry_strategy or ExponentialBackoff(),
        cpu_cores=_first(own.cpu_hard_limit, manifest.cpu_hard_limit, defaults.cpu_cores),
        memory_bytes=_first(_size(own.mem_hard_limit), _size(manifest.mem_hard_limit), defaults.memory_bytes),
        soft_cpu_cores=_first(own.cpu_soft_limit, manifest.cpu_soft_limit),
        soft_memory_bytes=_first(_size(own.mem_soft_limit), _size(manifest.mem_soft_limit)),
        python_version=manifest.python_version or defaults.python_version,
        network=manifest.network,
        default_variables={**manifest.default_env, **own.default_env},
        variables=request.variables,
        secrets=manifest.secret_variables,
        secret_files=manifest.secret_files,
        encrypted_variables={**manifest.encrypted_env, **own.encrypted_env},
        given_parameters=request.parameters,
        parameters=parameters,
        downstream_triggers=manifest.downstream_triggers,
    )


def _id_in(manifest: Manifest, schedule: Schedule | None) -> str | None:
    """Return the schedule's id, by which the manifest is asked for it again; None: it is not in there."""
    if schedule is None or all(schedule.id != other.id for other in manifest.schedules):
        return None
    return schedule.id


def _size(text: str | None) -> int | None:
    return parse_bytes(text) if text is not None else None


def _first(*values: T | None) -> T | None:
    return next((value for value in values if value is not None), None)
