"""What ended is counted once, with how long it took; what never began has no times."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from sqlmodel import Session

from fastflow.domain.events import EventType
from fastflow.services.events import Events
from fastflow.services.figures import Figures
from fastflow.store import events as store
from fastflow.store.database import Database

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
async def database(sqlite_url: str) -> AsyncIterator[Database]:
    database = Database(sqlite_url)
    yield database
    await database.close()


async def test_each_end_is_counted_once_and_none_is_missed(database: Database) -> None:
    def before(session: Session) -> None:
        store.append(session, EventType.RUN_FINISHED, NOW, pipeline_name="p", payload={"status": "SUCCESS"})

    def after(session: Session) -> None:
        told = {"status": "FAILED", "waited_seconds": 0.2, "seconds": 42.0}
        store.append(session, EventType.RUN_CREATED, NOW, pipeline_name="p", payload=told)
        store.append(session, EventType.RUN_FINISHED, NOW, pipeline_name="p", payload=told)
        never = {"status": "SKIPPED", "waited_seconds": None, "seconds": None}
        store.append(session, EventType.RUN_FINISHED, NOW, pipeline_name="p", payload=never)
        store.append(session, EventType.SYNC_FINISHED, NOW, payload={"repository": "r", "status": "FAILED"})

    await database.write(before)
    events = Events(database)
    await events.begin()
    figures = Figures(events)
    pump = asyncio.create_task(events.pump())
    for number in (1, 2):  # a listener that is begun anew goes on where it was
        listening = asyncio.create_task(figures.run())
        await database.write(after)
        async with asyncio.timeout(10):
            while figures.syncs.total() < number:  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0)
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
    pump.cancel()
    await asyncio.gather(pump, return_exceptions=True)
    assert figures.runs == {("p", "FAILED"): 2, ("p", "SKIPPED"): 2}
    assert figures.syncs == {("r", "FAILED"): 2}
    assert (figures.waited.sum, figures.lasted.sum) == (0.4, 84.0)
    assert dict(figures.lasted.cumulative())["30"] == 0
    assert dict(figures.lasted.cumulative())["60"] == 2
