"""The first administrator: by the token of the log, once, or by the settings."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from fastflow.domain.actor import SYSTEM, Actor, acting
from fastflow.domain.errors import Conflict, Forbidden, Invalid, TooMany
from fastflow.domain.role import Role
from fastflow.main.first_admin import first_admin
from fastflow.services.set_up import TOKEN_LIFE
from fastflow.settings import Settings
from tests.services.account_house import ELSEWHERE, PASSWORD, AccountHouse, house_on


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[AccountHouse]:
    """A house on an address that others reach, without accounts."""
    async with house_on(database_url) as house:
        yield house


async def refused(house: AccountHouse, token: str | None, name: str = "ann") -> str:
    with pytest.raises((Forbidden, Conflict)) as refusal:
        await house.set_up.complete(token, name, PASSWORD)
    return refusal.value.code


async def test_the_token_of_the_log_makes_one_admin(house: AccountHouse) -> None:
    token = await house.set_up.offer()
    assert await house.set_up.is_needed()
    made = await house.set_up.complete(token, "Ann", PASSWORD)
    assert (made.name, made.role) == ("ann", Role.ADMIN)
    assert (await house.enter()).user.name == "ann"
    assert not await house.set_up.is_needed()
    assert await refused(house, token, "eve") == "already_set_up"
    assert await house.set_up.offer() is None


@pytest.mark.parametrize("token", [None, "", "setup_", "setup_" + "A" * 43])
async def test_nobody_gets_in_without_the_token(house: AccountHouse, token: str | None) -> None:
    assert await refused(house, token) == "setup_token_wrong", "also before one is offered"
    await house.set_up.offer()
    assert await refused(house, token) == "setup_token_wrong"
    assert await house.set_up.is_needed()


async def test_a_token_ends_after_a_day_or_with_the_next(house: AccountHouse) -> None:
    first = await house.set_up.offer()
    second = await house.set_up.offer()
    assert await refused(house, first) == "setup_token_wrong"
    await house.clock.advance(TOKEN_LIFE)
    assert await refused(house, second) == "setup_token_expired"
    await house.set_up.complete(await house.set_up.offer(), "ann", PASSWORD)


async def test_a_refused_name_does_not_use_the_token_up(house: AccountHouse) -> None:
    token = await house.set_up.offer()
    for name, password in (("no name", PASSWORD), ("ann", "short")):
        with pytest.raises(Invalid):
            await house.set_up.complete(token, name, password)
    await house.set_up.complete(token, "ann", PASSWORD)


async def test_of_two_who_set_up_at_once_one_is_the_admin(house: AccountHouse) -> None:
    token = await house.set_up.offer()
    answers = await asyncio.gather(
        *(house.set_up.complete(token, name, PASSWORD) for name in ("ann", "eve")), return_exceptions=True
    )
    (refusal,) = [answer for answer in answers if isinstance(answer, Conflict)]
    assert refusal.code == "already_set_up"
    assert len(await house.users.every()) == 1


async def test_who_guesses_the_token_is_heard_no_more_from_where_they_are(house: AccountHouse) -> None:
    token = await house.set_up.offer()
    before = acting.set(Actor(SYSTEM.kind, SYSTEM.name, address=ELSEWHERE))
    try:
        for _ in range(10):
            assert await refused(house, "guess") == "setup_token_wrong"
        with pytest.raises(TooMany):
            await house.set_up.complete(token, "ann", PASSWORD)
        await house.clock.advance(timedelta(minutes=1))
        await house.set_up.complete(token, "ann", PASSWORD)
    finally:
        acting.reset(before)


def settings(**values: object) -> Settings:
    return Settings.model_validate(values)


def test_the_settings_may_have_the_password_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\n")
    admin = first_admin(settings(admin_name="Ann", admin_password_file=file))
    assert admin is not None
    assert (admin.name, admin.password) == ("ann", PASSWORD)
    assert PASSWORD not in repr(admin)
    assert first_admin(settings()) is None


@pytest.mark.parametrize(
    ("values", "setting"),
    [
        ({"admin_name": "ann"}, "ADMIN_PASSWORD_FILE"),
        ({"admin_password": PASSWORD}, "ADMIN_NAME"),
        ({"admin_name": "no name", "admin_password": PASSWORD}, "ADMIN_NAME"),
        ({"admin_name": "ann", "admin_password": "short"}, "ADMIN_PASSWORD"),
        ({"admin_name": "ann", "admin_password_file": "/nowhere"}, "ADMIN_PASSWORD_FILE"),
        (
            {"admin_name": "ann", "admin_password": PASSWORD, "admin_password_file": "/nowhere"},
            "ADMIN_PASSWORD_FILE",
        ),
    ],
)
def test_a_mistake_in_these_settings_is_called_by_its_name(values: dict[str, object], setting: str) -> None:
    with pytest.raises(Invalid) as refusal:
        first_admin(settings(**values))
    assert list(refusal.value.fields) == [setting]
    assert PASSWORD not in str(refusal.value)
