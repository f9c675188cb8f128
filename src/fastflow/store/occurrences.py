"""The ledger: what became of each occurrence of a schedule."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, delete, inspect, tuple_, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, or_, select
from sqlmodel.sql.expression import Select

from fastflow.domain.occurrence import OccurrenceStatus
from fastflow.domain.run import RunStatus, Trigger
from fastflow.store.tables import OccurrenceRow, RunRow, ScheduleRow

_WITHOUT_RUN: Final = frozenset(OccurrenceStatus) - {OccurrenceStatus.RUN}
_DECIDED: Final = frozenset(OccurrenceStatus) - {OccurrenceStatus.WAITING}


@dataclass(frozen=True, slots=True)
class NewOccurrence:
    """A row to be added: a downtime adds them by the ten thousand, and these are made ten times faster."""

    schedule_id: str
    due_at: datetime
    pipeline_name: str
    status: OccurrenceStatus
    code: str | None
    reason: str | None
    run_id: str | None
    count: int
    first_due_at: datetime | None
    decided_at: datetime


_COLUMNS: Final = tuple(field.name for field in fields(NewOccurrence))


def insert(session: Session, rows: Sequence[NewOccurrence]) -> None:
    """Add to the ledger; two rows for one schedule and moment are impossible."""
    mappings = [{name: getattr(row, name) for name in _COLUMNS} for row in rows]
    session.bulk_insert_mappings(inspect(OccurrenceRow), mappings)


def ahead_of_accounts(session: Session, schedule_ids: Iterable[str]) -> set[tuple[str, datetime]]:
    """Return what the ledger holds already although it is not accounted for: the clock was set back."""
    rows = session.exec(
        select(OccurrenceRow.schedule_id, OccurrenceRow.due_at)
        .join(ScheduleRow, col(ScheduleRow.id) == OccurrenceRow.schedule_id)
        .where(
            col(OccurrenceRow.schedule_id).in_(list(schedule_ids)),
            col(OccurrenceRow.due_at) > ScheduleRow.accounted_until,
        )
    ).all()
    return set(rows)


def forget_idle_after(session: Session, schedule_id: str, moment: datetime) -> None:
    """Delete what is later than a moment and made no run: it has not come yet after all."""
    session.exec(
        delete(OccurrenceRow)
        .where(
            col(OccurrenceRow.schedule_id) == schedule_id,
            col(OccurrenceRow.due_at) > moment,
            col(OccurrenceRow.status) != OccurrenceStatus.RUN,
        )
        .execution_options(synchronize_session=False)
    )


def oldest_waiting(session: Session) -> Sequence[tuple[str, datetime]]:
    """Return the pipelines with occurrences that wait, each with the earliest moment."""
    return session.exec(
        select(OccurrenceRow.pipeline_name, func.min(OccurrenceRow.due_at))
        .where(OccurrenceRow.status == OccurrenceStatus.WAITING)
        .group_by(col(OccurrenceRow.pipeline_name))
    ).all()


def first_waiting(session: Session, pipeline_name: str) -> OccurrenceRow | None:
    """Return the occurrence of a pipeline that waits longest."""
    return session.exec(
        select(OccurrenceRow)
        .where(OccurrenceRow.status == OccurrenceStatus.WAITING, OccurrenceRow.pipeline_name == pipeline_name)
        .order_by(col(OccurrenceRow.due_at), col(OccurrenceRow.schedule_id))
        .limit(1)
    ).first()


def count_waiting(session: Session, schedule_ids: Iterable[str]) -> dict[str, int]:
    """Return how many occurrences of each schedule wait; none for those without any."""
    rows = session.exec(
        select(OccurrenceRow.schedule_id, func.count())
        .where(
            OccurrenceRow.status == OccurrenceStatus.WAITING,
            col(OccurrenceRow.schedule_id).in_(list(schedule_ids)),
        )
        .group_by(col(OccurrenceRow.schedule_id))
    ).all()
    return dict(rows)


def newest(session: Session, schedule_ids: Iterable[str]) -> dict[str, tuple[OccurrenceRow, RunRow | None]]:
    """Return the newest occurrence of each schedule, with the run that it made or is part of."""
    any_row = aliased(OccurrenceRow)
    latest = (
        select(func.max(any_row.due_at))
        .where(any_row.schedule_id == ScheduleRow.id)
        .correlate(ScheduleRow)
        .scalar_subquery()
    )
    query = (
        _with_runs()
        .join(ScheduleRow, col(ScheduleRow.id) == OccurrenceRow.schedule_id)
        .where(col(ScheduleRow.id).in_(list(schedule_ids)), OccurrenceRow.due_at == latest)
    )
    return {row.schedule_id: (row, run) for row, run in session.exec(query).all()}


def count_active_late(session: Session) -> int:
    """Return how many caught-up runs are queued or running now."""
    query = (
        select(func.count())
        .select_from(RunRow)
        .where(
            col(RunRow.status).in_({RunStatus.PENDING, RunStatus.RUNNING}),
            RunRow.trigger == Trigger.SCHEDULE,
            col(RunRow.cause)["is_late"].as_boolean().is_(True),
        )
    )
    return session.exec(query).one()


def take_waiting(session: Session, schedule_id: str, due_at: datetime, at: datetime) -> bool:
    """Decide that an occurrence which waits makes a run; False where somebody else has decided."""
    statement = (
        update(OccurrenceRow)
        .where(
            col(OccurrenceRow.schedule_id) == schedule_id,
            col(OccurrenceRow.due_at) == due_at,
            col(OccurrenceRow.status) == OccurrenceStatus.WAITING,
        )
        .values(status=OccurrenceStatus.RUN, decided_at=at)
        .execution_options(synchronize_session=False)
    )
    return session.exec(statement).rowcount == 1


def skip_waiting(session: Session, schedule_id: str, code: str, reason: str, at: datetime) -> int:
    """Skip what waits, and what was coalesced into it; return how many rows."""
    statement = (
        update(OccurrenceRow)
        .where(
            col(OccurrenceRow.schedule_id) == schedule_id,
            or_(
                col(OccurrenceRow.status) == OccurrenceStatus.WAITING,
                (col(OccurrenceRow.status) == OccurrenceStatus.COALESCED)
                & col(OccurrenceRow.run_id).is_(None),
            ),
        )
        .values(status=OccurrenceStatus.SKIPPED, code=code, reason=reason, decided_at=at)
        .execution_options(synchronize_session=False)
    )
    return session.exec(statement).rowcount


def count_coalesced(session: Session, schedule_id: str, before: datetime) -> int:
    """Return for how many earlier occurrences the run of this one will stand."""
    query = select(func.sum(OccurrenceRow.count)).where(_unattached(schedule_id, before))
    return session.exec(query).one() or 0


def attach(session: Session, schedule_id: str, due_at: datetime, run_id: str) -> None:
    """Name the run of an occurrence, also at those that were coalesced into it."""
    itself = and_(col(OccurrenceRow.schedule_id) == schedule_id, col(OccurrenceRow.due_at) == due_at)
    session.exec(
        update(OccurrenceRow)
        .where(or_(itself, _unattached(schedule_id, due_at)))
        .values(run_id=run_id)
        .execution_options(synchronize_session=False)
    )


def trim(session: Session, before: datetime, limit: int) -> int:
    """Delete up to `limit` decided rows about moments before that one; return how many."""
    deleted = 0
    for status in sorted(_DECIDED):
        old = (
            select(OccurrenceRow.schedule_id, OccurrenceRow.due_at)
            .where(OccurrenceRow.status == status, OccurrenceRow.due_at < before)
            .order_by(col(OccurrenceRow.due_at))
            .limit(limit - deleted)
        )
        statement = (
            delete(OccurrenceRow)
            .where(tuple_(col(OccurrenceRow.schedule_id), col(OccurrenceRow.due_at)).in_(old))
            .execution_options(synchronize_session=False)
        )
        deleted += session.exec(statement).rowcount
    return deleted


def page(
    session: Session,
    schedule_id: str,
    limit: int,
    before: datetime | None = None,
    status: OccurrenceStatus | None = None,
) -> Sequence[tuple[OccurrenceRow, RunRow | None]]:
    """Return the newest `limit` rows of a schedule, or those earlier than `before`, with their runs."""
    query = _with_runs().where(OccurrenceRow.schedule_id == schedule_id)
    if before is not None:
        query = query.where(col(OccurrenceRow.due_at) < before)
    if status is not None:
        query = query.where(OccurrenceRow.status == status)
    return session.exec(query.order_by(col(OccurrenceRow.due_at).desc()).limit(limit)).all()


def not_run_since(
    session: Session, since: datetime, limit: int, pipelines: Collection[str] | None = None
) -> Sequence[tuple[OccurrenceRow, str, int]]:
    """Return what made no run of its own: of each schedule and cause the last, its key, and how many."""
    groups = (
        select(
            col(OccurrenceRow.schedule_id),
            func.max(OccurrenceRow.due_at).label("last"),
            func.sum(OccurrenceRow.count).label("count"),
        )
        .where(col(OccurrenceRow.status).in_(_WITHOUT_RUN), col(OccurrenceRow.due_at) >= since)
        .group_by(col(OccurrenceRow.schedule_id), col(OccurrenceRow.status), col(OccurrenceRow.code))
        .order_by(func.max(OccurrenceRow.due_at).desc())
        .limit(limit)
    )
    if pipelines is not None:
        groups = groups.where(col(OccurrenceRow.pipeline_name).in_(pipelines))
    found = groups.subquery()
    query = (
        select(OccurrenceRow, ScheduleRow.key, found.c.count)
        .join(
            found,
            and_(
                found.c.schedule_id == col(OccurrenceRow.schedule_id),
                found.c.last == col(OccurrenceRow.due_at),
            ),
        )
        .join(ScheduleRow, col(ScheduleRow.id) == OccurrenceRow.schedule_id)
        .order_by(col(OccurrenceRow.due_at).desc())
    )
    return session.exec(query).all()


def about(
    session: Session, schedule_id: str, begin: datetime, end: datetime, limit: int
) -> Sequence[tuple[OccurrenceRow, RunRow | None]]:
    """Return the first rows of a schedule about moments in [begin, end), also as part of a range."""
    first = func.coalesce(OccurrenceRow.first_due_at, OccurrenceRow.due_at)
    query = _with_runs().where(
        OccurrenceRow.schedule_id == schedule_id, col(OccurrenceRow.due_at) >= begin, first < end
    )
    return session.exec(query.order_by(col(OccurrenceRow.due_at)).limit(limit)).all()


def _with_runs() -> Select[OccurrenceRow, RunRow]:
    return select(OccurrenceRow, RunRow).join(RunRow, col(RunRow.id) == OccurrenceRow.run_id, isouter=True)


def _unattached(schedule_id: str, before: datetime) -> ColumnElement[bool]:
    return and_(
        col(OccurrenceRow.schedule_id) == schedule_id,
        col(OccurrenceRow.status) == OccurrenceStatus.COALESCED,
        col(OccurrenceRow.run_id).is_(None),
        col(OccurrenceRow.due_at) < before,
    )
