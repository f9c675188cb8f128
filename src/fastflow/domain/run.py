"""The lifecycle of a run: its statuses and the one table of legal transitions."""

from enum import StrEnum
from typing import Final


class RunStatus(StrEnum):
    """Where a run stands. Users see exactly these words."""

    PENDING = "PENDING"
    """Accepted; waits for a slot or for its environment. Holds no slot while it waits for one."""
    RUNNING = "RUNNING"
    """An attempt's container has been started and has not been concluded."""
    RETRYING = "RETRYING"
    """The last attempt failed; the next one waits for its delay or for a slot. Holds no slot."""
    SUCCESS = "SUCCESS"
    """The last attempt exited with code 0."""
    FAILED = "FAILED"
    """The last attempt failed and no further one follows."""
    CANCELLED = "CANCELLED"
    """Somebody, or the `replace` policy, ended it."""
    SKIPPED = "SKIPPED"
    """A trigger that was not executed: overlap policy, disabled pipeline or rejected input."""


TRANSITIONS: Final[dict[RunStatus, frozenset[RunStatus]]] = {
    RunStatus.PENDING: frozenset(
        {RunStatus.RUNNING, RunStatus.RETRYING, RunStatus.FAILED, RunStatus.CANCELLED}
    ),
    RunStatus.RUNNING: frozenset(
        {RunStatus.SUCCESS, RunStatus.RETRYING, RunStatus.FAILED, RunStatus.CANCELLED}
    ),
    RunStatus.RETRYING: frozenset({RunStatus.RUNNING, RunStatus.FAILED, RunStatus.CANCELLED}),
    RunStatus.SUCCESS: frozenset(),
    RunStatus.FAILED: frozenset(),
    RunStatus.CANCELLED: frozenset(),
    RunStatus.SKIPPED: frozenset(),
}

TERMINAL: Final = frozenset(status for status, targets in TRANSITIONS.items() if not targets)
ACTIVE: Final = frozenset(RunStatus) - TERMINAL


def sources_of(target: RunStatus) -> frozenset[RunStatus]:
    """Return every status from which `target` may be entered."""
    return frozenset(status for status, targets in TRANSITIONS.items() if target in targets)


class AttemptStatus(StrEnum):
    """Where one attempt stands. The attempts table is the queue."""

    QUEUED = "QUEUED"
    """Waits for its `available_at` and for a slot; no worker holds it."""
    PREPARING = "PREPARING"
    """Claimed under a lease: its environment is made, its container created. Holds a slot."""
    RUNNING = "RUNNING"
    """Its container was started. Holds a slot."""
    ENDED = "ENDED"
    """Concluded; `outcome` says how. Holds nothing."""


ATTEMPT_TRANSITIONS: Final[dict[AttemptStatus, frozenset[AttemptStatus]]] = {
    AttemptStatus.QUEUED: frozenset({AttemptStatus.PREPARING, AttemptStatus.ENDED}),
    AttemptStatus.PREPARING: frozenset({AttemptStatus.QUEUED, AttemptStatus.RUNNING, AttemptStatus.ENDED}),
    AttemptStatus.RUNNING: frozenset({AttemptStatus.ENDED}),
    AttemptStatus.ENDED: frozenset(),
}

HOLDS_A_SLOT: Final = frozenset({AttemptStatus.PREPARING, AttemptStatus.RUNNING})


class Trigger(StrEnum):
    """Why a run exists."""

    MANUAL = "manual"
    API = "api"
    SCHEDULE = "schedule"
    WEBHOOK = "webhook"
    UPSTREAM = "upstream"


AUTOMATIC: Final = frozenset({Trigger.SCHEDULE, Trigger.UPSTREAM})
"""The triggers behind which nobody stands at that moment."""
