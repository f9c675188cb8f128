"""Looks at the history of pipelines and at the queue: what is found, and that no look reads it all."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlmodel import Session

from fastflow.domain.run import RunStatus, Trigger
from fastflow.store import attempts, queue, run_history, runs
from fastflow.store.database import Database
from fastflow.store.ids import new_id
from fastflow.store.tables import RunRow
from tests.store.test_attempts import claim, queued

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()


async def ended(
    database: Database, status: RunStatus, pipeline: str = "p", seconds: int = 10, hours_ago: int = 0
) -> str:
    end = NOW - timedelta(hours=hours_ago)
    row = RunRow(
        id=new_id(),
        pipeline_name=pipeline,
        status=status,
        trigger=Trigger.API,
        spec={},
        created_at=end - timedelta(seconds=seconds),
        started_at=end - timedelta(seconds=seconds),
        finished_at=end,
    )
    await database.write(lambda session: runs.insert(session, row))
    return row.id


async def test_the_last_runs_and_durations_are_of_the_pipeline_alone_newest_first(database: Database) -> None:
    await ended(database, RunStatus.SUCCESS, "other", seconds=99)
    ids = [await ended(database, RunStatus.SUCCESS, seconds=seconds) for seconds in (1, 2, 3)]
    failed = await ended(database, RunStatus.FAILED, seconds=50)
    last = await database.read(lambda session: run_history.last(session, "p", 3))
    assert [run.id for run in last] == [failed, ids[2], ids[1]]
    durations = await database.read(lambda session: run_history.last_durations(session, "p", 2))
    assert [duration.total_seconds() for duration in durations] == [3, 2]


async def test_the_success_before_a_run_is_found_behind_failures(database: Database) -> None:
    wanted = await ended(database, RunStatus.SUCCESS)
    await ended(database, RunStatus.FAILED)
    await ended(database, RunStatus.SUCCESS, "other")
    run_id = await ended(database, RunStatus.FAILED)
    await ended(database, RunStatus.SUCCESS)
    run = await database.read(lambda session: session.get_one(RunRow, run_id))
    before = await database.read(lambda session: run_history.last_success_before(session, run))
    assert before is not None
    assert before.id == wanted
    first = await database.read(lambda session: run_history.last_success_before(session, before))
    assert first is None


async def test_what_failed_since_then_comes_latest_first(database: Database) -> None:
    late = await ended(database, RunStatus.FAILED)
    await ended(database, RunStatus.FAILED, hours_ago=30)
    other = await ended(database, RunStatus.FAILED, "other", hours_ago=2)
    await ended(database, RunStatus.SUCCESS)
    since = NOW - timedelta(hours=24)
    found = await database.read(lambda session: run_history.failed_since(session, since, 10))
    assert [run.id for run in found] == [late, other]
    own = await database.read(lambda session: run_history.failed_since(session, since, 10, {"other"}))
    assert [run.id for run in own] == [other]


async def test_ended_runs_are_counted_by_status_up_to_a_bound(database: Database) -> None:
    for pipeline in ("p", "p", "other"):
        await ended(database, RunStatus.FAILED, pipeline)
    day = timedelta(hours=24)
    counts = await database.read(lambda session: run_history.count_ended(session, day, 10))
    assert counts[RunStatus.FAILED] == 3
    assert counts[RunStatus.SUCCESS] == 0
    own = await database.read(lambda session: run_history.count_ended(session, day, 1, {"p"}))
    assert own[RunStatus.FAILED] == 1


async def test_the_queue_is_shown_oldest_first_without_what_holds_a_slot(database: Database) -> None:
    rows = [await database.write(queued(pipeline)) for pipeline in ("a", "b", "c")]
    assert await claim(database) is not None
    holders = await database.read(queue.holders)
    assert [run.id for _, run in holders] == [rows[0].id]
    held = {run.id for _, run in holders}
    waiting = await database.read(lambda session: queue.waiting(session, 1, held))
    assert [(attempt.run_id, run.id) for attempt, run in waiting] == [(rows[1].id, rows[1].id)]
    own = await database.read(lambda session: queue.waiting(session, 10, held, {"c"}))
    assert [run.id for _, run in own] == [rows[2].id]
    assert await database.read(queue.count_waiting) == 2
    assert await database.read(lambda session: queue.count_waiting(session, {"c"})) == 1


async def test_a_run_that_waits_to_be_retried_is_in_the_queue_and_has_begun(database: Database) -> None:
    await database.write(queued("a"))
    held = await claim(database)
    assert held is not None

    def fail(session: Session) -> None:
        attempts.end(session, held.lease, NOW)
        runs.transition(session, held.run.id, RunStatus.RETRYING)
        attempts.enqueue(session, held.run, 2, NOW + timedelta(minutes=1))

    await database.write(fail)
    ((attempt, run),) = await database.read(lambda session: queue.waiting(session, 10, set()))
    assert (attempt.number, run.status) == (2, RunStatus.RETRYING)
    assert await database.read(lambda session: queue.retrying(session, {"a"}, 10)) == [("a", run.id)]


async def test_looks_at_one_pipeline_are_served_by_an_index(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    try:
        for query in (
            "SELECT id FROM runs WHERE pipeline_name = 'p' AND status = 'SUCCESS' ORDER BY id DESC LIMIT 20",
            "SELECT id FROM runs WHERE pipeline_name = 'p' AND status = 'SUCCESS' AND id < 'x' "
            "ORDER BY id DESC LIMIT 1",
        ):
            plan = await database.read(
                lambda session, query=query: (
                    session.connection().execute(text(f"EXPLAIN QUERY PLAN {query}")).all()
                )
            )
            assert "runs_by_pipeline_and_status" in str(plan)
            assert "TEMP B-TREE" not in str(plan)
    finally:
        await database.close()
