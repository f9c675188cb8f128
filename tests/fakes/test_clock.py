"""What tests may rely on when they move the clock."""

import asyncio
from datetime import datetime, timedelta

from tests.fakes.clock import FakeClock


async def test_sleepers_wake_in_the_order_of_their_dues_at_exactly_that_time():
    clock = FakeClock()
    begin = clock.now()
    woken: list[tuple[str, datetime]] = []

    async def sleeper(name: str, seconds: float) -> None:
        await clock.sleep(timedelta(seconds=seconds))
        woken.append((name, clock.now()))

    async with asyncio.TaskGroup() as tasks:
        for name, seconds in (("late", 5), ("early", 1), ("beyond", 60)):
            tasks.create_task(sleeper(name, seconds))
        await clock.until_sleeping(3)
        await clock.advance(timedelta(seconds=10))
        assert woken == [
            ("early", begin + timedelta(seconds=1)),
            ("late", begin + timedelta(seconds=5)),
        ]
        assert clock.now() == begin + timedelta(seconds=10)
        await clock.advance(timedelta(seconds=50))
    assert woken[-1] == ("beyond", begin + timedelta(seconds=60))


async def test_a_loop_that_sleeps_again_and_again_wakes_as_often_as_time_allows():
    clock = FakeClock()
    ticks: list[datetime] = []

    async def ticker() -> None:
        while True:
            await clock.sleep(timedelta(seconds=1))
            ticks.append(clock.now())

    task = asyncio.create_task(ticker())
    await clock.until_sleeping()
    await clock.advance(timedelta(seconds=3))
    task.cancel()
    assert len(ticks) == 3


async def test_a_cancelled_sleeper_is_forgotten():
    clock = FakeClock()
    task = asyncio.create_task(clock.sleep(timedelta(seconds=1)))
    await clock.until_sleeping()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert clock.sleepers == 0
    await clock.advance(timedelta(seconds=2))
