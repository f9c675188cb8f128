"""What is read and kept of the log of syncs, on both databases."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from fastflow.domain.repository import SyncStatus, SyncTrigger
from fastflow.store import syncs
from fastflow.store.database import Database
from fastflow.store.tables import SyncRow

AT = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()


def row(number: int, status: SyncStatus = SyncStatus.SUCCESS, after: str | None = "b") -> SyncRow:
    return SyncRow(
        id=f"sync-{number:03}",
        repository_id="r",
        repository_name="data",
        trigger=SyncTrigger.API,
        status=status,
        started_at=AT,
        commit_before="a",
        commit_after=after,
    )


async def add(database: Database, *rows: SyncRow) -> None:
    await database.write(lambda session: [syncs.insert(session, each) for each in rows])


async def ids(database: Database) -> list[str]:
    return [each.id for each in await database.read(lambda session: syncs.page(session, None, 100))]


async def test_the_log_is_paged_newest_first_and_narrowed_to_a_repository(database: Database) -> None:
    other = row(9)
    other.repository_name = "other"
    await add(database, row(1), row(2), row(3), other)
    assert await ids(database) == ["sync-009", "sync-003", "sync-002", "sync-001"]
    page = await database.read(lambda session: syncs.page(session, "data", 2, "sync-003"))
    assert [each.id for each in page] == ["sync-002", "sync-001"]


async def test_the_newest_sync_is_found_whatever_its_end_and_by_its_end(database: Database) -> None:
    await add(database, row(1), row(2, SyncStatus.FAILED, None))
    newest = await database.read(lambda session: syncs.newest(session, "r"))
    succeeded = await database.read(lambda session: syncs.newest(session, "r", SyncStatus.SUCCESS))
    assert (newest and newest.id, succeeded and succeeded.id) == ("sync-002", "sync-001")
    assert await database.read(lambda session: syncs.newest(session, "nosuch")) is None


async def test_of_old_syncs_those_that_changed_something_are_kept_longest(database: Database) -> None:
    unchanged = [row(number, after="a") for number in range(10, 15)]
    await add(database, row(1), *unchanged, row(20, SyncStatus.FAILED, None), row(21))
    assert await database.write(lambda session: syncs.trim(session, "r", 100, 2)) == 3
    assert await ids(database) == ["sync-021", "sync-020", "sync-014", "sync-013", "sync-001"]
    assert await database.write(lambda session: syncs.trim(session, "r", 2, 2)) == 3
    assert await ids(database) == ["sync-021", "sync-020"]


async def test_only_syncs_that_have_not_ended_count_as_running(database: Database) -> None:
    await add(database, row(1), row(2, SyncStatus.RUNNING, None))
    running = await database.read(syncs.running)
    assert [each.id for each in running] == ["sync-002"]
