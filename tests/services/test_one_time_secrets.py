"""Secrets that are good once: what they stand for, and until when."""

from datetime import timedelta

from fastflow.services.one_time_secrets import MOST, OneTimeSecrets
from tests.fakes.clock import FakeClock

LIFE = timedelta(minutes=1)


def test_a_secret_stands_for_something_once() -> None:
    given = OneTimeSecrets[str](FakeClock(), LIFE)
    one, other = given.give("one"), given.give("other")
    assert (given.take(other), given.take(one), given.take(one)) == ("other", "one", None)
    assert given.take("made up") is None


async def test_a_secret_ends_by_itself() -> None:
    clock = FakeClock()
    given = OneTimeSecrets[str](clock, LIFE)
    secret = given.give("late")
    await clock.advance(LIFE)
    assert given.take(secret) is None


async def test_a_clock_that_is_set_back_makes_nothing_last_longer() -> None:
    clock = FakeClock()
    given = OneTimeSecrets[str](clock, LIFE)
    secret = given.give("it")
    await clock.advance(-LIFE)
    assert given.take(secret) is None


def test_nothing_of_a_secret_is_kept() -> None:
    given = OneTimeSecrets[str](FakeClock(), LIFE)
    secret = given.give("it")
    assert secret not in repr(vars(given))


def test_who_asks_for_too_many_loses_the_oldest() -> None:
    given = OneTimeSecrets[int](FakeClock(), LIFE)
    secrets = [given.give(number) for number in range(MOST + 1)]
    assert (given.take(secrets[0]), given.take(secrets[1])) == (None, 1)
