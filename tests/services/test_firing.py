"""Schedules that fire: one run for each occurrence, whoever fires and whatever breaks in between."""

import threading
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import Engine, event

from fastflow.domain.occurrence import OccurrenceStatus
from fastflow.domain.run import RunStatus, Trigger
from tests.plugins.world import Instance, World
from tests.scheduling import SECOND, due_of, fired, ledger_of, paced, runs_of, scheduled

Start = Callable[..., Awaitable[Instance]]


class Crash(Exception):
    """The process ends here."""


@contextmanager
def breaking(number: int) -> Generator[list[str]]:
    """Break the first write transaction before its statement of that number; yield what was broken."""
    broken: list[str] = []
    seen = count()

    def before(*arguments: object) -> None:
        is_write = threading.current_thread().name.startswith("fastflow-db-write")
        if is_write and not broken and next(seen) == number:
            broken.append(str(arguments[2]))
            raise Crash

    event.listen(Engine, "before_cursor_execute", before)
    try:
        yield broken
    finally:
        event.remove(Engine, "before_cursor_execute", before)


async def test_what_is_due_makes_one_run_that_says_why_it_exists(world: World, start: Start) -> None:
    server = await start()
    scheduled(world, schedule_interval_seconds=5)
    await server.pipelines.refresh()
    began = world.clock.now()
    await world.clock.advance(4 * SECOND)
    assert await fired(server) == 0
    await world.clock.advance(SECOND)
    assert await fired(server) == 1
    assert await fired(server) == 0
    (run,) = await runs_of(server)
    assert (run.trigger, run.status) == ("schedule", RunStatus.PENDING)
    cause = due_of(run)
    assert (cause.due_at, cause.schedule_key, cause.rule) == (began + 5 * SECOND, "default", "every 5 s")
    assert not cause.is_late
    (entry,) = await ledger_of(server)
    assert (entry.status, entry.run_id) == (OccurrenceStatus.RUN, run.id)


async def test_several_occurrences_at_once_make_their_runs_in_order(world: World, start: Start) -> None:
    server = await start()
    scheduled(world, schedule_interval_seconds=5)
    await server.pipelines.refresh()
    await world.clock.advance(17 * SECOND)
    await fired(server)
    dues = [due_of(run).due_at for run in await runs_of(server)]
    assert dues == sorted(dues)
    assert len(dues) == 3


async def test_a_schedule_brings_its_own_settings(world: World, start: Start) -> None:
    server = await start()
    own = {"id": "night", "schedule_interval_seconds": 5, "timeout": 7, "default_env": {"A": "night"}}
    scheduled(world, timeout=9, default_env={"A": "day", "B": "b"}, schedules=[own])
    await server.pipelines.refresh()
    await world.clock.advance(5 * SECOND)
    await fired(server)
    (run,) = await runs_of(server)
    assert run.spec["timeout_seconds"] == 7
    assert run.spec["default_variables"] == {"A": "night", "B": "b"}
    assert due_of(run).schedule_key == "night"


async def test_a_repeated_run_keeps_the_settings_of_its_schedule_at_the_latest_revision_too(
    world: World, start: Start
) -> None:
    server = await start()
    night = {"id": "night", "schedule_interval_seconds": 5, "timeout": 7}
    scheduled(world, timeout=9, schedules=[night])
    await server.pipelines.refresh()
    await world.clock.advance(5 * SECOND)
    await fired(server)
    (run,) = await runs_of(server)
    await server.runs.cancel(run.id)
    scheduled(world, timeout=9, schedules=[{**night, "timeout": 8}])
    await server.pipelines.refresh()
    same = await server.runs.retry(run.id, trigger=Trigger.API, with_latest=False)
    latest = await server.runs.retry(run.id, trigger=Trigger.API, with_latest=True)
    assert same.spec["timeout_seconds"] == 7
    assert latest.spec["timeout_seconds"] == 8


async def test_an_occurrence_of_an_invalid_pipeline_leaves_a_run_that_says_so(
    world: World, start: Start
) -> None:
    server = await start()
    scheduled(world, schedule_interval_seconds=5)
    await server.pipelines.refresh()
    scheduled(world, timeout="soon")
    await server.pipelines.refresh()
    await world.clock.advance(5 * SECOND)
    await fired(server)
    (run,) = await runs_of(server)
    assert (run.status, run.outcome) == (RunStatus.FAILED, "manifest_invalid")
    (entry,) = await ledger_of(server)
    assert (entry.status, entry.run_id) == (OccurrenceStatus.RUN, run.id)


