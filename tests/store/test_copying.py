"""One database copied into another: every row, between both kinds, and nothing where something is amiss."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session

from fastflow.domain.audit import AuditAction
from fastflow.domain.errors import Conflict
from fastflow.domain.events import EventType
from fastflow.domain.run import RunStatus, Trigger
from fastflow.store import attempts, audit, events, runs
from fastflow.store.copying import every_table
from fastflow.store.database import Database
from fastflow.store.ids import new_id
from fastflow.store.tables import PayloadRow, RunRow

NOW = datetime(2026, 1, 1, 12, 30, 15, 123456, tzinfo=UTC)
SPEC: dict[str, Any] = {"variables": {"ODD": 'é "x" \n'}, "list": [1, None, 2.5], "nothing": None}


@pytest.fixture
async def source(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()


@pytest.fixture
async def target(empty_database_url: str) -> AsyncIterator[Database]:
    database = Database(empty_database_url)
    await database.migrate()
    yield database
    await database.close()


def something(session: Session) -> str:
    """Write rows of several tables, two thousand of one."""
    first = ""
    for number in range(3):
        run = RunRow(
            id=new_id(),
            pipeline_name="report",
            status=RunStatus.PENDING,
            trigger=Trigger.API,
            spec=SPEC,
            created_at=NOW,
        )
        runs.insert(session, run)
        attempts.enqueue(session, run, 1, NOW)
        first = first or run.id
        audit.record(session, AuditAction.RUN_CANCELLED, run.id, NOW, before={"status": number}, after={})
    session.add(PayloadRow(run_id=first, content_type="x/y", body=bytes(range(256))))
    for number in range(2_000):
        events.append(session, EventType.RUN_CREATED, NOW, run_id=first, payload={"number": number})
    return first


def unheard(table: str, count: int) -> None:
    """Nobody is told."""


async def content(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Read everything, as it comes out of each table's types."""

    def work(session: Session) -> dict[str, list[tuple[Any, ...]]]:
        return {
            table.name: [
                tuple(row)
                for row in session.connection().execute(table.select().order_by(*table.primary_key))
            ]
            for table in every_table()
        }

    return await database.read(work)


async def test_every_row_arrives_as_it_was(source: Database, target: Database) -> None:
    run_id = await source.write(something)
    told: list[tuple[str, int]] = []
    counts = await source.copy_into(target, lambda table, count: told.append((table, count)))
    assert await content(target) == await content(source)
    assert (counts["runs"], counts["events"], counts["audit"]) == (3, 2_000, 3)
    assert [count for table, count in told if table == "events"] == [1_000, 2_000]
    copied = await target.read(lambda session: runs.get(session, run_id))
    assert copied is not None
    assert (copied.spec, copied.created_at) == (SPEC, NOW)


async def test_what_comes_next_is_numbered_on(source: Database, target: Database) -> None:
    await source.write(something)
    await source.copy_into(target, unheard)
    newest = await target.read(events.newest)
    await target.write(lambda session: events.append(session, EventType.RUN_CREATED, NOW))
    assert await target.read(events.newest) == newest + 1
    await target.write(
        lambda s: audit.record(s, AuditAction.RUN_CANCELLED, "x", NOW, before={"a": 1}, after={})
    )


async def test_a_database_that_is_in_use_is_left_alone(source: Database, target: Database) -> None:
    await source.write(something)
    await target.write(lambda session: events.append(session, EventType.RUN_CREATED, NOW))
    before = await content(target)
    with pytest.raises(Conflict) as refused:
        await source.copy_into(target, unheard)
    assert (refused.value.code, refused.value.fields) == ("database_not_empty", {"table": "events"})
    assert await content(target) == before


async def test_another_schema_is_refused(source: Database, target: Database) -> None:
    await source.write(
        lambda session: session.connection().execute(text("UPDATE alembic_version SET version_num='0001'"))
    )
    with pytest.raises(Conflict) as refused:
        await source.copy_into(target, unheard)
    assert refused.value.code == "schema_differs"


async def test_what_goes_wrong_in_the_middle_leaves_nothing(source: Database, target: Database) -> None:
    await source.write(something)

    def break_off(table: str, count: int) -> None:
        if table == "runs":
            raise KeyboardInterrupt

    before = await content(target)
    with pytest.raises(KeyboardInterrupt):
        await source.copy_into(target, break_off)
    assert await content(target) == before
