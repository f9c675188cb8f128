"""Old runs go with their logs; active ones, young ones and each pipeline's newest stay."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

from fastflow.adapters.files.log_store import FileLogStore
from fastflow.domain.log import LogKey, Output, Stream
from fastflow.domain.outcome import Blame, Outcome
from fastflow.domain.run import RunStatus, Trigger
from fastflow.services.run_retention import RunLimits, RunRetention
from fastflow.store import attempts, payloads, runs, statistics
from fastflow.store.database import Database
from fastflow.store.ids import first_id_since
from fastflow.store.runs import RunFilter
from fastflow.store.tables import PayloadRow, PipelineRow, RunRow
from tests.fakes.clock import FakeClock

NOW = datetime(2026, 6, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
def logs(tmp_path: Path) -> FileLogStore:
    return FileLogStore(tmp_path / "logs", 1 << 30)


class House:
    """Runs made at moments of one's own."""

    def __init__(self, database: Database, logs: FileLogStore, clock: FakeClock) -> None:
        self.database, self.logs, self.clock = database, logs, clock
        self.made: list[str] = []

    async def run(self, pipeline: str, ago: timedelta, status: RunStatus = RunStatus.SUCCESS) -> str:
        """Write one with an attempt, a payload and a log."""
        run_id = first_id_since(NOW - ago)[:-12] + f"{len(self.made):012x}"
        self.made.append(run_id)
        has_ended = status is not RunStatus.RUNNING

        def work(session: Session) -> None:
            run = RunRow(
                id=run_id,
                pipeline_name=pipeline,
                status=status,
                trigger=Trigger.API,
                spec={},
                created_at=NOW - ago,
                finished_at=NOW - ago if has_ended else None,
                outcome=Outcome.EXITED if has_ended else None,
                blame=Blame.NOBODY if has_ended else None,
            )
            runs.insert(session, run)
            attempts.enqueue(session, run, 1, NOW - ago)
            session.add(PayloadRow(run_id=run_id, content_type="x/y", body=b"x"))

        await self.database.write(work)
        writer = await self.logs.open(LogKey(run_id, 1))
        await writer.append([Output(0, Stream.STDOUT, b"line\n")])
        await writer.close(is_complete=True)
        return run_id

    async def delete_old(self, **limits: Any) -> int:
        return await RunRetention(self.database, self.clock, self.logs, RunLimits(**limits)).delete_old()

    async def left(self) -> set[str]:
        """Return the runs that are there, having seen that the rest went with them and nothing else did."""

        def work(session: Session) -> set[str]:
            found = {run.id for run in runs.page(session, RunFilter(), 5_000)}
            for run_id in self.made:
                is_there = run_id in found
                assert len(attempts.of_run(session, run_id)) == is_there
                assert (payloads.get(session, run_id) is not None) == is_there
            return found

        found = await self.database.read(work)
        for run_id in self.made:
            assert (await self.logs.state(LogKey(run_id, 1))).lines == (run_id in found)
        return found


@pytest.fixture
def house(database: Database, logs: FileLogStore, clock: FakeClock) -> House:
    return House(database, logs, clock)


async def test_nothing_goes_where_nothing_is_said(house: House) -> None:
    old = await house.run("report", 3000 * DAY)
    assert await house.delete_old() == 0
    assert await house.left() == {old}


async def test_what_is_older_than_the_days_goes_and_the_newest_of_each_pipeline_stays(house: House) -> None:
    await house.run("report", 11 * DAY)
    young = await house.run("report", 9 * DAY)
    for ago in (300, 200):
        newest = await house.run("yearly", ago * DAY)
    assert await house.delete_old(days=10) == 2
    assert await house.left() == {young, newest}
    assert await house.delete_old(days=10) == 0


async def test_beyond_the_newest_ones_the_oldest_go(house: House) -> None:
    made = [await house.run("report", (20 - number) * DAY) for number in range(10)]
    other = [await house.run("other", 30 * DAY)]
    assert await house.delete_old(newest=3) == 7
    assert await house.left() == {*made[-3:], *other}


async def test_whichever_limit_is_reached_first_counts(house: House) -> None:
    made = [await house.run("report", (20 - number) * DAY) for number in range(10)]
    assert await house.delete_old(newest=8, days=14.5) == 6
    assert await house.left() == {*made[-4:]}


async def test_what_runs_waits_or_is_young_stays(house: House) -> None:
    running = await house.run("report", 20 * DAY, RunStatus.RUNNING)
    failed = await house.run("report", 19 * DAY, RunStatus.FAILED)
    young = [await house.run("report", timedelta(minutes=minute)) for minute in (50, 5)]
    assert await house.delete_old(newest=1) == 1
    assert await house.left() == {running, *young}
    assert failed not in await house.left()


async def test_a_log_that_is_being_written_keeps_its_run(house: House) -> None:
    old = await house.run("report", 20 * DAY)
    newest = await house.run("report", 1 * DAY)
    writer = await house.logs.open(LogKey(old, 2))
    assert await house.delete_old(days=10) == 0
    await writer.close(is_complete=True)
    assert await house.delete_old(days=10) == 1
    assert await house.left() == {newest}


@pytest.mark.parametrize(
    ("manifest", "kept"),
    [
        ({}, 2),
        ({"log_retention_runs": 4}, 4),
        ({"log_retention_runs": 0}, 6),
        ({"log_retention_days": 15.5}, 1),
    ],
)
async def test_a_pipeline_may_say_otherwise(house: House, manifest: Mapping[str, Any], kept: int) -> None:
    row = PipelineRow(
        name="report",
        is_present=True,
        is_valid=True,
        is_enabled=True,
        revision="r",
        manifest=dict(manifest),
        problems=[],
        hint=None,
        valid_revision=None,
        valid_manifest=None,
        changed_at=NOW,
    )
    await house.database.write(lambda session: session.add(row))
    for number in range(6):
        await house.run("report", (20 - number) * DAY)
    await house.delete_old(newest=2)
    assert len(await house.left()) == kept


async def test_many_go_a_few_at_a_time_and_the_statistics_stay(house: House) -> None:
    def many(session: Session) -> None:
        for number in range(950):
            ago = timedelta(days=20, seconds=-number)
            run = RunRow(
                id=first_id_since(NOW - ago)[:-12] + f"{number:012x}",
                pipeline_name="report",
                status=RunStatus.SUCCESS,
                trigger=Trigger.API,
                spec={},
                created_at=NOW - ago,
                finished_at=NOW - ago,
            )
            runs.insert(session, run)

    await house.database.write(many)
    day = (NOW - 20 * DAY).date()
    before = await house.database.read(lambda session: statistics.sums(session, day))
    assert await house.delete_old(newest=10) == 940
    assert await house.database.read(lambda session: statistics.sums(session, day)) == before
    assert sum(each.runs for each in before) == 950
