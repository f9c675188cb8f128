"""Schedules as rows: what the manifest makes of them, what the API may, and what a pause means."""

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlmodel import Session

from fastflow.domain.errors import Conflict, Invalid, NotFound
from fastflow.domain.events import EventType
from fastflow.domain.occurrence import OccurrenceStatus, ScheduleOrigin
from fastflow.main.outside import Options
from fastflow.main.parts import wire
from fastflow.store import events, pipelines, schedules
from fastflow.store.database import Database
from fastflow.store.tables import PipelineRow
from tests.plugins.world import Instance, World
from tests.scheduling import HOUR, SECOND, fired, ledger_of, runs_of, schedule_of, scheduled

Start = Callable[..., Awaitable[Instance]]


async def changes(server: Instance) -> int:
    """Count the `schedule.changed` events."""
    found = await server.database.read(lambda session: events.after(session, 0, 500))
    return sum(event.type is EventType.SCHEDULE_CHANGED for event in found)


async def rows_of(server: Instance, name: str = "p") -> dict[str, tuple[ScheduleOrigin, bool]]:
    rows = await server.database.read(lambda session: schedules.of_pipeline(session, name))
    return {row.key: (row.origin, row.is_present) for row in rows}


async def test_a_manifest_makes_one_schedule_for_each_rule_and_none_for_a_mere_webhook(
    world: World, start: Start
) -> None:
    server = await start()
    scheduled(
        world,
        schedule_cron="0 3 * * *",
        timezone="Europe/Berlin",
        schedules=[
            {"id": "noon", "schedule_cron": "0 12 * * *", "timezone": "Asia/Kolkata"},
            {"id": "hook", "webhook_key": "0123456789abcdef0123456789abcdef"},
        ],
    )
    await server.pipelines.refresh()
    found = {state.row.key: state for state in await server.schedules.every("p")}
    assert {key: state.row.zone for key, state in found.items()} == {
        "default": "Europe/Berlin",
        "noon": "Asia/Kolkata",
    }
    assert found["default"].in_words == "0 3 * * * (Europe/Berlin)"
    assert found["default"].row.next_due_at is not None
    assert found["default"].row.next_due_at.hour == 2


async def test_a_key_that_starts_runs_is_not_stored_with_a_schedule(world: World, start: Start) -> None:
    server = await start()
    key = "0123456789abcdef0123456789abcdef"
    scheduled(world, schedules=[{"id": "a", "schedule_interval_seconds": 60, "webhook_key": key}])
    await server.pipelines.refresh()
    assert key not in json.dumps((await schedule_of(server)).definition)


async def test_an_unchanged_schedule_is_left_alone_by_restarts_and_by_other_edits(
    world: World, start: Start
) -> None:
    server = await start()
    scheduled(world, schedule_interval_seconds=3600)
    await server.pipelines.refresh()
    before = await schedule_of(server)
    await server.end()
    await world.clock.advance(timedelta(minutes=50))
    server = await start()
    scheduled(world, schedule_interval_seconds=3600, description="other words")
    await server.pipelines.refresh()
    await server.schedules.reconcile_all()
    assert await schedule_of(server) == before
    assert await changes(server) == 1


async def test_a_changed_rule_counts_from_now_on_and_drops_nothing_that_was_due(
    world: World, start: Start
) -> None:
    server = await start()
    scheduled(world, schedule_interval_seconds=60)
    await server.pipelines.refresh()
    await world.clock.advance(61 * SECOND)
    scheduled(world, schedule_interval_seconds=3600)
    await server.pipelines.refresh()
    row = await schedule_of(server)
    assert row.next_due_at == world.clock.now() + HOUR
    assert [entry.status for entry in await ledger_of(server)] == [OccurrenceStatus.WAITING]
    await server.parts.scheduling.catching_up.pace()
    assert len(await runs_of(server)) == 1


