"""Sessions: refresh tokens work once, a copy ends everything, and who is out is out at once."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from fastflow.domain.actor import SYSTEM, Actor, acting
from fastflow.domain.errors import Forbidden, TooMany, Unauthenticated
from fastflow.domain.role import Role
from fastflow.services.session_rows import GRACE, IDLE_LIFE, WHOLE_LIFE
from fastflow.services.sessions import ACCESS_LIFE, REFRESHES_PER_MINUTE
from tests.services.account_house import ELSEWHERE, HOME, AccountHouse, house_on


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[AccountHouse]:
    async with house_on(database_url) as house:
        await house.admit()
        yield house


async def refused(house: AccountHouse, credential: str) -> str:
    """Return the code with which a credential is refused."""
    with pytest.raises(Unauthenticated) as refusal:
        await house.caller(credential)
    return refusal.value.code


async def test_who_signed_in_is_known_by_the_access_token_for_ten_minutes(house: AccountHouse) -> None:
    signed_in = await house.enter()
    assert (await house.caller(signed_in.access_token)).name == "ann"
    await house.clock.advance(ACCESS_LIFE)
    assert await refused(house, signed_in.access_token) == "access_token_expired"


async def test_a_refresh_token_gives_new_tokens_once(house: AccountHouse) -> None:
    first = await house.enter()
    second = await house.sessions.refresh(first.refresh_token or "")
    assert second.refresh_token not in (None, first.refresh_token)
    third = await house.sessions.refresh(second.refresh_token or "")
    assert (await house.caller(third.access_token)).role is Role.ADMIN


async def test_a_refresh_token_that_is_used_again_later_ends_the_whole_session(house: AccountHouse) -> None:
    first = await house.enter()
    second = await house.sessions.refresh(first.refresh_token or "")
    assert (await house.caller(second.access_token)).name == "ann"
    await house.clock.advance(GRACE)
    with pytest.raises(Unauthenticated) as refusal:
        await house.sessions.refresh(first.refresh_token or "")
    assert refusal.value.code == "refresh_token_reused"
    assert await refused(house, second.access_token) == "session_ended"
    with pytest.raises(Unauthenticated, match="signed out"):
        await house.sessions.refresh(second.refresh_token or "")


async def test_two_tabs_that_refresh_at_once_both_go_on(house: AccountHouse) -> None:
    first = await house.enter()
    winner = await house.sessions.refresh(first.refresh_token or "")
    loser = await house.sessions.refresh(first.refresh_token or "")
    assert loser.refresh_token is None
    assert (await house.caller(loser.access_token)).name == "ann"
    await house.sessions.refresh(winner.refresh_token or "")


async def test_a_session_ends_when_it_rests_and_after_ninety_days_in_any_case(house: AccountHouse) -> None:
    resting, busy = await house.enter(), await house.enter()
    for _ in range(WHOLE_LIFE // IDLE_LIFE * 2):
        await house.clock.advance(IDLE_LIFE / 2)
        busy = await house.sessions.refresh(busy.refresh_token or "")
    with pytest.raises(Unauthenticated):
        await house.sessions.refresh(resting.refresh_token or "")
    await house.clock.advance(IDLE_LIFE / 2)
    with pytest.raises(Unauthenticated):
        await house.sessions.refresh(busy.refresh_token or "")


async def test_signing_out_ends_this_session_and_signing_out_everywhere_all(house: AccountHouse) -> None:
    one, two, three = await house.enter(), await house.enter(), await house.enter()
    assert await house.sessions.end(one.refresh_token or "")
    assert await refused(house, one.access_token) == "session_ended"
    assert (await house.caller(two.access_token)).name == "ann"
    assert await house.sessions.end_all(two.user.id) == 2
    for gone in (two, three):
        assert await refused(house, gone.access_token) == "session_ended"


async def test_nobody_is_signed_out_by_a_refresh_token_that_was_made_up(house: AccountHouse) -> None:
    signed_in = await house.enter()
    session_id = (signed_in.refresh_token or "").partition(".")[0]
    assert not await house.sessions.end(f"{session_id}.made-up")
    assert (await house.caller(signed_in.access_token)).name == "ann"


async def test_disabled_and_removed_users_are_out_at_once(house: AccountHouse) -> None:
    await house.admit("bob", Role.OPERATOR)
    signed_in = await house.enter("bob")
    assert (await house.caller(signed_in.access_token)).name == "bob"
    await house.users.change("bob", is_enabled=False)
    assert await refused(house, signed_in.access_token) == "session_ended"
    with pytest.raises(Forbidden, match="bob is disabled"):
        await house.enter("bob")
    await house.users.change("bob", is_enabled=True)
    again = await house.enter("bob")
    await house.users.remove("bob")
    assert await refused(house, again.access_token) == "session_ended"


async def test_a_change_of_role_counts_for_tokens_that_are_out_already(house: AccountHouse) -> None:
    await house.admit("bob", Role.VIEWER)
    signed_in = await house.enter("bob")
    assert (await house.caller(signed_in.access_token)).role is Role.VIEWER
    await house.users.change("bob", role=Role.EDITOR)
    assert (await house.caller(signed_in.access_token)).role is Role.EDITOR


async def test_what_another_process_changes_counts_within_seconds(
    house: AccountHouse, database_url: str
) -> None:
    signed_in = await house.enter()
    await house.caller(signed_in.access_token)
    async with house_on(database_url) as other:
        await other.users.change("ann", password="another long one")  # noqa: S106 - opens nothing
    await house.clock.advance(timedelta(seconds=5))
    assert await refused(house, signed_in.access_token) == "session_ended"


async def test_nobody_refreshes_without_pause_nor_for_somebody_else(house: AccountHouse) -> None:
    mine, other = await house.enter(), await house.enter()
    for _ in range(REFRESHES_PER_MINUTE):
        mine = await house.sessions.refresh(mine.refresh_token or "")
    with pytest.raises(TooMany, match="Refreshed too often; try again in 60 seconds"):
        await house.sessions.refresh(mine.refresh_token or "")
    await house.sessions.refresh(other.refresh_token or "")
    await house.clock.advance(timedelta(minutes=1))
    await house.sessions.refresh(mine.refresh_token or "")


async def test_who_makes_refresh_tokens_up_is_slowed_down_where_they_are(house: AccountHouse) -> None:
    signed_in = await house.enter()

    async def made_up(number: int, address: str) -> None:
        before = acting.set(Actor(SYSTEM.kind, SYSTEM.name, address=address))
        try:
            await house.sessions.refresh(f"{number}.made-up")
        finally:
            acting.reset(before)

    for number in range(REFRESHES_PER_MINUTE):
        with pytest.raises(Unauthenticated):
            await made_up(number, ELSEWHERE)
    with pytest.raises(TooMany):
        await made_up(0, ELSEWHERE)
    with pytest.raises(Unauthenticated):
        await made_up(0, HOME)
    await house.sessions.refresh(signed_in.refresh_token or "")
