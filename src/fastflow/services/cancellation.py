"""Ends a run on request: at once where nothing of it runs, else by telling its worker."""

from datetime import datetime

from sqlmodel import Session

from fastflow.domain.events import EventType
from fastflow.domain.outcome import Blame, Outcome
from fastflow.domain.run import RunStatus
from fastflow.services.run_events import announce
from fastflow.store import attempts, runs
from fastflow.store.tables import RunRow


def cancel(session: Session, run: RunRow, reason: str, now: datetime) -> RunRow:
    """Ask for the end of a run that has not ended; asking again changes nothing."""
    if not runs.request_cancel(session, run.id, now, reason):
        return run
    ended = {"outcome": Outcome.CANCELLED, "blame": Blame.NOBODY, "reason": reason}
    kind = EventType.RUN_CANCEL_REQUESTED
    if attempts.drop_queued(session, run.id, now, **ended):
        runs.transition(session, run.id, RunStatus.CANCELLED, finished_at=now, **ended)
        kind = EventType.RUN_FINISHED
    run = session.get_one(RunRow, run.id, populate_existing=True)
    announce(session, kind, run, now)
    return run
