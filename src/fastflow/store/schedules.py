"""Schedules: the rules that make runs, which of them are due, and how far each is accounted for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import inspect
from sqlmodel import Session, col, func, or_, select

from fastflow.domain.occurrence import ScheduleOrigin
from fastflow.store.tables import PipelineRow, ScheduleRow


@dataclass(frozen=True, slots=True)
class Step:
    """How far a schedule is accounted for from now on."""

    id: str
    accounted_until: datetime
    next_due_at: datetime | None


def save(session: Session, row: ScheduleRow) -> ScheduleRow:
    """Insert or change a schedule; the scheduler is woken after the commit."""
    session.add(row)
    session.info["has_schedules_changed"] = True
    return row


def get(session: Session, schedule_id: str) -> ScheduleRow | None:
    """Return the schedule of that id, also where it has vanished."""
    return session.get(ScheduleRow, schedule_id)


def of_pipeline(session: Session, pipeline_name: str) -> Sequence[ScheduleRow]:
    """Return all schedules that a pipeline has or had, by key."""
    query = select(ScheduleRow).where(ScheduleRow.pipeline_name == pipeline_name)
    # Asked for each of thousands of pipelines, of which none has schedules that are not written yet.
    query = query.order_by(col(ScheduleRow.key), col(ScheduleRow.id)).execution_options(autoflush=False)
    return session.exec(query).all()


def with_key(session: Session, pipeline_name: str, origin: ScheduleOrigin, key: str) -> ScheduleRow | None:
    """Return the schedule of that key, also where it has vanished."""
    return session.exec(
        select(ScheduleRow).where(
            ScheduleRow.pipeline_name == pipeline_name, ScheduleRow.origin == origin, ScheduleRow.key == key
        )
    ).first()


def every(session: Session, pipeline_name: str | None = None) -> Sequence[tuple[ScheduleRow, PipelineRow]]:
    """Return those that are there or were superseded, with their pipelines, by pipeline and key."""
    query = (
        select(ScheduleRow, PipelineRow)
        .join(PipelineRow, col(PipelineRow.name) == ScheduleRow.pipeline_name)
        .where(
            or_(
                col(ScheduleRow.is_present).is_(True),
                (col(ScheduleRow.origin) == ScheduleOrigin.API) & col(ScheduleRow.deleted_at).is_(None),
            )
        )
        .order_by(col(ScheduleRow.pipeline_name), col(ScheduleRow.key), col(ScheduleRow.id))
    )
    if pipeline_name is not None:
        query = query.where(ScheduleRow.pipeline_name == pipeline_name)
    return session.exec(query).all()


def due(session: Session, now: datetime, limit: int) -> Sequence[tuple[ScheduleRow, PipelineRow | None]]:
    """Return up to `limit` schedules with an occurrence that is due, the earliest first."""
    return session.exec(
        select(ScheduleRow, PipelineRow)
        .join(PipelineRow, col(PipelineRow.name) == ScheduleRow.pipeline_name, isouter=True)
        .where(col(ScheduleRow.next_due_at) <= now)
        .order_by(col(ScheduleRow.next_due_at))  # and no more, or the index ends nothing early
        .limit(limit)
    ).all()


def next_due(session: Session) -> datetime | None:
    """Return when the earliest occurrence of all is due."""
    return session.exec(select(func.min(ScheduleRow.next_due_at))).one()


def hold(session: Session, schedule_ids: Iterable[str]) -> dict[str, datetime]:
    """Return until when each of them is accounted for; it stays so until this transaction ends."""
    query = (
        select(ScheduleRow.id, ScheduleRow.accounted_until)
        .where(col(ScheduleRow.id).in_(list(schedule_ids)))
        .order_by(col(ScheduleRow.id))
        .with_for_update()
    )
    return dict(session.exec(query).all())


def advance(session: Session, steps: Sequence[Step]) -> None:
    """Move schedules on that this transaction holds."""
    rows = [
        {"id": step.id, "accounted_until": step.accounted_until, "next_due_at": step.next_due_at}
        for step in steps
    ]
    session.bulk_update_mappings(inspect(ScheduleRow), rows)


def accounted_beyond(session: Session, moment: datetime) -> Sequence[ScheduleRow]:
    """Return those whose accounts reach beyond a moment: the clock was set back since."""
    query = select(ScheduleRow).where(col(ScheduleRow.accounted_until) > moment)
    return session.exec(query.order_by(col(ScheduleRow.id))).all()
