"""Signing in by password: whoever guesses waits ever longer, and locks nobody else out."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from fastflow.adapters.crypto.passwords import Argon2Passwords
from fastflow.domain.errors import Conflict, Forbidden, Invalid, TooMany, Unauthenticated
from fastflow.domain.role import Role
from fastflow.store import users
from tests.services.account_house import ELSEWHERE, HOME, PASSWORD, AccountHouse, house_on


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[AccountHouse]:
    async with house_on(database_url) as house:
        await house.admit()
        yield house


async def guess(house: AccountHouse, times: int, name: str = "ann", address: str = ELSEWHERE) -> None:
    """Send wrong passwords."""
    for _ in range(times):
        with pytest.raises(Unauthenticated, match="Name or password is wrong"):
            await house.enter(name, "wrong horse battery", address)


async def test_names_ignore_case_and_passwords_do_not(house: AccountHouse) -> None:
    assert (await house.enter(" ANN ")).user.name == "ann"
    with pytest.raises(Unauthenticated):
        await house.enter("ann", PASSWORD.upper())


@pytest.mark.parametrize("name", ["ann", "nobody", "'; drop table users", "\u212a"])
async def test_who_guesses_has_to_wait_longer_each_time_whether_there_is_such_a_user_or_not(
    house: AccountHouse, name: str
) -> None:
    await guess(house, 5, name)
    for seconds in (1, 2, 4):
        with pytest.raises(TooMany) as refusal:
            await house.enter(name, "wrong horse battery", ELSEWHERE)
        assert refusal.value.fields["retry_after_seconds"] == seconds
        await house.clock.advance(timedelta(seconds=seconds))
        await guess(house, 1, name)


async def test_an_address_that_tries_many_accounts_has_to_wait_for_all_of_them(house: AccountHouse) -> None:
    for number in range(20):
        await guess(house, 1, f"user{number}")
    with pytest.raises(TooMany):
        await house.enter("ann", PASSWORD, ELSEWHERE)
    await house.enter("ann", PASSWORD, HOME)


async def test_no_stranger_locks_somebody_out_of_where_they_are_signed_in(house: AccountHouse) -> None:
    await house.enter(address=HOME)
    await guess(house, 5)
    with pytest.raises(TooMany):
        await house.enter(address=ELSEWHERE)
    await house.enter(address=HOME)


async def test_a_reverse_proxy_that_names_nobody_is_not_locked_out_as_a_whole(house: AccountHouse) -> None:
    for number in range(25):
        await guess(house, 1, f"user{number}", "127.0.0.1")
    await house.enter(address="127.0.0.1")


async def test_who_is_right_starts_from_nothing_again(house: AccountHouse) -> None:
    for _ in range(3):
        await guess(house, 4)
        await house.enter(address=ELSEWHERE)


async def test_a_password_is_hashed_anew_when_the_parameters_have_changed(house: AccountHouse) -> None:
    row = await house.database.read(lambda session: users.named(session, "ann"))
    assert row is not None
    stronger = Argon2Passwords(memory_kib=16)
    row.password_hash = await stronger.hash(PASSWORD)

    await house.database.write(lambda session: session.merge(row).id)
    await house.enter()
    after = await house.users.get("ann")
    assert after.password_hash != row.password_hash
    assert not house.passwords.is_outdated(after.password_hash or "")


async def test_a_new_password_needs_the_present_one_and_signs_out_everywhere(house: AccountHouse) -> None:
    signed_in = await house.enter()
    with pytest.raises(Forbidden, match="not right"):
        await house.own_password.change("ann", "wrong horse battery", "a better password")
    await house.own_password.change("ann", PASSWORD, "a better password")
    with pytest.raises(Unauthenticated):
        await house.caller(signed_in.access_token)
    await house.enter(password="a better password")  # noqa: S106 - opens nothing


async def test_who_guesses_the_present_password_has_to_wait(house: AccountHouse) -> None:
    for _ in range(5):
        with pytest.raises(Forbidden, match="not right"):
            await house.own_password.change("ann", "wrong horse battery", "a better password")
    with pytest.raises(TooMany, match="try again in 1 seconds"):
        await house.own_password.change("ann", PASSWORD, "a better password")
    await house.clock.advance(timedelta(seconds=1))
    await house.own_password.change("ann", PASSWORD, "a better password")


async def test_who_has_no_password_is_told_who_can_give_them_one(house: AccountHouse) -> None:
    await house.users.create("bob", Role.VIEWER, None)
    with pytest.raises(Conflict, match="fastflow users password bob"):
        await house.own_password.change("bob", "", "a better password")


async def test_the_last_admin_stays_an_enabled_admin(house: AccountHouse) -> None:
    await house.admit("bob", Role.EDITOR)
    for change in (
        house.users.change("ann", role=Role.EDITOR),
        house.users.change("ann", is_enabled=False),
        house.users.remove("ann"),
    ):
        with pytest.raises(Conflict) as refusal:
            await change
        assert refusal.value.code == "last_admin"
    assert (await house.users.get("ann")).role is Role.ADMIN
    await house.users.change("bob", role=Role.ADMIN)
    await house.users.remove("ann")


async def test_a_name_is_taken_once(house: AccountHouse) -> None:
    with pytest.raises(Conflict, match="already"):
        await house.admit("Ann")


@pytest.mark.parametrize(
    ("is_local", "role", "password", "code"),
    [
        (True, Role.EDITOR, PASSWORD, "first_user_not_admin"),
        (True, Role.ADMIN, None, "password_invalid"),
        (True, Role.ADMIN, "short", "password_invalid"),
    ],
)
async def test_the_first_user_must_be_able_to_let_others_in(
    sqlite_url: str, is_local: bool, role: Role, password: str | None, code: str
) -> None:
    async with house_on(sqlite_url, is_local=is_local) as house:
        assert await house.credentials.is_open()
        with pytest.raises((Conflict, Invalid)) as refusal:
            await house.users.create("bob", role, password)
        assert refusal.value.code == code
        assert await house.credentials.is_open()
        await house.admit()
        assert not await house.credentials.is_open()
