"""Sums up how pipelines have been doing."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from sqlmodel import Session

from fastflow.domain.ports import Clock
from fastflow.domain.run import RunStatus
from fastflow.store import statistics
from fastflow.store.database import Database
from fastflow.store.statistics import Sum

DAYS: Final = 30
PAST_HOLDS: Final = timedelta(seconds=60)


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


@dataclass(slots=True)
class Day:
    """The runs of a pipeline that ended on one day (UTC)."""

    day: date
    runs: dict[RunStatus, int] = field(default_factory=dict[RunStatus, int])
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class _Past:
    """The sums of the days before today."""

    today: date
    read_at: datetime
    sums: Sequence[Sum]


class Statistics:
    """Reads the daily sums; never counts runs."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._past: _Past | None = None

    async def by_pipeline(self) -> dict[str, PipelineStatistics]:
        """Return the sums of the last `DAYS` days by pipeline; one without runs is missing.

        What ended before today is read once a minute: with thousands of pipelines it takes a while, and only
        what ended about midnight is still added to it.
        """
        now = self._clock.now()
        past = self._past

        def work(session: Session) -> tuple[_Past, dict[str, PipelineStatistics]]:
            known = past if past is not None and _holds(past, now) else _read_past(session, now)
            return known, _together([*known.sums, *statistics.sums(session, known.today)])

        self._past, sums = await self._database.read(work)
        return sums

    async def of(self, pipeline_name: str) -> PipelineStatistics:
        """Return the sums of the last `DAYS` days of one pipeline."""
        first = _first_day(self._clock.now())
        rows = await self._database.read(lambda session: statistics.of_days(session, pipeline_name, first))
        return _together(Sum(row.pipeline_name, row.status, row.runs, row.seconds) for row in rows)[
            pipeline_name
        ]

    async def days(self, pipeline_name: str, count: int) -> list[Day]:
        """Return the last `count` days of a pipeline on which a run ended, oldest first."""
        first = (self._clock.now() - timedelta(days=count - 1)).date()
        rows = await self._database.read(lambda session: statistics.of_days(session, pipeline_name, first))
        days: dict[date, Day] = {}
        for row in rows:
            day = days.setdefault(row.day, Day(row.day))
            day.runs[row.status] = day.runs.get(row.status, 0) + row.runs
            day.seconds += row.seconds
        return list(days.values())


def _first_day(now: datetime) -> date:
    return (now - timedelta(days=DAYS)).date()


def _holds(past: _Past, now: datetime) -> bool:
    return past.today == now.date() and timedelta() <= now - past.read_at < PAST_HOLDS


def _read_past(session: Session, now: datetime) -> _Past:
    return _Past(now.date(), now, statistics.sums(session, _first_day(now), now.date()))


def _together(sums: Iterable[Sum]) -> dict[str, PipelineStatistics]:
    found: dict[str, PipelineStatistics] = defaultdict(PipelineStatistics)
    for name, status, runs, seconds in sums:
        of_pipeline = found[name]
        of_pipeline.runs[status] += runs
        of_pipeline.seconds += seconds
    return found
