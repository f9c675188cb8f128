"""Says what a run in the queue waits for."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from fastflow.domain.run import RunStatus


class WaitsFor(StrEnum):
    """What has to happen before its next attempt can begin."""

    RETRY = "retry"
    """The pause after a failed attempt has to end."""
    PLATFORM = "platform"
    """The last start could not be done here; it is tried again in a moment."""
    PIPELINE = "pipeline"
    """As many runs of the pipeline as its `max_instances` allows have begun."""
    SLOT = "slot"
    """All slots are held."""
    TURN = "turn"
    """Nothing: it is about to begin."""


@dataclass(frozen=True, slots=True)
class Queued:
    """What is known of a run in the queue."""

    status: RunStatus
    available_at: datetime
    """Before that its attempt is not due."""
    reason: str | None
    """What the run itself says."""
    has_begun: bool
    """Whether it is one of `max_instances` already."""
    max_instances: int | None


def what_it_waits_for(
    queued: Queued, now: datetime, *, begun: int, slots_in_use: int, slots: int
) -> tuple[WaitsFor, str]:
    """Return it, and a sentence that says so; `begun` is how many runs of its pipeline have."""
    limit = queued.max_instances
    if queued.available_at > now:
        at = queued.available_at.strftime("%H:%M:%S UTC")
        said = f"{queued.reason} " if queued.reason else ""
        if queued.status is RunStatus.RETRYING:
            return WaitsFor.RETRY, f"{said}The next attempt is due at {at}.".strip()
        return WaitsFor.PLATFORM, f"{said}It is tried again at {at}.".strip()
    if limit is not None and not queued.has_begun and begun >= limit:
        return WaitsFor.PIPELINE, (
            f"{begun} of at most {limit} runs of this pipeline have begun (`max_instances`); "
            "it begins when one of them ends."
        )
    if slots_in_use >= slots:
        return WaitsFor.SLOT, (
            f"All {slots} slots are in use; it begins when its turn comes. MAX_CONCURRENT_RUNS sets how many."
        )
    return WaitsFor.TURN, "It is about to begin."
