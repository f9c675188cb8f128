"""API tokens: shown once, kept as a digest, never more than their user, ended at once."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from fastflow.domain.actor import ActorKind
from fastflow.domain.api_token import LONGEST_LIFE, TokenKind, is_api_token
from fastflow.domain.errors import Forbidden, Invalid, NotFound, Unauthenticated
from fastflow.domain.role import Role
from fastflow.services.api_tokens import TokenWish
from tests.services.account_house import AccountHouse, house_on


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[AccountHouse]:
    async with house_on(database_url) as house:
        await house.admit()
        await house.admit("bob", Role.OPERATOR)
        yield house


async def test_a_token_is_shown_once_and_stored_as_a_digest(house: AccountHouse) -> None:
    made = await house.tokens.create("ann", TokenWish(" deploy "))
    assert is_api_token(made.token)
    assert made.token not in repr(made)
    (listed,) = await house.tokens.every("ann")
    assert made.token not in repr(listed)
    assert (listed.row.name, listed.row.hint) == ("deploy", made.token[-4:])
    assert len(listed.row.token_hash) == 64


async def test_a_token_acts_in_its_users_name_with_the_weaker_role(house: AccountHouse) -> None:
    made = await house.tokens.create("ann", TokenWish("ci", Role.EDITOR, ("hello",)))
    caller = await house.caller(made.token)
    assert (caller.kind, caller.name, caller.role) == (ActorKind.TOKEN, "ann/ci", Role.EDITOR)
    assert caller.pipelines == {"hello"}
    await house.users.change("bob", role=Role.ADMIN)
    await house.users.change("ann", role=Role.VIEWER)
    assert (await house.caller(made.token)).role is Role.VIEWER


async def test_nobody_gives_away_more_than_they_have(house: AccountHouse) -> None:
    with pytest.raises(Forbidden) as refusal:
        await house.tokens.create("bob", TokenWish("ci", Role.EDITOR))
    assert refusal.value.code == "role_too_high"
    assert (await house.tokens.create("bob", TokenWish("ci"))).entry.row.role is Role.OPERATOR


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        (TokenWish(" "), "name"),
        (TokenWish("a\nb"), "name"),
        (TokenWish("n" * 65), "name"),
        (TokenWish("ci", expires_in=timedelta()), "expires_in_seconds"),
        (TokenWish("ci", expires_in=LONGEST_LIFE + timedelta(seconds=1)), "expires_in_seconds"),
        (TokenWish("ci", pipelines=()), "pipelines"),
        (TokenWish("ci", Role.VIEWER, kind=TokenKind.CONSOLE), "kind"),
        (TokenWish("ci", pipelines=("hello",), kind=TokenKind.CONSOLE), "kind"),
        (TokenWish("ci", pipelines=("../x",)), "pipelines"),
    ],
)
async def test_a_wish_that_makes_no_sense_is_refused_by_its_field(
    house: AccountHouse, wish: TokenWish, field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        await house.tokens.create("ann", wish)
    assert list(refusal.value.fields) == [field]


async def test_a_token_tells_when_it_was_used_last(house: AccountHouse) -> None:
    made = await house.tokens.create("ann", TokenWish("ci"))
    assert (await house.tokens.every())[0].row.used_at is None
    for _ in range(2):
        await house.clock.advance(timedelta(seconds=90))
        await house.caller(made.token)
        minute = house.clock.now().replace(second=0)
        assert (await house.tokens.every())[0].row.used_at == minute


async def test_only_its_user_and_an_admin_revoke_a_token_and_it_ends_at_once(house: AccountHouse) -> None:
    one, two = [await house.tokens.create("ann", TokenWish(name)) for name in ("one", "two")]
    await house.caller(one.token)
    with pytest.raises(NotFound):
        await house.tokens.revoke(one.entry.row.id, "bob")
    await house.caller(one.token)
    for made, of_user in ((one, "ann"), (two, None)):
        await house.tokens.revoke(made.entry.row.id, of_user)
        with pytest.raises(Unauthenticated):
            await house.caller(made.token)


async def test_signing_out_ends_the_consoles_token_and_leaves_the_programs(house: AccountHouse) -> None:
    program = await house.tokens.create("ann", TokenWish("ci"))
    console = await house.tokens.create("ann", TokenWish("laptop", kind=TokenKind.CONSOLE))
    assert (await house.caller(console.token)).kind is ActorKind.USER
    await house.sessions.end_all((await house.users.get("ann")).id)
    with pytest.raises(Unauthenticated):
        await house.caller(console.token)
    await house.caller(program.token)
