"""What an executor is asked to start, and what it answers with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from fastflow.domain.environment import Environment
from fastflow.domain.limits import Limits
from fastflow.domain.secret_file import SecretFile

SPARE_DIRECTORY: Final = ".standby-"
"""How the name of a directory begins that will become an attempt's; nobody else touches those."""


class StartKind(StrEnum):
    """How an attempt got its container or process."""

    COLD = "cold"
    """It was made for it."""
    STANDBY = "standby"
    """It was made ahead and had served nobody before."""


@dataclass(frozen=True, slots=True)
class AttemptIdentity:
    """Who an attempt is; written on its container so that a later server can find it."""

    run_id: str
    attempt: int
    pipeline: str
    lease_token: str
    """Of the claim under which it was started. An adopter holds a newer one."""

    @property
    def name(self) -> str:
        """A unique name for the container or process: it can't be started twice under one name."""
        return f"fastflow-{self.run_id}-{self.attempt}"


@dataclass(frozen=True, slots=True)
class ExecutionRequest:
    """Everything needed to start one attempt, decided by pure functions before."""

    identity: AttemptIdentity
    checkout: Path
    """The pipeline's folder at its revision on this host; mounted or copied read-only."""
    environment: Environment
    directory: Path
    """The attempt's private, writable folder on this host: parameters, route, output, state, usage."""
    arguments: tuple[str, ...] = ("main.py",)
    """What the interpreter is given."""
    variables: Mapping[str, str] = field(default_factory=dict[str, str])
    secret_files: tuple[SecretFile, ...] = ()
    """Never on a disk of the host, nor in what anybody can look up of the attempt."""
    limits: Limits = Limits()
    network: str = "bridge"


@dataclass(frozen=True, slots=True)
class Found:
    """A container or process of ours that an executor came across, started by whatever server."""

    reference: str
    identity: AttemptIdentity
    is_started: bool
    """False: created but never started; nothing of the pipeline was executed."""
