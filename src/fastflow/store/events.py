"""Events: appended in the transaction of the change they report, read in order."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from pydantic import JsonValue
from sqlalchemy import delete, insert, inspect
from sqlmodel import Session, col, func, select

from fastflow.domain.events import Event, EventType
from fastflow.store import cursors
from fastflow.store.tables import EventRow

_INSERT: Final = insert(EventRow)
"""Made once, and executed past the unit of work of the session, which takes three times as long."""


def append(
    session: Session,
    type: EventType,
    at: datetime,
    *,
    pipeline_name: str | None = None,
    run_id: str | None = None,
    payload: Mapping[str, JsonValue] | None = None,
) -> None:
    """Write one event into the running transaction; listeners are woken after its commit."""
    row = {"type": type, "at": at, "pipeline_name": pipeline_name, "run_id": run_id}
    session.connection().execute(_INSERT, {**row, "payload": dict(payload or {})})
    session.info["has_events"] = True


def append_for_runs(
    session: Session,
    type: EventType,
    at: datetime,
    reports: Sequence[tuple[str, str, Mapping[str, JsonValue]]],
) -> None:
    """Write the same kind of event for many runs (id, pipeline, payload), in order; one statement for all."""
    rows = [
        {"type": type, "at": at, "pipeline_name": name, "run_id": run_id, "payload": dict(payload)}
        for run_id, name, payload in reports
    ]
    session.bulk_insert_mappings(inspect(EventRow), rows)
    session.info["has_events"] = True


def after(session: Session, sequence: int, limit: int) -> Sequence[Event]:
    """Return up to `limit` events that follow `sequence`, oldest first."""
    query = select(EventRow).where(col(EventRow.sequence) > sequence).order_by(col(EventRow.sequence))
    return [Event.model_validate(row, from_attributes=True) for row in session.exec(query.limit(limit)).all()]


def newest(session: Session) -> int:
    """Return the sequence of the newest event, 0 where there is none."""
    return session.exec(select(func.max(EventRow.sequence))).one() or 0


def trim(session: Session, before: datetime) -> int:
    """Delete the events older than that moment; return how many.

    Those that a durable listener has not dealt with stay. So does the newest one: SQLite numbers what comes
    next by it, and a number that was given before would be missed by whoever has passed it.
    """
    keep_from = newest(session)
    reached = cursors.slowest(session)
    if reached is not None:
        keep_from = min(keep_from, reached + 1)
    statement = delete(EventRow).where(col(EventRow.at) < before, col(EventRow.sequence) < keep_from)
    return session.exec(statement.execution_options(synchronize_session=False)).rowcount
