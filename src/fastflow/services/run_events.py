"""Tells the world about a run, in the transaction that changed it."""

from datetime import datetime

from sqlmodel import Session

from fastflow.domain.events import EventType
from fastflow.store import events
from fastflow.store.tables import RunRow


def announce(session: Session, type: EventType, run: RunRow, at: datetime) -> None:
    """Write the event with all that a list of runs shows, so that it needs no further request."""
    events.append(
        session,
        type,
        at,
        pipeline_name=run.pipeline_name,
        run_id=run.id,
        payload={
            "status": run.status,
            "trigger": run.trigger,
            "attempt": run.attempt_count,
            "outcome": run.outcome,
            "exit_code": run.exit_code,
            "reason": run.reason,
            "cancel_reason": run.cancel_reason,
        },
    )
