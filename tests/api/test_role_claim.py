"""Roles by a claim of the provider: given at the first sign-in, changed at later ones, and by nobody else."""

from dataclasses import replace

import httpx2
import pytest
from sqlmodel import select

from fastflow.domain.identity import Door
from fastflow.domain.role import Role
from fastflow.store.tables import AuditRow
from tests.api.provider_visits import admit, sign_in, who
from tests.fakes.provider import ALICE
from tests.plugins.world import Instance, World

PASSWORD = "correct horse battery"  # noqa: S105 - opens nothing


@pytest.fixture(autouse=True)
def door(world: World) -> None:
    world.door = Door(roles={"ops": Role.OPERATOR, "admins": Role.ADMIN})


@pytest.fixture
async def admin(door: None, server: Instance) -> dict[str, str]:
    """The first account; return what its requests carry."""
    accounts = server.parts.services.accounts
    await accounts.users.create("root", Role.ADMIN, PASSWORD)
    signed_in = await accounts.sign_in.by_password("root", PASSWORD)
    return {"Authorization": f"Bearer {signed_in.access_token}"}


def says(world: World, *words: str) -> None:
    world.provider.somebody = replace(ALICE, role_words=frozenset(words))


async def test_who_has_a_role_there_comes_in_with_it_and_others_wait(
    world: World, client: httpx2.AsyncClient, admin: dict[str, str]
) -> None:
    assert "admission_pending" in (await sign_in(client)).text
    says(world, "ops", "staff")
    assert (await sign_in(client)).status_code == 303
    assert await who(client) == ("alice", "operator")


async def test_another_word_raises_and_lowers_at_the_next_sign_in(
    world: World, client: httpx2.AsyncClient, server: Instance, admin: dict[str, str]
) -> None:
    says(world, "ops")
    await sign_in(client)
    for word, role in (("admins", "admin"), ("ops", "operator")):
        says(world, word)
        await sign_in(client)
        assert await who(client) == ("alice", role)
    rows = await server.database.read(
        lambda session: session.exec(select(AuditRow).where(AuditRow.action == "user.changed")).all()
    )
    assert [row.after for row in rows] == [
        {"role": "admin", "way": "oidc"},
        {"role": "operator", "way": "oidc"},
    ]


async def test_what_an_admin_made_of_it_stays_until_the_provider_says_another_word(
    world: World, client: httpx2.AsyncClient, admin: dict[str, str]
) -> None:
    says(world, "admins")
    await sign_in(client)
    await client.patch("/api/users/alice", json={"role": "viewer"}, headers=admin)
    await sign_in(client)
    assert await who(client) == ("alice", "viewer")
    says(world, "ops")
    await sign_in(client)
    assert await who(client) == ("alice", "operator")


async def test_who_has_no_role_there_any_more_does_not_come_in(
    world: World, client: httpx2.AsyncClient, admin: dict[str, str]
) -> None:
    says(world, "ops")
    await sign_in(client)
    says(world, "staff")
    assert "role_withdrawn" in (await sign_in(client)).text


async def test_whom_an_admin_admitted_the_claim_does_not_touch(
    world: World, client: httpx2.AsyncClient, admin: dict[str, str]
) -> None:
    await sign_in(client)
    await admit(client, admin, role="viewer")
    for words in (["admins"], []):
        says(world, *words)
        await sign_in(client)
        assert await who(client) == ("alice", "viewer")


async def test_the_last_admin_stays_one(
    world: World, client: httpx2.AsyncClient, admin: dict[str, str]
) -> None:
    says(world, "admins")
    await sign_in(client)
    assert (await client.delete("/api/users/root", headers=admin)).status_code == 200
    says(world, "ops")
    await sign_in(client)
    assert await who(client) == ("alice", "admin")


async def test_who_is_refused_does_not_come_back_by_a_claim(
    world: World, client: httpx2.AsyncClient, admin: dict[str, str]
) -> None:
    says(world, "admins")
    await sign_in(client)
    await client.delete("/api/users/alice", headers=admin)
    assert "access_refused" in (await sign_in(client)).text
