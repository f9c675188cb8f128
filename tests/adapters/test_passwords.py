"""Passwords are kept so that nobody can read them, and hashed by a few at a time."""

import asyncio

import pytest

from fastflow.adapters.crypto.passwords import LANES, MEMORY_KIB, PASSES, Argon2Passwords
from fastflow.domain.errors import TooMany

PASSWORD = "correct horse battery"  # noqa: S105 - opens nothing


async def test_only_the_right_password_fits_and_every_hash_is_another() -> None:
    passwords = Argon2Passwords(memory_kib=8)
    one, other = await passwords.hash(PASSWORD), await passwords.hash(PASSWORD)
    assert one != other
    assert PASSWORD not in one
    assert await passwords.is_right(PASSWORD, one)
    assert await passwords.is_right(PASSWORD, other)
    assert not await passwords.is_right(PASSWORD + " ", one)


@pytest.mark.parametrize("stored", [None, "", "plain", "$argon2id$v=19$m=8,t=1,p=1$broken", PASSWORD])
async def test_nothing_fits_where_no_hash_is_stored(stored: str | None) -> None:
    passwords = Argon2Passwords(memory_kib=8)
    assert not await passwords.is_right(PASSWORD, stored)
    assert not await passwords.is_right("nobody's", stored)


async def test_a_hash_says_by_which_parameters_it_was_made() -> None:
    stored = await Argon2Passwords(memory_kib=8).hash(PASSWORD)
    assert stored.startswith("$argon2id$v=19$m=8,t=1,p=1$")
    assert Argon2Passwords(memory_kib=16).is_outdated(stored)
    assert not Argon2Passwords(memory_kib=8).is_outdated(stored)
    assert (MEMORY_KIB, PASSES, LANES) == (47_104, 1, 1), "OWASP's"


async def test_who_comes_when_too_many_wait_is_sent_away_and_the_others_are_served() -> None:
    passwords = Argon2Passwords(memory_kib=8)
    answers = await asyncio.gather(*(passwords.hash(PASSWORD) for _ in range(30)), return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, TooMany)]
    assert (len(refused), {error.code for error in refused}) == (8, {"busy"})
    assert await passwords.is_right(PASSWORD, await passwords.hash(PASSWORD))
