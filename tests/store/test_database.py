"""Units of work: one after the other, all or nothing, never on the event loop."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlmodel import Session

from fastflow.domain.errors import Unavailable
from fastflow.domain.events import EventType
from fastflow.store import attempts, events, runs
from fastflow.store.database import Database
from fastflow.store.tables import EventRow, RunRow
from tests.store.test_attempts import queued

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()


async def test_the_migrations_make_exactly_the_tables_that_the_code_has(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    try:
        await database.migrate()
        await database.migrate()

        def difference(session: Session) -> list[object]:
            context = MigrationContext.configure(session.connection(), opts={"compare_type": True})
            return list(compare_metadata(context, RunRow.metadata))

        assert await database.read(difference) == []
    finally:
        await database.close()


async def test_a_unit_of_work_that_fails_leaves_nothing(database: Database) -> None:
    def fail(session: Session) -> None:
        queued("a")(session)
        raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        await database.write(fail)
    assert await database.read(lambda s: runs.page(s, runs.RunFilter(), 10)) == []


async def test_no_update_is_lost_between_two_processes(database: Database, database_url: str) -> None:
    other = Database(database_url)
    run = await database.write(queued("a"))

    def add_one(session: Session) -> None:
        if session.get_bind().dialect.name == "postgresql":
            session.connection().execute(text("LOCK TABLE runs IN EXCLUSIVE MODE"))
        row = session.get_one(RunRow, run.id)
        row.attempt_count += 1

    try:
        await asyncio.gather(*(db.write(add_one) for _ in range(50) for db in (database, other)))
        row = await database.read(lambda s: runs.get(s, run.id))
        assert row is not None
        assert row.attempt_count == 100
    finally:
        await other.close()


async def test_a_read_can_not_change_anything(database: Database) -> None:
    def write(session: Session) -> None:
        session.connection().execute(text("DELETE FROM runs"))
        session.commit()

    with pytest.raises(Exception, match=r"read-?only"):
        await database.read(write)


async def test_a_cancelled_caller_does_not_tear_its_unit_of_work(database: Database) -> None:
    writing = asyncio.create_task(database.write(queued("a")))
    await asyncio.sleep(0)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    # Writes are done in order: when this one has been, the cancelled one was, or never will be.
    found = await database.write(lambda s: runs.page(s, runs.RunFilter(), 10))
    queue = await database.read(lambda s: [len(attempts.of_run(s, run.id)) for run in found])
    assert queue in ([], [1])


async def test_only_work_that_wrote_events_wakes_listeners(database: Database) -> None:
    mark = database.events_written.mark
    await database.write(queued("a"))
    assert database.events_written.mark == mark
    await database.write(lambda s: events.append(s, EventType.PIPELINE_CHANGED, NOW, pipeline_name="a"))
    await database.events_written.wait(mark, 5)
    assert database.events_written.mark == mark + 1


async def test_events_are_read_in_the_order_they_were_written(database: Database) -> None:
    async def append(name: str) -> None:
        await database.write(lambda s: events.append(s, EventType.PIPELINE_CHANGED, NOW, pipeline_name=name))

    for number in range(5):
        await append(f"p{number}")
    first = await database.read(lambda s: events.after(s, 0, 3))
    rest = await database.read(lambda s: events.after(s, first[-1].sequence, 10))
    assert [e.pipeline_name for e in [*first, *rest]] == [f"p{n}" for n in range(5)]
    assert await database.read(events.newest) == rest[-1].sequence


async def test_moments_come_back_aware_and_naive_ones_are_refused(database: Database) -> None:
    await database.write(queued("a"))
    row = (await database.read(lambda s: runs.page(s, runs.RunFilter(), 1)))[0]
    assert row.created_at == NOW
    assert row.created_at.tzinfo is not None
    with pytest.raises(Exception, match="without a time zone"):
        await database.write(lambda s: s.add(EventRow(type=EventType.RUN_CREATED, at=datetime(2026, 1, 1))))


async def test_a_database_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'no' / 'such' / 'folder.db'}")
    try:
        with pytest.raises(Unavailable) as caught:
            await database.migrate()
        assert caught.value.code == "database_unavailable"
    finally:
        await database.close()
