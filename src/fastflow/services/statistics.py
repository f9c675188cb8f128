"""Sums up how pipelines have been doing."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from fastflow.domain.ports import Clock
from fastflow.domain.run import RunStatus
from fastflow.store import statistics
from fastflow.store.database import Database
from fastflow.store.tables import DailyStatisticsRow

DAYS: Final = 30


@dataclass(slots=True)
class PipelineStatistics:
    """The runs of one pipeline that ended within the last `DAYS` days."""

    runs: dict[RunStatus, int] = field(default_factory=lambda: defaultdict[RunStatus, int](int))
    seconds: float = 0.0
    """Duration of all of them together."""

    @property
    def total(self) -> int:
        """How many ended, skipped ones included."""
        return sum(self.runs.values())


class Statistics:
    """Reads the daily sums; never counts runs."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def by_pipeline(self, pipeline_name: str | None = None) -> dict[str, PipelineStatistics]:
        """Return the sums of the last `DAYS` days by pipeline; one without runs is missing."""
        day = (self._clock.now() - timedelta(days=DAYS)).date()
        rows: Sequence[DailyStatisticsRow] = await self._database.read(
            lambda session: statistics.since(session, day, pipeline_name)
        )
        sums: dict[str, PipelineStatistics] = defaultdict(PipelineStatistics)
        for row in rows:
            sums[row.pipeline_name].runs[row.status] += row.runs
            sums[row.pipeline_name].seconds += row.seconds
        return sums