async def test_a_vanished_pipeline_starts_nothing_and_comes_back_with_its_schedule(
    world: World, start: Start
) -> None:
    server = await start()
    scheduled(world, schedule_interval_seconds=60)
    await server.pipelines.refresh()
    row = await schedule_of(server)
    world.source.drop("p")
    await server.pipelines.refresh()
    await world.clock.advance(HOUR)
    assert await fired(server) == 0
    assert (await server.schedules.get(row.id)).hindered is not None
    scheduled(world, schedule_interval_seconds=60)
    await server.pipelines.refresh()
    again = await schedule_of(server)
    assert again.id == row.id
    assert again.next_due_at is not None
    assert again.next_due_at > world.clock.now()


async def test_an_invalid_manifest_leaves_schedules_as_they_are(world: World, start: Start) -> None:
    server = await start()
    scheduled(world, schedule_interval_seconds=60)
    await server.pipelines.refresh()
    before = await schedule_of(server)
    scheduled(world, schedule_interval_seconds="often")
    await server.pipelines.refresh()
    assert await schedule_of(server) == before


async def test_another_time_zone_of_the_server_moves_the_schedules_that_name_none(
    world: World, start: Start
) -> None:
    server = await start()
    scheduled(world, "here", schedule_cron="0 3 * * *")
    scheduled(world, "there", schedule_cron="0 3 * * *", timezone="UTC")
    await server.pipelines.refresh()
    before = (await schedule_of(server, "there")).changed_at
    await world.clock.advance(SECOND)
    database = Database(world.database_url)
    try:
        moved = wire(world.outside(database), Options(host="host", timezone="Europe/Berlin"))
        await moved.scheduling.scheduler.tick()
    finally:
        await database.close()
    row = await schedule_of(server, "here")
    assert row.next_due_at is not None
    assert (row.zone, row.next_due_at.hour) == ("Europe/Berlin", 2)
    assert (await schedule_of(server, "there")).changed_at == before


async def test_pipelines_of_an_older_version_get_their_schedules_at_the_first_start(
    world: World, start: Start
) -> None:
    server = await start()
    world.source.put("p")
    await server.pipelines.refresh()

    def as_before(session: Session) -> None:
        row = pipelines.get(session, "p")
        assert isinstance(row, PipelineRow)
        row.manifest = row.valid_manifest = {"schedule_interval_seconds": 60}

    await server.database.write(as_before)
    await server.schedules.reconcile_all()
    assert (await schedule_of(server)).next_due_at is not None


async def test_a_schedule_of_the_api_fires_can_be_changed_and_deleted(world: World, start: Start) -> None:
    server = await start()
    world.source.put("p")
    made = await server.schedules.create(
        "p", {"id": "night", "schedule_interval_seconds": 60, "catch_up": "all"}
    )
    assert (made.row.origin, made.row.catch_up) == (ScheduleOrigin.API, "all")
    await world.clock.advance(60 * SECOND)
    await fired(server)
    assert len(await runs_of(server)) == 1
    changed = await server.schedules.change(
        made.row.id, {"schedule_interval_seconds": None, "schedule_cron": "0 0 * * *", "timeout": 5}
    )
    assert changed.in_words == "0 0 * * * (UTC)"
    assert changed.row.definition == {"id": "night", "schedule_cron": "0 0 * * *", "timeout": 5}
    assert changed.row.catch_up == "all"
    await server.schedules.delete(made.row.id)
    assert await server.schedules.every("p") == []
    entries, _ = await server.ledger.page(made.row.id, 10, None, None)
    assert len(entries) == 1, "its ledger stays"
    again = await server.schedules.create("p", {"id": "night", "schedule_interval_seconds": 60})
    assert again.row.id == made.row.id


