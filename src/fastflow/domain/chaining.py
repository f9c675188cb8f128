"""Decides which pipelines follow a run that has ended."""

from typing import Final

from fastflow.domain.manifest import DownstreamTrigger
from fastflow.domain.run import RunStatus

LONGEST_CHAIN: Final = 100
"""Runs that one run may lead to in a row, one starting the next; longer ones are taken for cycles."""

UPSTREAM_KEYS: Final = "upstream:"
"""How the idempotency keys of chains begin; nobody else may use such a key."""


def is_followed(trigger: DownstreamTrigger, status: RunStatus, route: str | None) -> bool:
    """Whether a run that ended like this starts that trigger's pipeline.

    `on_success` and `on_failure` say after which end, and `on_route` narrows that to runs that chose (one
    of) these routes. A run that was cancelled or skipped starts nothing.
    """
    wanted = {RunStatus.SUCCESS: trigger.on_success, RunStatus.FAILED: trigger.on_failure}
    return wanted.get(status, False) and (trigger.on_route is None or route in routes_of(trigger))


def routes_of(trigger: DownstreamTrigger) -> tuple[str, ...]:
    """Return the routes that the trigger asks for; none where it asks for no particular one."""
    if trigger.on_route is None:
        return ()
    return (trigger.on_route,) if isinstance(trigger.on_route, str) else tuple(trigger.on_route)


def idempotency_key(upstream_run_id: str, index: int) -> str:
    """Name the start of one trigger by one run, so that it happens once however often it is asked for."""
    return f"{UPSTREAM_KEYS}{upstream_run_id}:{index}"
