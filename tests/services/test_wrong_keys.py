"""Guessers are slowed down by address, and learn nothing from how long an answer takes."""

import asyncio
from datetime import timedelta

import pytest

from fastflow.domain.errors import TooMany
from fastflow.services.wrong_keys import WrongKeys
from tests.fakes.clock import FakeClock

PACE = timedelta(milliseconds=50)


@pytest.mark.parametrize("worked_for", [timedelta(), timedelta(milliseconds=1), timedelta(milliseconds=49)])
async def test_a_wrong_key_is_answered_at_the_same_time_however_long_it_took_to_look(
    worked_for: timedelta,
) -> None:
    clock = FakeClock()
    wrong_keys, arrived_at = WrongKeys(clock, PACE), clock.now()
    await clock.advance(worked_for)
    answer = asyncio.create_task(wrong_keys.count("203.0.113.7", arrived_at))
    await clock.until_sleeping()
    await clock.advance(PACE - worked_for - timedelta(microseconds=1))
    assert not answer.done()
    await clock.advance(timedelta(microseconds=1))
    assert answer.done()


async def test_looking_for_longer_than_that_adds_nothing() -> None:
    clock = FakeClock()
    arrived_at = clock.now()
    await clock.advance(timedelta(seconds=1))
    await WrongKeys(clock, PACE).count("203.0.113.7", arrived_at)


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("203.0.113.7", "203.0.113.7", True),
        ("203.0.113.7", "203.0.113.8", False),
        ("203.0.113.7", "::ffff:203.0.113.7", True),
        ("2001:db8::1", "2001:db8::2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
    ],
)
async def test_guessers_are_told_apart_by_address(one: str, other: str, is_same: bool) -> None:
    clock = FakeClock()
    wrong_keys = WrongKeys(clock, timedelta())
    for _ in range(10):
        await wrong_keys.count(one, clock.now())
    if is_same:
        with pytest.raises(TooMany):
            wrong_keys.refuse_guesser(other)
    else:
        wrong_keys.refuse_guesser(other)


@pytest.mark.parametrize(
    "here", [None, "", "127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1", "testclient"]
)
async def test_right_keys_from_this_machine_are_always_heard(here: str | None) -> None:
    clock = FakeClock()
    wrong_keys = WrongKeys(clock, timedelta())
    for _ in range(10):
        await wrong_keys.count(here, clock.now())
    wrong_keys.refuse_guesser(here)
    with pytest.raises(TooMany):
        await wrong_keys.count(here, clock.now())
