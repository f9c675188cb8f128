"""Schedules in the database: what is due, in which order, and who may move it on."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session

from fastflow.domain.manifest import CatchUp
from fastflow.domain.occurrence import ScheduleOrigin
from fastflow.services.schedule_rows import hindrance
from fastflow.store import pipelines, schedules
from fastflow.store.database import Database
from fastflow.store.ids import new_id
from fastflow.store.schedules import Step
from fastflow.store.tables import PipelineRow, ScheduleRow

NOW = datetime(2030, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()


def schedule(
    key: str = "a", *, origin: ScheduleOrigin = ScheduleOrigin.MANIFEST, **changes: Any
) -> ScheduleRow:
    """Return a row that is due now."""
    columns: dict[str, Any] = {
        "id": new_id(),
        "pipeline_name": "p",
        "key": key,
        "origin": origin,
        "definition": {"id": key, "schedule_interval_seconds": 60},
        "zone": "UTC",
        "catch_up": CatchUp.LAST,
        "anchor_at": NOW,
        "accounted_until": NOW - HOUR,
        "next_due_at": NOW,
        "created_at": NOW,
        "changed_at": NOW,
    }
    return ScheduleRow(**{**columns, **changes})


def pipeline(name: str, **changes: Any) -> PipelineRow:
    """Return one that is there and enabled."""
    columns: dict[str, Any] = {
        "name": name,
        "is_present": True,
        "is_valid": True,
        "is_enabled": True,
        "revision": "r",
        "manifest": {},
        "problems": [],
        "hint": None,
        "valid_revision": None,
        "valid_manifest": None,
        "changed_at": NOW,
    }
    return PipelineRow(**{**columns, **changes})


async def saved(database: Database, *rows: ScheduleRow) -> None:
    def work(session: Session) -> None:
        for row in rows:
            schedules.save(session, row)

    await database.write(work)


async def test_what_is_due_comes_in_order_of_its_moments_with_its_pipeline(database: Database) -> None:
    late = schedule("late", next_due_at=NOW - HOUR)
    soon = schedule("soon", next_due_at=NOW + HOUR)
    now = schedule("now")
    await saved(database, soon, now, late, schedule("never", next_due_at=None))
    await database.write(lambda session: pipelines.save(session, pipeline("p"), None))
    found = await database.read(lambda session: schedules.due(session, NOW, 10))
    assert [(row.key, owner.name if owner else None) for row, owner in found] == [("late", "p"), ("now", "p")]
    assert len(await database.read(lambda session: schedules.due(session, NOW, 1))) == 1
    assert await database.read(schedules.next_due) == NOW - HOUR


async def test_a_change_of_schedules_wakes_the_scheduler_after_the_commit(database: Database) -> None:
    mark = database.schedules_changed.mark
    await saved(database, schedule())
    await database.schedules_changed.wait(mark, 10)
    assert database.schedules_changed.mark > mark


async def test_a_schedule_is_moved_on_from_where_it_is_held(database: Database) -> None:
    row, other = schedule("a"), schedule("b")
    await saved(database, row, other)

    def work(session: Session) -> dict[str, datetime]:
        held = schedules.hold(session, [row.id, "unknown"])
        schedules.advance(session, [Step(row.id, NOW, NOW + HOUR)])
        return held

    assert await database.write(work) == {row.id: NOW - HOUR}
    moved = await database.read(lambda session: schedules.get(session, row.id))
    assert moved is not None
    assert (moved.accounted_until, moved.next_due_at) == (NOW, NOW + HOUR)
    left = await database.read(lambda session: schedules.get(session, other.id))
    assert left is not None
    assert left.next_due_at == NOW


async def test_a_manifest_and_the_api_may_use_the_same_key(database: Database) -> None:
    mine, theirs = schedule("a"), schedule("a", origin=ScheduleOrigin.API)
    await saved(database, mine, theirs)
    found = await database.read(lambda session: schedules.with_key(session, "p", ScheduleOrigin.API, "a"))
    assert found is not None
    assert found.id == theirs.id
    assert len(await database.read(lambda session: schedules.of_pipeline(session, "p"))) == 2


async def test_accounts_that_reach_into_the_future_are_found(database: Database) -> None:
    ahead = schedule("ahead", accounted_until=NOW + HOUR)
    await saved(database, ahead, schedule("right"))
    found = await database.read(lambda session: schedules.accounted_beyond(session, NOW))
    assert [row.key for row in found] == ["ahead"]


async def test_the_soonest_are_those_that_start_runs_and_all_that_are_overdue(database: Database) -> None:
    rows = {
        "overdue": schedule("overdue", next_due_at=NOW - HOUR),
        "late": schedule("late", next_due_at=NOW),
        "first": schedule("first", next_due_at=NOW + HOUR),
        "second": schedule("second", next_due_at=NOW + 2 * HOUR),
        "paused": schedule("paused", next_due_at=NOW + HOUR, paused_at=NOW, paused_by="ann"),
        "disabled": schedule("disabled", next_due_at=NOW + HOUR, is_enabled=False),
        "removed": schedule("removed", next_due_at=None, is_present=False),
        "of a disabled pipeline": schedule("x", next_due_at=NOW + HOUR, pipeline_name="off"),
        "of a vanished pipeline": schedule("y", next_due_at=NOW + HOUR, pipeline_name="gone"),
    }
    parents = [pipeline("p"), pipeline("off", is_enabled=False), pipeline("gone", is_present=False)]

    def fill(session: Session) -> None:
        session.add_all([*parents, *rows.values()])

    await database.write(fill)
    found = await database.read(lambda session: schedules.soonest(session, NOW, 1))
    assert [row.key for row in found] == ["first", "late", "overdue"]
    every = await database.read(lambda session: schedules.soonest(session, NOW, 10))
    assert [row.key for row in every] == ["first", "late", "overdue", "second"]
    by_name = {parent.name: parent for parent in parents}
    starting = {row.key for row in rows.values() if hindrance(row, by_name[row.pipeline_name]) is None}
    assert starting == {row.key for row in every}, "SQL and words say the same"
    due = await database.read(lambda session: schedules.next_due_of(session, ["p", "off", "gone", "none"]))
    assert due == {"p": NOW - HOUR}
