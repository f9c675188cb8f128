"""The scheduler's loops: the alarm is set to what is due next, changes wake it, trouble does not end it."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

from fastflow.domain.run import RunStatus
from tests.fakes.alarm import FakeAlarm
from tests.plugins.world import Instance, World
from tests.scheduling import HOUR, MINUTE, SECOND, runs_of, schedule_of, scheduled

Start = Callable[..., Awaitable[Instance]]


@asynccontextmanager
async def looping(server: Instance, *names: str) -> AsyncGenerator[FakeAlarm]:
    """Run loops of a server around the block; give its alarm clock."""
    loops = server.parts.scheduling.loops
    tasks = [asyncio.ensure_future(loops[name]()) for name in names]
    assert isinstance(server.alarm, FakeAlarm)
    try:
        yield server.alarm
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def until(server: Instance, condition: Callable[[], Awaitable[bool]]) -> None:
    """Block until it is so, looking whenever something was written."""
    while True:
        mark = server.database.events_written.mark
        if await condition():
            return
        await server.database.events_written.wait(mark, 0.05)


async def test_the_first_tick_finds_the_pipelines_and_says_when_to_look_again(
    world: World, start: Start
) -> None:
    server = await start()
    scheduled(world, "soon", schedule_interval_seconds=30)
    scheduled(world, "later", schedule_interval_seconds=90)
    assert await server.parts.scheduling.scheduler.tick() == world.clock.now() + 30 * SECOND
    await world.clock.advance(30 * SECOND)
    assert await server.parts.scheduling.scheduler.tick() == world.clock.now() + 30 * SECOND
    assert len(await runs_of(server, "soon")) == 1


async def test_what_changed_while_the_server_was_down_is_not_fired_as_it_was(
    world: World, start: Start
) -> None:
    server = await start()
    scheduled(world, schedule_interval_seconds=60)
    await server.pipelines.refresh()
    await server.end()
    await world.clock.advance(MINUTE)
    world.source.drop("p")
    server = await start()
    await server.parts.scheduling.scheduler.tick()
    assert await runs_of(server) == []


async def test_a_new_schedule_wakes_the_scheduler(world: World, start: Start) -> None:
    server = await start()
    async with looping(server, "scheduler", "schedule changes") as alarm:

        async def is_set() -> bool:
            return alarm.set_to is not None

        scheduled(world, schedule_interval_seconds=60)
        await server.pipelines.refresh()
        await until(server, is_set)
        assert alarm.set_to == world.clock.now() + MINUTE
    assert alarm.is_closed


async def test_it_fires_when_the_alarm_rings(world: World, start: Start) -> None:
    server = await start()
    scheduled(world, schedule_interval_seconds=60)
    await server.pipelines.refresh()
    async with looping(server, "scheduler") as alarm:
        await world.clock.advance(MINUTE)
        alarm.wake()

        async def has_run() -> bool:
            return len(await runs_of(server)) == 1

        await until(server, has_run)


async def test_a_local_folder_that_can_not_be_read_does_not_keep_schedules_from_firing(
    world: World, start: Start
) -> None:
    server = await start()
    scheduled(world, schedule_interval_seconds=60)
    await server.pipelines.refresh()
    await server.end()
    await world.clock.advance(MINUTE)
    server = await start()
    world.source.fail_scans("the disk is away")
    await server.parts.scheduling.scheduler.tick()
    assert len(await runs_of(server)) == 1


async def test_catching_up_goes_on_whenever_a_run_ends(world: World, start: Start) -> None:
    scheduled(world, schedule_cron="0 * * * *", catch_up="all")
    world.executor.script("p")
    server = await start(slots=2)
    await server.pipelines.refresh()
    await server.end()
    await world.clock.advance(4 * HOUR + 10 * MINUTE)
    server = await start(slots=2)
    await server.parts.scheduling.scheduler.tick()
    async with looping(server, "catch-up"):
        for number in range(1, 5):

            async def is_there(number: int = number) -> bool:
                return len(await runs_of(server)) == number

            await until(server, is_there)
            await server.claim_all()
            await server.worker.join()
    assert {run.status for run in await runs_of(server)} == {RunStatus.SUCCESS}
    row = await schedule_of(server)
    assert row.accounted_until == world.clock.now()
