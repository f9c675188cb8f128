"""Runs in the database: the table of transitions decides, statistics follow, pages are stable."""

import itertools
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from fastflow.domain.run import TERMINAL, TRANSITIONS, RunStatus, Trigger
from fastflow.store import runs, statistics
from fastflow.store.database import Database
from fastflow.store.ids import new_id
from fastflow.store.runs import RunFilter
from fastflow.store.tables import RunRow

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()


async def inserted(
    database: Database,
    status: RunStatus = RunStatus.PENDING,
    *,
    started_at: datetime | None = None,
    reason: str | None = None,
) -> RunRow:
    row = RunRow(
        id=new_id(),
        pipeline_name="p",
        status=status,
        trigger=Trigger.API,
        spec={},
        created_at=NOW,
        started_at=started_at,
        reason=reason,
    )
    return await database.write(lambda session: runs.insert(session, row))


async def found(database: Database, run_id: str) -> RunRow:
    row = await database.read(lambda session: runs.get(session, run_id))
    assert row is not None
    return row


async def moved(database: Database, run_id: str, to: RunStatus, reason: str = "") -> bool:
    return await database.write(
        lambda session: runs.transition(session, run_id, to, finished_at=NOW, reason=reason)
    )


async def test_the_table_of_transitions_decides_for_every_pair(database: Database) -> None:
    for source, target in itertools.product(RunStatus, RunStatus):
        row = await inserted(database, source)
        has_moved = await moved(database, row.id, target)
        assert has_moved is (target in TRANSITIONS[source]), (source, target)
        assert (await found(database, row.id)).status is (target if has_moved else source)


async def test_of_two_ends_only_the_first_counts(database: Database) -> None:
    row = await inserted(database, RunStatus.RUNNING)
    assert await moved(database, row.id, RunStatus.CANCELLED, "first")
    assert not await moved(database, row.id, RunStatus.SUCCESS, "second")
    after = await found(database, row.id)
    assert (after.status, after.reason) == (RunStatus.CANCELLED, "first")
    sums = await database.read(lambda s: statistics.of_days(s, "p", NOW.date()))
    assert [(x.status, x.runs) for x in sums] == [(RunStatus.CANCELLED, 1)]


async def test_a_cancel_can_be_asked_for_once_and_only_while_the_run_is_active(database: Database) -> None:
    async def ask(run_id: str) -> bool:
        return await database.write(lambda session: runs.request_cancel(session, run_id, NOW, "x"))

    for status in RunStatus:
        row = await inserted(database, status)
        assert [await ask(row.id), await ask(row.id)] == [status not in TERMINAL, False]


async def test_durations_are_summed_by_day_and_status(database: Database) -> None:
    for _ in range(3):
        row = await inserted(database, RunStatus.RUNNING, started_at=NOW - timedelta(seconds=10))
        await moved(database, row.id, RunStatus.SUCCESS)
    sums = await database.read(lambda s: statistics.of_days(s, "p", NOW.date()))
    assert [(x.day, x.status, x.runs, x.seconds) for x in sums] == [(NOW.date(), RunStatus.SUCCESS, 3, 30.0)]


async def test_pages_do_not_shift_when_new_runs_arrive(database: Database) -> None:
    made = [(await inserted(database)).id for _ in range(5)]
    first = await database.read(lambda s: runs.page(s, RunFilter(), 2))
    await inserted(database)
    rest = await database.read(lambda s: runs.page(s, RunFilter(), 10, first[-1].id))
    assert [row.id for row in [*first, *rest]] == made[::-1]


@pytest.mark.parametrize("text", ["%", "_", "\\", "'", "100%"])
async def test_a_text_filter_takes_every_character_literally(database: Database, text: str) -> None:
    await inserted(database, reason="plain words")
    assert await database.read(lambda s: runs.page(s, RunFilter(text=text), 10)) == []
    await inserted(database, reason=f"with {text} inside")
    assert len(await database.read(lambda s: runs.page(s, RunFilter(text=text), 10))) == 1