async def test_parameters_that_are_missing_leave_a_rejected_run(world: World, start: Start) -> None:
    server = await start()
    needs = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}
    scheduled(world, schedule_interval_seconds=5, parameters=needs)
    await server.pipelines.refresh()
    await world.clock.advance(5 * SECOND)
    await fired(server)
    (run,) = await runs_of(server)
    assert (run.status, run.outcome) == (RunStatus.SKIPPED, "rejected")


async def test_overlap_skip_holds_for_scheduled_runs_too(world: World, start: Start) -> None:
    server = await start()
    scheduled(world, schedule_interval_seconds=5, max_instances=1, overlap="skip")
    await server.pipelines.refresh()
    await world.clock.advance(10 * SECOND)
    await fired(server)
    assert [run.status for run in await runs_of(server)] == [RunStatus.PENDING, RunStatus.SKIPPED]
    assert {entry.status for entry in await ledger_of(server)} == {OccurrenceStatus.RUN}


@pytest.mark.parametrize(
    ("manifest", "code"),
    [
        ({"enabled": False, "schedule_interval_seconds": 5}, "pipeline_disabled"),
        (
            {"schedules": [{"id": "a", "enabled": False, "schedule_interval_seconds": 5}]},
            "schedule_disabled",
        ),
    ],
)
async def test_what_is_disabled_skips_its_occurrences_with_the_reason(
    world: World, start: Start, manifest: dict[str, object], code: str
) -> None:
    server = await start()
    scheduled(world, **manifest)
    await server.pipelines.refresh()
    await world.clock.advance(10 * SECOND)
    await fired(server)
    assert await runs_of(server) == []
    assert [(entry.status, entry.code) for entry in await ledger_of(server)] == [
        (OccurrenceStatus.SKIPPED, code)
    ] * 2


async def test_two_servers_that_fire_at_once_make_one_run(world: World, start: Start) -> None:
    first, second = await start(), await start(host="other")
    scheduled(world, schedule_interval_seconds=5)
    await first.pipelines.refresh()
    await world.clock.advance(5 * SECOND)
    slow = first.parts.scheduling.firing
    plans = await slow.plan_due()
    assert await fired(second) == 1
    assert await slow.carry_out(plans) == 0
    assert len(await runs_of(first)) == 1


async def test_wherever_the_transaction_breaks_each_occurrence_makes_one_run(
    world: World, start: Start
) -> None:
    """A crash is simulated before every single statement in turn, then a new server goes on."""
    for number in range(3):
        scheduled(world, f"p{number}", schedule_interval_seconds=5)
    server = await start()
    await server.pipelines.refresh()
    broken = 0
    while True:
        await world.clock.advance(5 * SECOND)
        with breaking(broken) as is_broken:
            try:
                await fired(server)
            except Crash:
                server = await start()
        await fired(server)
        if not is_broken:
            break
        broken += 1
    assert broken > 5, "every statement of the transaction had its turn"
    for number in range(3):
        dues = [due_of(run).due_at for run in await runs_of(server, f"p{number}")]
        assert len(dues) == len(set(dues)) == broken + 1
        assert len(await ledger_of(server, f"p{number}")) == broken + 1


async def test_on_both_databases_on_time_and_caught_up_runs_are_made_and_claimed(
    world: World, start: Start, database_url: str
) -> None:
    world.database_url = database_url
    scheduled(world, "a", schedule_interval_seconds=60)
    scheduled(world, "b", schedule_cron="0 * * * *")
    for name in ("a", "b"):
        world.executor.script(name)
    server = await start()
    await server.pipelines.refresh()
    await world.clock.advance(timedelta(hours=2, minutes=5))
    await fired(server)
    await paced(server)
    for name in ("a", "b"):
        coalesced = [entry for entry in await ledger_of(server, name) if entry.status == "coalesced"]
        assert len(coalesced) == {"a": 123, "b": 1}[name]
    assert await server.claim_all() == 3
    await server.worker.join()
    statuses = [run.status for name in ("a", "b") for run in await runs_of(server, name)]
    assert statuses == [RunStatus.SUCCESS] * 3


async def test_after_a_restart_the_next_server_goes_on_where_the_last_one_stopped(
    world: World, start: Start
) -> None:
    first = await start()
    scheduled(world, schedule_interval_seconds=30)
    await first.pipelines.refresh()
    await world.clock.advance(30 * SECOND)
    await fired(first)
    await first.end()
    await world.clock.advance(45 * SECOND)
    second = await start()
    await second.parts.scheduling.scheduler.tick()
    assert len(await runs_of(second)) == 2
    await second.parts.scheduling.scheduler.tick()
    assert len(await runs_of(second)) == 2
