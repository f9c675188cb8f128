"""The table of daily statistics, so that no page ever counts runs."""

from datetime import date

from sqlalchemy import Date, Index
from sqlmodel import Field, SQLModel

from fastflow.domain.run import RunStatus
from fastflow.store.tables.columns import Name, Word, table_name


class DailyStatisticsRow(SQLModel, table=True):
    """How many runs of a pipeline ended in a status on one day (UTC)."""

    __tablename__ = table_name("daily_statistics")
    __table_args__ = (Index("statistics_by_day", "day", "pipeline_name", "status", "runs", "seconds"),)

    pipeline_name: str = Field(primary_key=True, sa_type=Name)
    day: date = Field(primary_key=True, sa_type=Date)
    status: RunStatus = Field(primary_key=True, sa_type=Word(RunStatus))
    runs: int
    seconds: float
    """Sum of their durations from start to end."""
