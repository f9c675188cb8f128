"""The labels by which a later server knows which containers are ours, and whose attempts they are."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Final

from fastflow.domain.execution import AttemptIdentity, ExecutionRequest

MANAGED: Final = "fastflow.managed"
RUN: Final = "fastflow.run"
ATTEMPT: Final = "fastflow.attempt"
PIPELINE: Final = "fastflow.pipeline"
_LEASE: Final = "fastflow.lease"
KIND: Final = "fastflow.kind"
INSTALLATION: Final = "fastflow.installation"
_DIRECTORY: Final = "fastflow.directory"
NAMESPACE: Final = "fastflow.namespace"
"""On an attempt that has joined a namespace: the container that keeps it."""
ONLY_OF_ATTEMPTS: Final = frozenset({RUN, ATTEMPT, PIPELINE, _LEASE, _DIRECTORY})
"""Beside what every container carries."""


class Kind(StrEnum):
    """What a container of ours is for."""

    ATTEMPT = "attempt"
    PREPARATION = "preparation"
    NAMESPACE = "namespace"
    """Keeps a network namespace for one other container."""
    STANDBY = "standby"
    """Made before its attempt was known; whose it became is in the server's records."""


def common(kind: Kind, installation: str) -> dict[str, str]:
    """Return what every container of that kind carries; several installations may share an Engine."""
    return {MANAGED: "true", KIND: kind.value, INSTALLATION: installation}


def of_joined(keeper: str | None) -> dict[str, str]:
    """Return what a container carries that joins a keeper's namespace; nothing where it joins none."""
    return {NAMESPACE: keeper} if keeper else {}


def of_attempt(request: ExecutionRequest, installation: str, keeper: str | None = None) -> dict[str, str]:
    """Return the labels of an attempt's container; `keeper` is the one whose namespace it joins."""
    identity = request.identity
    return {
        **common(Kind.ATTEMPT, installation),
        RUN: identity.run_id,
        ATTEMPT: str(identity.attempt),
        PIPELINE: identity.pipeline,
        _LEASE: identity.lease_token,
        _DIRECTORY: str(request.directory),
        **of_joined(keeper),
    }


def identity_from(labels: Mapping[str, str]) -> AttemptIdentity | None:
    """Return whose attempt it is; None where somebody made up or mangled the labels."""
    try:
        return AttemptIdentity(
            labels[RUN], int(labels[ATTEMPT]), labels[PIPELINE], lease_token=labels[_LEASE]
        )
    except (KeyError, ValueError):
        return None


def namespace_from(labels: Mapping[str, str]) -> str | None:
    """Return the keeper of the namespace that an attempt has joined; None where it has its own."""
    return labels.get(NAMESPACE)


def directory_from(labels: Mapping[str, str]) -> Path | None:
    """Return the attempt's directory as the server that started it saw it."""
    return Path(labels[_DIRECTORY]) if _DIRECTORY in labels else None
