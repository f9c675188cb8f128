"""How far durable listeners have come, and what is kept for them."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from fastflow.domain.events import EventType
from fastflow.store import cursors, events
from fastflow.store.database import Database

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LATER = NOW + timedelta(days=30)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()


async def position(database: Database, name: str = "chain") -> int:
    return await database.write(lambda session: cursors.take(session, name))


async def advance(database: Database, sequence: int, name: str = "chain") -> bool:
    return await database.write(lambda session: cursors.advance(session, name, sequence))


async def happen(database: Database, times: int) -> list[int]:
    """Let events happen; return the sequences of all there are."""
    for _ in range(times):
        await database.write(lambda session: events.append(session, EventType.RUN_FINISHED, NOW))
    return await kept(database)


async def kept(database: Database) -> list[int]:
    found = await database.read(lambda session: events.after(session, 0, 1000))
    return [event.sequence for event in found]


async def trim(database: Database) -> int:
    return await database.write(lambda session: events.trim(session, LATER))


async def test_a_new_listener_begins_with_all_that_is_kept(database: Database) -> None:
    await happen(database, 3)
    assert await position(database) == 0


async def test_a_listener_goes_on_where_it_stopped(database: Database) -> None:
    await position(database)
    assert await advance(database, 7)
    assert await position(database) == 7
    assert await position(database, "other") == 0


async def test_a_slower_copy_of_a_listener_does_not_pull_it_back(database: Database) -> None:
    await position(database)
    await advance(database, 7)
    assert not await advance(database, 5)
    assert not await advance(database, 7)
    assert await position(database) == 7


async def test_events_stay_until_the_slowest_listener_has_dealt_with_them(database: Database) -> None:
    sequences = await happen(database, 5)
    await position(database, "slow")
    await position(database, "fast")
    await advance(database, sequences[1], "slow")
    await advance(database, sequences[3], "fast")
    assert await trim(database) == 2
    assert await kept(database) == sequences[2:]


async def test_nothing_is_trimmed_before_a_listener_that_has_not_begun_to_work(database: Database) -> None:
    await position(database)
    await happen(database, 3)
    assert await trim(database) == 0


async def test_without_listeners_the_old_events_go_but_for_the_newest(database: Database) -> None:
    sequences = await happen(database, 3)
    assert await trim(database) == 2
    assert await kept(database) == sequences[2:]


async def test_after_a_quiet_month_sequences_go_on_where_they_were(database: Database) -> None:
    """A listener that stands at the last event would miss what got a number from the beginning again."""
    before = await happen(database, 3)
    await position(database)
    await advance(database, before[-1])
    await trim(database)
    assert (await happen(database, 1))[-1] > before[-1]
