"""The alarm clock rings at its moment, once, and whenever somebody wakes it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from fastflow.adapters.alarm.clock import AlarmClock

LONG = timedelta(seconds=30)
SOON = timedelta(milliseconds=50)


@pytest.fixture
async def alarm() -> AsyncIterator[AlarmClock]:
    alarm = AlarmClock()
    yield alarm
    await alarm.close()


async def test_it_rings_at_the_moment_that_was_set_and_not_before(alarm: AlarmClock) -> None:
    at = datetime.now(UTC) + SOON
    alarm.set(at)
    await asyncio.wait_for(alarm.wait(LONG), 10)
    assert datetime.now(UTC) >= at


async def test_a_moment_that_has_passed_rings_at_once(alarm: AlarmClock) -> None:
    alarm.set(datetime.now(UTC) - timedelta(days=3))
    await asyncio.wait_for(alarm.wait(LONG), 10)


async def test_the_moment_set_last_holds(alarm: AlarmClock) -> None:
    alarm.set(datetime.now(UTC) + LONG)
    alarm.set(datetime.now(UTC) + SOON)
    await asyncio.wait_for(alarm.wait(LONG), 10)


async def test_nothing_rings_where_nothing_is_set(alarm: AlarmClock) -> None:
    alarm.set(datetime.now(UTC) + SOON)
    alarm.set(None)
    began = datetime.now(UTC)
    await alarm.wait(4 * SOON)
    assert datetime.now(UTC) - began >= 4 * SOON - timedelta(milliseconds=5)


async def test_who_is_woken_before_waiting_does_not_sleep_and_sleeps_the_next_time(alarm: AlarmClock) -> None:
    alarm.wake()
    await asyncio.wait_for(alarm.wait(LONG), 10)
    waiting = asyncio.ensure_future(alarm.wait(LONG))
    await asyncio.sleep(0)
    assert not waiting.done()
    alarm.wake()
    await asyncio.wait_for(waiting, 10)


async def test_it_can_be_used_again_after_a_loop_has_closed_it(alarm: AlarmClock) -> None:
    alarm.set(datetime.now(UTC) + LONG)
    await alarm.close()
    alarm.set(datetime.now(UTC) + SOON)
    await asyncio.wait_for(alarm.wait(LONG), 10)
