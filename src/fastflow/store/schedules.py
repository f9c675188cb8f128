"""Schedules: the rules that make runs, which of them are due, and how far each is accounted for."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import inspect, tuple_
from sqlmodel import Session, col, func, or_, select

from fastflow.domain.occurrence import ScheduleOrigin
from fastflow.store.tables import PipelineRow, ScheduleRow

_STARTS_RUNS: Final = (
    col(ScheduleRow.is_present).is_(True),
    col(ScheduleRow.is_enabled).is_(True),
    col(ScheduleRow.paused_at).is_(None),
    col(PipelineRow.is_present).is_(True),
    col(PipelineRow.is_enabled).is_(True),
)
"""That nothing hinders it, as `services.schedule_rows.hindrance` says of a row with a reason."""


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


def every(
    session: Session,
    pipeline_name: str | None = None,
    only: Collection[str] | None = None,
    after: ScheduleRow | None = None,
    limit: int | None = None,
) -> Sequence[tuple[ScheduleRow, PipelineRow]]:
    """Return those that are there or were superseded, with their pipelines, by pipeline and key.

    `only` has the names of the pipelines that may be seen; `after` is the last one of the page before.
    """
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
    if only is not None:
        query = query.where(col(ScheduleRow.pipeline_name).in_(only))
    if after is not None:
        place = tuple_(col(ScheduleRow.pipeline_name), col(ScheduleRow.key), col(ScheduleRow.id))
        query = query.where(place > tuple_(after.pipeline_name, after.key, after.id))
    return session.exec(query.limit(limit)).all()


def next_due_of(session: Session, pipeline_names: Iterable[str]) -> dict[str, datetime]:
    """Return when each of these pipelines is due next by a schedule that starts runs now."""
    rows = session.exec(
        select(ScheduleRow.pipeline_name, func.min(ScheduleRow.next_due_at))
        .join(PipelineRow, col(PipelineRow.name) == ScheduleRow.pipeline_name)
        .where(col(ScheduleRow.pipeline_name).in_(list(pipeline_names)), *_STARTS_RUNS)
        .group_by(col(ScheduleRow.pipeline_name))
    ).all()
    return {name: due_at for name, due_at in rows if due_at is not None}


def soonest(
    session: Session, now: datetime, limit: int, pipeline_name: str | None = None
) -> Sequence[ScheduleRow]:
    """Return the schedules that the next `limit` occurrences after now can be of, by pipeline and key.

    Those are the first to be due, and all that are due already: their later occurrences may come before.
    """
    starting = select(ScheduleRow).join(PipelineRow, col(PipelineRow.name) == ScheduleRow.pipeline_name)
    names = (col(ScheduleRow.pipeline_name), col(ScheduleRow.key), col(ScheduleRow.id))
    starting = starting.where(*_STARTS_RUNS).order_by(col(ScheduleRow.next_due_at), *names)
    if pipeline_name is not None:
        starting = starting.where(ScheduleRow.pipeline_name == pipeline_name)
    overdue = session.exec(starting.where(col(ScheduleRow.next_due_at) <= now)).all()
    coming = session.exec(starting.where(col(ScheduleRow.next_due_at) > now).limit(limit)).all()
    return sorted([*overdue, *coming], key=lambda row: (row.pipeline_name, row.key, row.id))


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
