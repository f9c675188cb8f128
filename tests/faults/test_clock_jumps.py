"""The clock jumps, both ways and by any amount; machines sleep. Nothing is doubled, lost or stands still."""

import json
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

import pytest

from fastflow.domain.manifest import Schedule
from fastflow.domain.repository import Authentication, RepositoryOrigin
from fastflow.domain.run import RunStatus
from fastflow.domain.schedule import Rule, count_between, occurrences, rule_of
from fastflow.services.sync_times import SyncTimes
from fastflow.store.tables import RepositoryRow
from tests.plugins.world import Instance, World
from tests.scheduling import HOUR, MINUTE, SECOND, due_of, ledger_of, paced, runs_of, scheduled

Start = Callable[..., Awaitable[Instance]]
LOOKS: Final = 5 * SECOND
"""How often the scheduler looks at the clock, whatever the alarm does."""
TIMINGS: Final = [{"schedule_cron": "*/10 * * * *"}, {"schedule_interval_seconds": 420}]


def rule(timing: dict[str, object], anchor: datetime) -> Rule:
    found = rule_of(Schedule.model_validate({"id": "x", **timing}), default_zone="UTC", anchor=anchor)
    assert found is not None
    return found


def due_between(timing: dict[str, object], begin: datetime, end: datetime) -> list[datetime]:
    """Compute what is due in (begin, end] of a schedule that began to count at `begin`."""
    dues: list[datetime] = []
    for due in occurrences(rule(timing, begin), begin):
        if due > end:
            break
        dues.append(due)
    return dues


async def begun(world: World, start: Start, **manifest: object) -> Instance:
    """Start a server with one scheduled pipeline that was looked at."""
    scheduled(world, overlap="queue", **manifest)
    server = await start()
    await server.pipelines.refresh()
    await server.parts.scheduling.scheduler.tick()
    return server


