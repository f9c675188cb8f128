"""Checks what a trigger asks for and resolves it into the spec of a run."""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from pydantic import JsonValue

from fastflow.domain.errors import Invalid
from fastflow.domain.limits import parse_bytes
from fastflow.domain.manifest import Manifest
from fastflow.domain.retry import ExponentialBackoff
from fastflow.domain.run import Trigger
from fastflow.domain.spec import RunSpec
from fastflow.domain.variables import problems_of
from fastflow.services.parameters import validate_parameters

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What somebody wants to have run."""

    pipeline_name: str
    trigger: Trigger
    variables: dict[str, str] = field(default_factory=dict[str, str])
    parameters: dict[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    idempotency_key: str | None = None
    revision: Literal["current", "last_valid"] = "current"

    @property
    def hash(self) -> str:
        """What makes two requests with one idempotency key the same request."""
        content = [self.variables, self.parameters, self.revision]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class RunDefaults:
    """The global settings that apply where a manifest says nothing."""

    timeout_seconds: int = 0
    retry_attempts: int = 0
    cpu_cores: float | None = None
    memory_bytes: int | None = None
    python_version: str | None = None


def resolve(request: RunRequest, manifest: Manifest, defaults: RunDefaults) -> RunSpec:
    """Merge manifest, defaults and request into what the run is promised.

    Raises:
        Invalid: `variables_invalid` or `parameters_invalid`; `fields` names each culprit.
    """
    problems = problems_of(request.variables)
    if problems:
        names = "; ".join(f"{name} {problem}" for name, problem in problems.items())
        raise Invalid("variables_invalid", f"The variables were refused: {names}.", problems)
    parameters = request.parameters
    if manifest.parameters is not None:
        parameters = validate_parameters(manifest.parameters, request.parameters)
    return RunSpec(
        timeout_seconds=_first(manifest.timeout, defaults.timeout_seconds),
        retry_attempts=_first(manifest.retry_attempts, defaults.retry_attempts),
        retry_strategy=manifest.retry_strategy or ExponentialBackoff(),
        cpu_cores=_first(manifest.cpu_hard_limit, defaults.cpu_cores),
        memory_bytes=_first(_size(manifest.mem_hard_limit), defaults.memory_bytes),
        soft_cpu_cores=manifest.cpu_soft_limit,
        soft_memory_bytes=_size(manifest.mem_soft_limit),
        python_version=manifest.python_version or defaults.python_version,
        default_variables=manifest.default_env,
        variables=request.variables,
        given_parameters=request.parameters,
        parameters=parameters,
    )


def _size(text: str | None) -> int | None:
    return parse_bytes(text) if text is not None else None


def _first(value: T | None, default: T) -> T:
    return default if value is None else value
