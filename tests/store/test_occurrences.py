"""The ledger in the database: one row for a schedule and a moment, decided once, read in pages."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from fastflow.domain.occurrence import OccurrenceStatus
from fastflow.domain.run import RunStatus, Trigger
from fastflow.store import occurrences, runs, schedules
from fastflow.store.database import Database
from fastflow.store.ids import new_id
from fastflow.store.occurrences import NewOccurrence
from fastflow.store.tables import RunRow
from tests.store.test_schedules import schedule

NOW = datetime(2030, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()


def entry(
    minutes: int,
    status: OccurrenceStatus = OccurrenceStatus.SKIPPED,
    *,
    schedule_id: str = "s",
    pipeline_name: str = "p",
    run_id: str | None = None,
    count: int = 1,
    first: int | None = None,
) -> NewOccurrence:
    """Return a row about that many minutes after NOW."""
    return NewOccurrence(
        schedule_id=schedule_id,
        due_at=NOW + minutes * MINUTE,
        pipeline_name=pipeline_name,
        status=status,
        code=None,
        reason=None,
        run_id=run_id,
        count=count,
        first_due_at=NOW + first * MINUTE if first is not None else None,
        decided_at=NOW,
    )


async def entered(database: Database, *rows: NewOccurrence) -> None:
    await database.write(lambda session: occurrences.insert(session, rows))


async def all_of(database: Database, schedule_id: str = "s") -> list[tuple[int, str, str | None]]:
    """Return minute, status and run of every row, oldest first."""
    found = await database.read(lambda session: occurrences.page(session, schedule_id, 100))
    return [(int((row.due_at - NOW) / MINUTE), row.status.value, row.run_id) for row, _ in reversed(found)]


def late_run(status: RunStatus, **cause: Any) -> RunRow:
    return RunRow(
        id=new_id(),
        pipeline_name="p",
        status=status,
        trigger=Trigger.SCHEDULE,
        cause=cause or None,
        spec={},
        created_at=NOW,
    )


async def test_no_moment_of_a_schedule_is_entered_twice(database: Database) -> None:
    await entered(database, entry(1))
    await entered(database, entry(1, schedule_id="other"))
    with pytest.raises(IntegrityError):
        await entered(database, entry(2), entry(1))
    assert [minute for minute, *_ in await all_of(database)] == [1], "the whole transaction was undone"


async def test_what_waits_is_taken_by_one_only(database: Database) -> None:
    await entered(database, entry(1, OccurrenceStatus.WAITING))

    def take(session: Session) -> bool:
        return occurrences.take_waiting(session, "s", NOW + MINUTE, NOW)

    assert await database.write(take)
    assert not await database.write(take)


async def test_a_run_is_named_at_all_that_were_coalesced_into_it(database: Database) -> None:
    coalesced = OccurrenceStatus.COALESCED
    await entered(
        database,
        entry(1, coalesced, run_id="earlier"),
        entry(2, coalesced, count=7),
        entry(3, coalesced),
        entry(4, OccurrenceStatus.WAITING),
        entry(5, coalesced),
    )
    assert await database.read(lambda s: occurrences.count_coalesced(s, "s", NOW + 4 * MINUTE)) == 8

    def work(session: Session) -> None:
        occurrences.take_waiting(session, "s", NOW + 4 * MINUTE, NOW)
        occurrences.attach(session, "s", NOW + 4 * MINUTE, "run")

    await database.write(work)
    assert [run_id for *_, run_id in await all_of(database)] == ["earlier", "run", "run", "run", None]


async def test_skipping_what_waits_skips_what_was_coalesced_into_it(database: Database) -> None:
    await entered(
        database,
        entry(1, OccurrenceStatus.RUN, run_id="r"),
        entry(2, OccurrenceStatus.COALESCED),
        entry(3, OccurrenceStatus.WAITING),
        entry(3, OccurrenceStatus.WAITING, schedule_id="other"),
    )
    assert await database.write(lambda s: occurrences.skip_waiting(s, "s", "paused", "Why.", NOW)) == 2
    assert [status for _, status, _ in await all_of(database)] == ["run", "skipped", "skipped"]
    assert [status for _, status, _ in await all_of(database, "other")] == ["waiting"]


async def test_each_pipeline_that_waits_is_found_with_its_earliest_moment(database: Database) -> None:
    waiting = OccurrenceStatus.WAITING
    await entered(
        database,
        entry(5, waiting),
        entry(3, waiting, schedule_id="t"),
        entry(4, waiting, schedule_id="u", pipeline_name="q"),
        entry(1),
    )
    found = await database.read(occurrences.oldest_waiting)
    assert dict(found) == {"p": NOW + 3 * MINUTE, "q": NOW + 4 * MINUTE}
    first = await database.read(lambda session: occurrences.first_waiting(session, "p"))
    assert first is not None
    assert first.schedule_id == "t"
    assert await database.read(lambda s: occurrences.count_waiting(s, ["s", "t", "x"])) == {"s": 1, "t": 1}


async def test_only_caught_up_runs_that_are_queued_or_running_count_against_the_pace(
    database: Database,
) -> None:
    rows = [
        late_run(RunStatus.PENDING, is_late=True),
        late_run(RunStatus.RUNNING, is_late=True),
        late_run(RunStatus.RETRYING, is_late=True),
        late_run(RunStatus.SUCCESS, is_late=True),
        late_run(RunStatus.PENDING, is_late=False),
        late_run(RunStatus.PENDING),
    ]

    def work(session: Session) -> None:
        for row in rows:
            runs.insert(session, row)

    await database.write(work)
    assert await database.read(occurrences.count_active_late) == 2


async def test_the_newest_row_of_each_schedule_is_found_with_its_run(database: Database) -> None:
    row = schedule()
    run = late_run(RunStatus.SUCCESS)

    def work(session: Session) -> None:
        schedules.save(session, row)
        runs.insert(session, run)

    await database.write(work)
    await entered(
        database,
        entry(1, schedule_id=row.id),
        entry(2, OccurrenceStatus.RUN, schedule_id=row.id, run_id=run.id),
    )
    found = await database.read(lambda session: occurrences.newest(session, [row.id]))
    newest, made = found[row.id]
    assert newest.due_at == NOW + 2 * MINUTE
    assert made is not None
    assert made.id == run.id


async def test_a_moment_within_a_summed_up_range_is_found(database: Database) -> None:
    await entered(database, entry(10, count=10, first=1), entry(11), entry(12))

    for minute, expected in ((0, []), (1, [10]), (5, [10]), (10, [10]), (11, [1]), (13, [])):
        begin = NOW + minute * MINUTE
        found = await database.read(
            lambda session, begin=begin: occurrences.about(session, "s", begin, begin + MINUTE, 10)
        )
        assert [row.count for row, _ in found] == expected, minute


async def test_what_lies_ahead_of_the_accounts_is_found_and_forgotten_unless_it_ran(
    database: Database,
) -> None:
    row = schedule(accounted_until=NOW + 2 * MINUTE)
    await database.write(lambda session: schedules.save(session, row))
    await entered(
        database,
        entry(1, schedule_id=row.id),
        entry(3, OccurrenceStatus.RUN, schedule_id=row.id, run_id="r"),
        entry(4, schedule_id=row.id),
    )
    ahead = await database.read(lambda session: occurrences.ahead_of_accounts(session, [row.id]))
    assert ahead == {(row.id, NOW + 3 * MINUTE), (row.id, NOW + 4 * MINUTE)}
    await database.write(lambda s: occurrences.forget_idle_after(s, row.id, NOW + 2 * MINUTE))
    assert [minute for minute, *_ in await all_of(database, row.id)] == [1, 3]


async def test_old_rows_are_trimmed_in_portions_but_never_what_waits(database: Database) -> None:
    await entered(
        database,
        entry(1),
        entry(2, OccurrenceStatus.RUN),
        entry(3, OccurrenceStatus.COALESCED),
        entry(4, OccurrenceStatus.WAITING),
        entry(9),
    )
    before = NOW + 8 * MINUTE
    assert await database.write(lambda session: occurrences.trim(session, before, 2)) == 2
    assert await database.write(lambda session: occurrences.trim(session, before, 2)) == 1
    assert [minute for minute, *_ in await all_of(database)] == [4, 9]