async def pass_time(world: World, server: Instance, duration: timedelta, step: timedelta = MINUTE) -> None:
    """Let time pass, and let the scheduler look after each step."""
    for _ in range(duration // step):
        await world.clock.advance(step)
        await server.parts.scheduling.scheduler.tick()


async def dues_of_runs(server: Instance) -> list[datetime]:
    return [due_of(run).due_at for run in await runs_of(server)]


async def fates(server: Instance) -> Counter[str]:
    counted: Counter[str] = Counter()
    for row in await ledger_of(server):
        counted[row.status.value] += row.count
    return counted


@pytest.mark.parametrize("timing", TIMINGS)
@pytest.mark.parametrize("is_restarted", [False, True])
async def test_set_back_by_two_hours_nothing_runs_twice_and_it_goes_on_when_that_time_is_reached_again(
    world: World, start: Start, timing: dict[str, object], is_restarted: bool
) -> None:
    server = await begun(world, start, **timing)
    began = world.clock.now()
    await pass_time(world, server, 3 * HOUR)
    before = await dues_of_runs(server)
    world.clock.set_back(2 * HOUR)
    if is_restarted:
        await server.end()
        server = await start()
    await server.parts.scheduling.scheduler.tick()
    await pass_time(world, server, 2 * HOUR)
    assert await dues_of_runs(server) == before
    await pass_time(world, server, HOUR)
    expected = due_between(timing, began, world.clock.now())
    assert await dues_of_runs(server) == expected
    assert [row.due_at for row in await ledger_of(server)] == expected


async def test_a_schedule_that_is_younger_than_the_jump_goes_on_at_once(world: World, start: Start) -> None:
    """Its accounts begin in a future that is far away; it must not wait for it."""
    server = await begun(world, start, schedule_interval_seconds=60)
    await pass_time(world, server, 10 * MINUTE)
    world.clock.set_back(24 * HOUR)
    await server.parts.scheduling.scheduler.tick()
    await pass_time(world, server, 10 * MINUTE)
    dues = await dues_of_runs(server)
    assert len(dues) == len(set(dues)) == 20


@pytest.mark.parametrize(
    ("policy", "fate", "count"),
    [
        ("none", {"run": 6, "skipped": 30}, 6),
        ("last", {"run": 7, "coalesced": 29}, 7),
        ("all", {"run": 10, "skipped": 26}, 10),
    ],
)
@pytest.mark.parametrize("is_asleep", [False, True])
async def test_put_forward_by_five_hours_it_catches_up_by_its_policy(
    world: World, start: Start, policy: str, fate: dict[str, int], count: int, is_asleep: bool
) -> None:
    """A suspended machine is the same: the clock is elsewhere, and no timer has rung meanwhile."""
    timing: dict[str, object] = {"schedule_interval_seconds": 600}
    server = await begun(world, start, **timing, catch_up=policy, catch_up_limit=4)
    began = world.clock.now()
    await pass_time(world, server, 55 * MINUTE)
    if is_asleep:
        world.clock.set_back(-5 * HOUR)
    else:
        await world.clock.advance(5 * HOUR)
    await server.parts.scheduling.scheduler.tick()
    await pass_time(world, server, 6 * MINUTE)
    while await paced(server):
        for run in await runs_of(server):
            await server.runs.cancel(run.id)
    assert await fates(server) == fate
    assert sum(fate.values()) == count_between(rule(timing, began), began, world.clock.now())
    dues = await dues_of_runs(server)
    assert len(dues) == len(set(dues)) == count


async def test_a_clock_that_is_corrected_all_the_time_loses_and_doubles_nothing(
    world: World, start: Start
) -> None:
    timing: dict[str, object] = {"schedule_interval_seconds": 10}
    server = await begun(world, start, **timing)
    began, latest = world.clock.now(), world.clock.now()
    chance = random.Random(20270301)  # noqa: S311 - not a secret
    for _ in range(300):
        world.clock.set_back(chance.uniform(-3, 3) * SECOND)
        await world.clock.advance(LOOKS)
        await server.parts.scheduling.scheduler.tick()
        latest = max(latest, world.clock.now())
    expected = due_between(timing, began, latest)
    assert len(expected) > 100
    assert sorted(await dues_of_runs(server)) == expected
    assert [row.due_at for row in await ledger_of(server)] == expected


async def test_what_a_wrong_date_has_caught_up_with_is_not_started_again_by_the_right_one(
    world: World, start: Start
) -> None:
    """A year ahead for a minute: what waited there is forgotten, what ran there stays in the ledger."""
    server = await begun(world, start, schedule_cron="0 * * * *", catch_up="all", catch_up_limit=3)
    await pass_time(world, server, 2 * HOUR)
    right = world.clock.now()
    world.clock.set_back(timedelta(days=-365, minutes=-30))
    await server.parts.scheduling.scheduler.tick()
    world.clock.set_back(timedelta(days=365, minutes=30))
    await server.parts.scheduling.scheduler.tick()
    assert not await paced(server), "nothing waits that has not come yet"
    await pass_time(world, server, 2 * HOUR)
    assert await dues_of_runs(server) == [right - HOUR, right, right + HOUR, right + 2 * HOUR]


@pytest.mark.parametrize("is_restarted", [False, True])
async def test_a_run_that_waits_for_a_slot_does_not_wait_for_the_time_that_the_clock_was_set_back_from(
    world: World, start: Start, is_restarted: bool
) -> None:
    world.source.put("p")
    server = await start(slots=1)
    first, second = await server.trigger(), await server.trigger()
    assert await server.claim_all() == 1
    await world.executor.started(first)
    world.clock.set_back(2 * HOUR)
    if is_restarted:
        await server.end()
        server = await start(slots=1)
        await server.reconciler.tick()
    await server.until(first, RunStatus.RUNNING)
    world.executor.finish(first)
    await server.until(first, RunStatus.SUCCESS)
    await server.worker.join()
    assert await server.claim_all() == 1
    await server.until(second, RunStatus.RUNNING)


async def test_of_a_pause_before_a_retry_only_what_was_left_is_waited_for(world: World, start: Start) -> None:
    retry = {"type": "fixed_delay", "delay": 600}
    world.source.put("p", manifest=json.dumps({"retry_attempts": 1, "retry_strategy": retry}))
    world.executor.script("p", exit_code=1)
    server = await start()
    run_id = await server.trigger()
    await server.claim_all()
    await server.until(run_id, RunStatus.RETRYING)
    await server.worker.join()
    world.clock.set_back(2 * HOUR)
    assert await server.claim_all() == 0
    await world.clock.advance(9 * MINUTE)
    assert await server.claim_all() == 0
    await world.clock.advance(2 * MINUTE)
    assert await server.claim_all() == 1
    await server.until(run_id, RunStatus.FAILED)


@pytest.mark.parametrize("jump", [-5 * HOUR, 5 * HOUR])
async def test_a_run_goes_on_through_a_jump_and_is_started_once(
    world: World, start: Start, jump: timedelta
) -> None:
    """Its lease has run out as the clock tells it, but whoever holds it is alive."""
    world.source.put("p")
    server = await start()
    run_id = await server.trigger()
    await server.claim_all()
    await world.executor.started(run_id)
    await server.until(run_id, RunStatus.RUNNING)
    world.clock.set_back(-jump)
    await server.reconciler.tick()
    await server.claim_all()
    world.executor.finish(run_id)
    whole = await server.until(run_id, RunStatus.SUCCESS)
    assert len(whole.attempts) == len(world.executor.starts) == 1
    assert not world.executor.overlaps


@pytest.mark.parametrize("jump", [-5 * HOUR, 5 * HOUR])
async def test_a_repository_is_looked_at_within_its_interval_whatever_the_clock_does(
    world: World, jump: timedelta
) -> None:
    now = world.clock.now()
    row = RepositoryRow(
        id="one",
        name="data",
        origin=RepositoryOrigin.API,
        url="https://git.example.org/data",
        authentication=Authentication.NONE,
        created_at=now,
        changed_at=now,
    )
    times = SyncTimes(MINUTE, chance=lambda: 0.0)
    times.due([row], now)
    times.ended(row.id, now, has_succeeded=True)
    now += jump
    looks = [times.due([row], now + second * SECOND) for second in range(61)]
    assert sum(map(len, looks)) == (1 if jump < timedelta() else 2)
