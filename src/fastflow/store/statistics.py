"""Daily statistics: counted when a run ends, read instead of counting runs."""

from collections.abc import Sequence
from datetime import UTC, date

from sqlmodel import Session, col, select

from fastflow.store.tables import DailyStatisticsRow, RunRow


def count(session: Session, run: RunRow) -> None:
    """Add a run that has just ended to the day of its end."""
    ended_at = run.finished_at or run.created_at
    seconds = (ended_at - run.started_at).total_seconds() if run.started_at else 0.0
    key = (run.pipeline_name, ended_at.astimezone(UTC).date(), run.status)
    row = session.get(DailyStatisticsRow, key)
    if row is None:
        row = DailyStatisticsRow(pipeline_name=key[0], day=key[1], status=key[2], runs=0, seconds=0)
        session.add(row)
    row.runs += 1
    row.seconds += seconds
    session.flush()


def since(session: Session, day: date, pipeline_name: str | None = None) -> Sequence[DailyStatisticsRow]:
    """Return the statistics from that day on, of one pipeline or of all."""
    query = select(DailyStatisticsRow).where(col(DailyStatisticsRow.day) >= day)
    if pipeline_name is not None:
        query = query.where(DailyStatisticsRow.pipeline_name == pipeline_name)
    return session.exec(query.order_by(col(DailyStatisticsRow.day))).all()
