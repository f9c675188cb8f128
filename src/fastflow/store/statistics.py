"""Daily statistics: counted when a run ends, read instead of counting runs."""

from collections.abc import Sequence
from datetime import UTC, date
from typing import Final, NamedTuple

from sqlalchemy import update
from sqlmodel import Session, col, func, select

from fastflow.domain.run import RunStatus
from fastflow.store.tables import DailyStatisticsRow, RunRow

_ALL: Final = 2**31 - 1


class Sum(NamedTuple):
    """The runs of a pipeline that ended in a status on some days, together."""

    pipeline_name: str
    status: RunStatus
    runs: int
    seconds: float


def count(session: Session, run: RunRow) -> None:
    """Add a run that has just ended to the day of its end."""
    ended_at = run.finished_at or run.created_at
    seconds = (ended_at - run.started_at).total_seconds() if run.started_at else 0.0
    day = ended_at.astimezone(UTC).date()
    statement = (
        update(DailyStatisticsRow)
        .where(
            col(DailyStatisticsRow.pipeline_name) == run.pipeline_name,
            col(DailyStatisticsRow.day) == day,
            col(DailyStatisticsRow.status) == run.status,
        )
        .values(runs=col(DailyStatisticsRow.runs) + 1, seconds=col(DailyStatisticsRow.seconds) + seconds)
        .execution_options(synchronize_session=False)
    )
    if session.exec(statement).rowcount == 0:
        first = DailyStatisticsRow(
            pipeline_name=run.pipeline_name, day=day, status=run.status, runs=1, seconds=seconds
        )
        session.add(first)
        session.flush()


def of_days(session: Session, pipeline_name: str, first: date) -> Sequence[DailyStatisticsRow]:
    """Return the statistics of a pipeline from that day on, day by day."""
    return session.exec(
        select(DailyStatisticsRow)
        .where(DailyStatisticsRow.pipeline_name == pipeline_name, col(DailyStatisticsRow.day) >= first)
        .order_by(col(DailyStatisticsRow.day))
    ).all()


def sums(session: Session, first: date, before: date | None = None) -> list[Sum]:
    """Sum up the days from `first` on and before `before`, by pipeline and status."""
    days = select(
        DailyStatisticsRow.pipeline_name,
        DailyStatisticsRow.status,
        DailyStatisticsRow.runs,
        DailyStatisticsRow.seconds,
    ).where(col(DailyStatisticsRow.day) >= first)
    if before is not None:
        days = days.where(col(DailyStatisticsRow.day) < before)
    # The limit keeps SQLite from summing in the order of the primary key, for which it reads all days.
    some = days.limit(_ALL).subquery()
    grouped = select(some.c.pipeline_name, some.c.status, func.sum(some.c.runs), func.sum(some.c.seconds))
    rows = session.exec(grouped.group_by(some.c.pipeline_name, some.c.status)).all()
    return [Sum(*row) for row in rows]