async def test_the_manifest_wins_where_it_speaks_and_the_api_returns_when_it_falls_silent(
    world: World, start: Start
) -> None:
    server = await start()
    world.source.put("p")
    made = await server.schedules.create("p", {"id": "default", "schedule_interval_seconds": 60})
    scheduled(world, schedule_interval_seconds=3600)
    await server.pipelines.refresh()
    rows = {state.row.origin: state for state in await server.schedules.every("p")}
    assert rows[ScheduleOrigin.MANIFEST].hindered is None
    superseded = rows[ScheduleOrigin.API].hindered
    assert superseded is not None
    assert superseded.code == "superseded"
    with pytest.raises(Conflict, match="and it wins"):
        await server.schedules.create("p", {"id": "b", "schedule_interval_seconds": 60})
    with pytest.raises(Conflict, match="written in the manifest"):
        await server.schedules.change(rows[ScheduleOrigin.MANIFEST].row.id, {"timeout": 1})
    with pytest.raises(Conflict):
        await server.schedules.delete(rows[ScheduleOrigin.MANIFEST].row.id)
    world.source.put("p")
    await server.pipelines.refresh()
    back = await server.schedules.get(made.row.id)
    assert back.hindered is None
    assert back.row.next_due_at is not None


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        ({"id": "a"}, "schedule_cron"),
        ({"id": "a", "schedule_cron": "0 25 * * *"}, "schedule_cron"),
        ({"id": "a", "schedule_cron": "0 0 31 2 *"}, "schedule_cron"),
        ({"id": "a", "schedule_cron": "* * * * *", "run_once_at": "2031-01-01"}, "run_once_at"),
        ({"id": "a", "schedule_interval_seconds": 60, "timezone": "Mars/Olympus"}, "timezone"),
        ({"id": "a b", "schedule_interval_seconds": 60}, "id"),
        ({"id": "a", "schedule_interval_seconds": 60, "catch_up_limit": 0}, "catch_up_limit"),
        ({"id": "a", "schedule_interval_seconds": 60, "mem_hard_limit": "much"}, "mem_hard_limit"),
    ],
)
async def test_a_wrong_draft_is_refused_by_the_rules_of_the_manifest(
    world: World, start: Start, draft: dict[str, object], field: str
) -> None:
    server = await start()
    world.source.put("p")
    with pytest.raises(Invalid) as caught:
        await server.schedules.create("p", draft)  # pyright: ignore[reportArgumentType]
    assert list(caught.value.fields) == [field]
    assert field in caught.value.message


async def test_a_schedule_needs_a_pipeline_and_an_id_of_its_own(world: World, start: Start) -> None:
    server = await start()
    with pytest.raises(NotFound, match="no pipeline 'q'"):
        await server.schedules.create("q", {"id": "a", "schedule_interval_seconds": 60})
    world.source.put("p")
    await server.schedules.create("p", {"id": "a", "schedule_interval_seconds": 60})
    with pytest.raises(Conflict, match="already"):
        await server.schedules.create("p", {"id": "a", "schedule_interval_seconds": 90})


async def test_a_pause_says_who_and_why_and_holds_through_syncs(world: World, start: Start) -> None:
    server = await start()
    scheduled(world, schedule_interval_seconds=60)
    await server.pipelines.refresh()
    row = await schedule_of(server)
    paused = await server.schedules.pause(row.id, "bank holiday", None)
    assert (paused.row.paused_by, paused.row.pause_reason) == ("local user", "bank holiday")
    assert paused.hindered is not None
    assert "local user paused" in paused.hindered.reason
    scheduled(world, schedule_interval_seconds=60, timeout=5)
    await server.pipelines.refresh()
    await world.clock.advance(60 * SECOND)
    await fired(server)
    assert await runs_of(server) == []
    resumed = await server.schedules.resume(row.id)
    assert resumed.hindered is None
    await world.clock.advance(60 * SECOND)
    await fired(server)
    assert len(await runs_of(server)) == 1


async def test_a_schedule_whose_time_is_over_says_so(world: World, start: Start) -> None:
    server = await start()
    scheduled(world, run_once_at="2030-01-01T00:01:00")
    await server.pipelines.refresh()
    await world.clock.advance(60 * SECOND)
    await fired(server)
    (state,) = await server.schedules.every("p")
    assert state.hindered is not None
    assert state.hindered.code == "ended"
    assert state.last_run is not None
    assert state.last_run.trigger == "schedule"
