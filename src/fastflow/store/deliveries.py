"""Deliveries of other systems, as they are logged."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Session, col, func, select

from fastflow.domain.delivery import DeliveryKind
from fastflow.store.tables import DeliveryRow


def add(session: Session, row: DeliveryRow) -> DeliveryRow:
    """Log a delivery."""
    session.add(row)
    session.flush()
    return row


def save(session: Session, row: DeliveryRow) -> None:
    """Store what became of one that was logged."""
    session.merge(row)


def with_fingerprint(
    session: Session, kind: DeliveryKind, target: str, fingerprint: str
) -> DeliveryRow | None:
    """Return the delivery that was dealt with and that a repeated one has this in common with."""
    return session.exec(
        select(DeliveryRow).where(
            DeliveryRow.kind == kind, DeliveryRow.target == target, DeliveryRow.fingerprint == fingerprint
        )
    ).first()


def page(
    session: Session, kind: DeliveryKind, target: str, limit: int, before_id: str | None = None
) -> Sequence[DeliveryRow]:
    """Return a target's newest `limit` deliveries, or those older than `before_id` (keyset pagination)."""
    query = select(DeliveryRow).where(DeliveryRow.kind == kind, DeliveryRow.target == target)
    if before_id is not None:
        query = query.where(col(DeliveryRow.id) < before_id)
    return session.exec(query.order_by(col(DeliveryRow.id).desc()).limit(limit)).all()


def trim(session: Session, before: datetime, kept_per_target: int) -> int:
    """Delete the deliveries older than that, and of each target all but the newest; return how many."""
    count = session.exec(delete(DeliveryRow).where(col(DeliveryRow.at) < before)).rowcount
    full = session.exec(
        select(DeliveryRow.kind, DeliveryRow.target)
        .group_by(col(DeliveryRow.kind), col(DeliveryRow.target))
        .having(func.count() > kept_per_target)
    ).all()
    for kind, target in full:
        oldest_kept = session.exec(
            select(DeliveryRow.id)
            .where(DeliveryRow.kind == kind, DeliveryRow.target == target)
            .order_by(col(DeliveryRow.id).desc())
            .offset(kept_per_target - 1)
            .limit(1)
        ).one()
        count += session.exec(
            delete(DeliveryRow).where(
                col(DeliveryRow.kind) == kind,
                col(DeliveryRow.target) == target,
                col(DeliveryRow.id) < oldest_kept,
            )
        ).rowcount
    return count
