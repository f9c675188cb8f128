"""The queue as people look at it: what holds a slot, what waits for one."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlmodel import Session, col, func, select

from fastflow.domain.run import HOLDS_A_SLOT, AttemptStatus, RunStatus
from fastflow.store.tables import AttemptRow, RunRow


def holders(session: Session) -> Sequence[tuple[AttemptRow, RunRow]]:
    """Return the attempts that hold a slot, with their runs, oldest first: as many as there are slots."""
    return session.exec(
        select(AttemptRow, RunRow)
        .join(RunRow, col(RunRow.id) == AttemptRow.run_id)
        .where(col(AttemptRow.status).in_(HOLDS_A_SLOT))
        .order_by(col(AttemptRow.run_id))
    ).all()


def waiting(
    session: Session, limit: int, holders: Collection[str], pipelines: Collection[str] | None = None
) -> Sequence[tuple[AttemptRow, RunRow]]:
    """Return the oldest `limit` runs with an attempt that waits, with that attempt.

    `holders` are the runs that hold a slot. They wait for nothing; looking for those that do by their
    attempts would read the whole queue.
    """
    ids: list[str] = []
    for status in (RunStatus.PENDING, RunStatus.RETRYING):
        query = select(RunRow.id).where(RunRow.status == status, *_of(RunRow, pipelines))
        ids += session.exec(query.order_by(col(RunRow.id)).limit(limit + len(holders))).all()
    oldest = sorted(set(ids) - set(holders))[:limit]
    return session.exec(
        select(AttemptRow, RunRow)
        .join(RunRow, col(RunRow.id) == AttemptRow.run_id)
        .where(col(AttemptRow.run_id).in_(oldest), AttemptRow.status == AttemptStatus.QUEUED)
        .order_by(col(AttemptRow.run_id))
    ).all()


def count_waiting(session: Session, pipelines: Collection[str] | None = None) -> int:
    """Return how many attempts wait; read from an index alone."""
    return session.exec(
        select(func.count())
        .select_from(AttemptRow)
        .where(AttemptRow.status == AttemptStatus.QUEUED, *_of(AttemptRow, pipelines))
    ).one()


def retrying(session: Session, pipelines: Collection[str], at_most: int) -> Sequence[tuple[str, str]]:
    """Return pipeline and id of the runs of these pipelines that wait for another attempt."""
    return session.exec(
        select(RunRow.pipeline_name, RunRow.id)
        .where(col(RunRow.pipeline_name).in_(pipelines), RunRow.status == RunStatus.RETRYING)
        .limit(at_most)
    ).all()


def _of(table: type[AttemptRow | RunRow], pipelines: Collection[str] | None) -> list[Any]:
    return [] if pipelines is None else [col(table.pipeline_name).in_(pipelines)]
