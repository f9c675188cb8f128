"""Says what can be done with a run now, and why not where it can't."""

from typing import NamedTuple

from fastflow.domain.run import TERMINAL, RunStatus


class Action(NamedTuple):
    """One thing a user may want to do."""

    is_allowed: bool
    reason: str | None
    """Why not, in words; None where it is allowed."""


class RunActions(NamedTuple):
    """All that can be done with a run."""

    cancel: Action
    retry: Action


_ALLOWED = Action(True, None)


def actions_for(status: RunStatus, *, is_cancel_requested: bool, was_accepted: bool) -> RunActions:
    """Decide what is possible. `was_accepted` is false for a trigger that was rejected."""
    if status in TERMINAL:
        cancel = Action(False, "The run has ended.")
        retry = _ALLOWED if was_accepted else Action(False, "The trigger was rejected; start a new run.")
    else:
        cancel = Action(False, "It is being cancelled.") if is_cancel_requested else _ALLOWED
        retry = Action(False, "The run has not ended.")
    return RunActions(cancel, retry)
