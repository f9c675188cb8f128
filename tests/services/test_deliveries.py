"""The log of deliveries: what is noted is written soon, a flood is bounded, old ones go."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta

import pytest

from fastflow.domain.delivery import DeliveryKind, DeliveryStatus
from fastflow.services.deliveries import KEPT_FOR, Deliveries
from fastflow.store import deliveries as store
from fastflow.store.database import Database
from fastflow.store.tables import DeliveryRow
from tests.fakes.clock import FakeClock


@pytest.fixture
async def database(sqlite_url: str) -> AsyncIterator[Database]:
    database = Database(sqlite_url)
    yield database
    await database.close()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def deliveries(database: Database, clock: FakeClock) -> Deliveries:
    return Deliveries(database, clock)


def refuse(deliveries: Deliveries, target: str = "p") -> DeliveryRow:
    row = deliveries.new(DeliveryKind.WEBHOOK, target, remote="203.0.113.7")
    deliveries.note(row, DeliveryStatus.REFUSED, "webhook_not_found", "The key was wrong.")
    return row


async def stored(database: Database, target: str = "p") -> int:
    rows = await database.read(lambda session: store.page(session, DeliveryKind.WEBHOOK, target, 500))
    return len(rows)


async def test_what_is_noted_is_written_a_second_later(
    deliveries: Deliveries, database: Database, clock: FakeClock
) -> None:
    running = asyncio.create_task(deliveries.run())
    refuse(deliveries)
    await clock.until_sleeping()
    refuse(deliveries)
    assert await stored(database) == 0
    await clock.advance(timedelta(seconds=1))
    refuse(deliveries)
    await clock.until_sleeping()
    assert await stored(database) == 2, "the third one waits for its own second"
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def test_who_looks_sees_what_was_just_noted(deliveries: Deliveries) -> None:
    row = refuse(deliveries)
    rows, cursor = await deliveries.page(DeliveryKind.WEBHOOK, "p", 10, None)
    assert ([one.id for one in rows], cursor) == ([row.id], None)


async def test_a_target_notes_thirty_a_minute(
    deliveries: Deliveries, database: Database, clock: FakeClock
) -> None:
    for _ in range(100):
        refuse(deliveries)
        refuse(deliveries, "q")
    await clock.advance(timedelta(minutes=1))
    refuse(deliveries)
    await deliveries.flush()
    assert (await stored(database), await stored(database, "q")) == (31, 30)


async def test_a_flood_over_many_targets_needs_bounded_memory(
    deliveries: Deliveries, database: Database
) -> None:
    for number in range(1_000):
        refuse(deliveries, f"p{number}")
    await deliveries.flush()
    assert await stored(database, "p499") == 0, "the newest 500 are kept"
    assert await stored(database, "p500") == 1


async def test_deliveries_are_kept_for_thirty_days(
    deliveries: Deliveries, database: Database, clock: FakeClock
) -> None:
    refuse(deliveries)
    await deliveries.flush()
    await clock.advance(KEPT_FOR)
    assert await deliveries.trim() == 0
    await clock.advance(timedelta(seconds=1))
    assert await deliveries.trim() == 1
    assert await stored(database) == 0
