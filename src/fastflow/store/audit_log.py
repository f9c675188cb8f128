"""Reads the audit log, and cuts off what has become too old."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, update
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from fastflow.domain.audit import AuditAction
from fastflow.store.tables import AuditHorizonRow, AuditRow


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What the log is narrowed to; None does not narrow."""

    actor: str | None = None
    actions: frozenset[AuditAction] | None = None
    target: str | None = None
    pipeline_name: str | None = None
    at_from: datetime | None = None
    at_before: datetime | None = None


def page(
    session: Session, narrowed: AuditFilter, limit: int, before: int | None = None
) -> Sequence[AuditRow]:
    """Return the newest `limit` rows, or those before that sequence (keyset pagination)."""
    query = _narrowed(narrowed).order_by(col(AuditRow.sequence).desc()).limit(limit)
    if before is not None:
        query = query.where(col(AuditRow.sequence) < before)
    return session.exec(query).all()


def after(session: Session, narrowed: AuditFilter, sequence: int, limit: int) -> Sequence[AuditRow]:
    """Return up to `limit` rows that follow that sequence, oldest first."""
    query = _narrowed(narrowed).where(col(AuditRow.sequence) > sequence)
    return session.exec(query.order_by(col(AuditRow.sequence)).limit(limit)).all()


def horizon(session: Session) -> AuditHorizonRow:
    """Return where the log begins."""
    return session.exec(select(AuditHorizonRow)).one()


def trim(session: Session, before: datetime, limit: int, now: datetime) -> int:
    """Delete up to `limit` rows at the log's beginning that are older than that; return how many."""
    cut: AuditRow | None = None
    count = 0
    for row in after(session, AuditFilter(), horizon(session).sequence, limit):
        if row.at >= before:
            break
        cut, count = row, count + 1
    if cut is not None:
        # First the horizon: the database lets nothing go that is not behind it.
        moved = {"sequence": cut.sequence, "digest": cut.digest, "moved_at": now}
        session.connection().execute(update(AuditHorizonRow).values(moved))
        session.connection().execute(delete(AuditRow).where(col(AuditRow.sequence) <= cut.sequence))
    return count


def _narrowed(narrowed: AuditFilter) -> SelectOfScalar[AuditRow]:
    query = select(AuditRow)
    if narrowed.actor is not None:
        query = query.where(AuditRow.actor_name == narrowed.actor)
    if narrowed.actions is not None:
        query = query.where(col(AuditRow.action).in_(narrowed.actions))
    if narrowed.target is not None:
        query = query.where(AuditRow.target == narrowed.target)
    if narrowed.pipeline_name is not None:
        query = query.where(AuditRow.pipeline_name == narrowed.pipeline_name)
    if narrowed.at_from is not None:
        query = query.where(col(AuditRow.at) >= narrowed.at_from)
    if narrowed.at_before is not None:
        query = query.where(col(AuditRow.at) < narrowed.at_before)
    return query
