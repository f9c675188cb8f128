"""Daily statistics: counted when a run ends, read instead of counting runs."""

from collections.abc import Sequence
from datetime import UTC, date

from sqlalchemy import update
from sqlmodel import Session, col, select

from fastflow.store.tables import DailyStatisticsRow, RunRow


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


def since(session: Session, day: date, pipeline_name: str | None = None) -> Sequence[DailyStatisticsRow]:
    """Return the statistics from that day on, of one pipeline or of all."""
    query = select(DailyStatisticsRow).where(col(DailyStatisticsRow.day) >= day)
    if pipeline_name is not None:
        query = query.where(DailyStatisticsRow.pipeline_name == pipeline_name)
    return session.exec(query.order_by(col(DailyStatisticsRow.day))).all()
