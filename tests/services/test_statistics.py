"""Daily sums: what ended today is there at once, what ended before within a minute."""

from datetime import date, timedelta

import pytest

from fastflow.domain.run import RunStatus, Trigger
from fastflow.services.statistics import DAYS, Statistics
from fastflow.store import runs
from fastflow.store.database import Database
from fastflow.store.ids import new_id
from fastflow.store.tables import RunRow
from tests.fakes.clock import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


async def end(
    database: Database,
    clock: FakeClock,
    pipeline: str = "p",
    status: RunStatus = RunStatus.SUCCESS,
    *,
    days: int,
) -> None:
    """Let a run end that many days ago, after ten seconds."""
    at = clock.now() - timedelta(days=days)
    row = RunRow(
        id=new_id(),
        pipeline_name=pipeline,
        status=status,
        trigger=Trigger.API,
        spec={},
        created_at=at,
        started_at=at - timedelta(seconds=10),
        finished_at=at,
    )
    await database.write(lambda session: runs.insert(session, row))


async def test_the_sums_are_of_the_last_days_by_pipeline_and_status(
    database_url: str, clock: FakeClock
) -> None:
    database = Database(database_url)
    try:
        for days in (0, 1, DAYS, DAYS + 1):
            await end(database, clock, days=days)
        await end(database, clock, "other", RunStatus.FAILED, days=2)
        sums = await Statistics(database, clock).by_pipeline()
        assert (sums["p"].runs, sums["p"].seconds) == ({RunStatus.SUCCESS: 3}, 30.0)
        assert sums["other"].runs == {RunStatus.FAILED: 1}
        assert (await Statistics(database, clock).of("p")).runs == {RunStatus.SUCCESS: 3}
        assert (await Statistics(database, clock).of("none")).total == 0
    finally:
        await database.close()


async def test_today_counts_at_once_and_the_past_after_a_minute(sqlite_url: str, clock: FakeClock) -> None:
    database = Database(sqlite_url)
    try:
        statistics = Statistics(database, clock)
        assert (await statistics.by_pipeline()) == {}
        await end(database, clock, days=0)
        assert (await statistics.by_pipeline())["p"].total == 1
        await end(database, clock, days=1)
        assert (await statistics.by_pipeline())["p"].total == 1
        await clock.advance(timedelta(minutes=1))
        assert (await statistics.by_pipeline())["p"].total == 2
        await clock.advance(timedelta(days=DAYS))
        assert (await statistics.by_pipeline())["p"].total == 1
    finally:
        await database.close()


async def test_days_are_told_one_by_one_oldest_first(database_url: str, clock: FakeClock) -> None:
    database = Database(database_url)
    try:
        for days, status in ((9, RunStatus.SUCCESS), (1, RunStatus.FAILED), (1, RunStatus.SUCCESS)):
            await end(database, clock, status=status, days=days)
        days = await Statistics(database, clock).days("p", 9)
        assert [(day.day, day.runs, day.seconds) for day in days] == [
            (date(2029, 12, 31), {RunStatus.FAILED: 1, RunStatus.SUCCESS: 1}, 20.0)
        ]
        assert [day.day for day in await Statistics(database, clock).days("p", 10)] == [
            date(2029, 12, 23),
            date(2029, 12, 31),
        ]
    finally:
        await database.close()
