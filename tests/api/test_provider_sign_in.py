"""Signing in elsewhere, over HTTP: bound to the browser, ending here, and admitted by an admin."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import httpx2
import pytest
from sqlmodel import col, select

from fastflow.domain.errors import Unavailable
from fastflow.domain.identity import Door
from fastflow.domain.role import Role
from fastflow.store.tables import AuditRow
from tests.api.provider_visits import admit, begin, come_back, only_identity, sign_in, state_of, who
from tests.fakes.provider import ALICE
from tests.plugins.world import Instance, World

PASSWORD = "correct horse battery"  # noqa: S105 - opens nothing
BOB = replace(ALICE, subject="2", login="Bob B.", name="Bob", email="bob@example.org")


@pytest.fixture
async def admin(server: Instance) -> dict[str, str]:
    """The first account; return what its requests carry."""
    users, sign_in = server.parts.services.accounts.users, server.parts.services.accounts.sign_in
    await users.create("root", Role.ADMIN, PASSWORD)
    return {"Authorization": f"Bearer {(await sign_in.by_password('root', PASSWORD)).access_token}"}


async def test_the_buttons_are_listed_for_everybody(
    client: httpx2.AsyncClient, admin: dict[str, str]
) -> None:
    (button,) = (await client.get("/api/auth/providers")).json()["providers"]
    assert button == {
        "name": "oidc",
        "label": "Acme",
        "start_path": "/api/auth/oidc/start",
        "console_address": "http://127.0.0.1:8000/api/auth/oidc/console",
    }


async def test_a_stranger_waits_until_an_admin_has_admitted_them(
    client: httpx2.AsyncClient, admin: dict[str, str]
) -> None:
    answer = await sign_in(client)
    assert (answer.status_code, "admission_pending" in answer.text) == (403, True)
    assert "fastflow_refresh" not in client.cookies
    identity = await only_identity(client, admin)
    assert (identity["status"], identity["login"], identity["email"]) == ("pending", "alice", ALICE.email)
    admitted = await admit(client, admin, role="viewer")
    assert (admitted.json()["status"], admitted.json()["user"]) == ("admitted", "alice")
    answer = await sign_in(client)
    assert (answer.status_code, answer.headers["location"]) == (303, "/runs")
    assert await who(client) == ("alice", "viewer")


async def test_the_session_is_that_of_any_sign_in(client: httpx2.AsyncClient, admin: dict[str, str]) -> None:
    await sign_in(client)
    await admit(client, admin, role="operator")
    cookies = "; ".join((await sign_in(client)).headers.get_list("set-cookie"))
    assert "fastflow_refresh=" in cookies
    assert "SameSite=strict" in cookies
    assert 'fastflow_sign_in=""' in cookies, "what belonged to the sign-in is taken back"


async def test_the_way_there_is_bound_to_the_browser(
    client: httpx2.AsyncClient, admin: dict[str, str]
) -> None:
    answer = await client.get("/api/auth/oidc/start")
    cookie = answer.headers["set-cookie"]
    assert all(word in cookie for word in ("HttpOnly", "SameSite=lax", "Max-Age=600", "Path=/"))
    assert state_of(answer.headers["location"]) not in cookie
    assert answer.headers["cache-control"] == "no-store"


async def test_nobody_can_be_signed_in_as_somebody_else(
    world: World, client: httpx2.AsyncClient, admin: dict[str, str]
) -> None:
    """A link with another's code and state does nothing in a browser that did not begin with it."""
    state = await begin(client)
    client.cookies.clear()
    answer = await come_back(client, state)
    assert (answer.status_code, "sign_in_expired" in answer.text) == (403, True)
    await begin(client)
    assert "sign_in_expired" in (await come_back(client, state)).text, "of another sign-in"
    assert world.provider.challenges == [], "the provider is not even asked"


async def test_a_sign_in_ends_once(world: World, client: httpx2.AsyncClient, admin: dict[str, str]) -> None:
    state = await begin(client)
    kept = dict(client.cookies)
    await come_back(client, state)
    client.cookies.update(kept)
    assert "sign_in_expired" in (await come_back(client, state)).text
    assert len(world.provider.challenges) == 1


async def test_a_sign_in_is_left_for_ten_minutes_at_most(
    world: World, client: httpx2.AsyncClient, admin: dict[str, str]
) -> None:
    state = await begin(client)
    await world.clock.advance(timedelta(minutes=10))
    assert "sign_in_expired" in (await come_back(client, state)).text


async def test_a_sign_in_does_not_outlive_a_restart(
    client: httpx2.AsyncClient, admin: dict[str, str], start: Callable[..., Awaitable[Instance]]
) -> None:
    state = await begin(client)
    transport = httpx2.ASGITransport(app=(await start()).app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as after:
        after.cookies.update(dict(client.cookies))
        assert "sign_in_expired" in (await come_back(after, state)).text


@pytest.mark.parametrize("path", ["//evil.example", "https://evil.example", "/\\evil.example"])
async def test_a_sign_in_ends_on_this_server(
    client: httpx2.AsyncClient, admin: dict[str, str], path: str
) -> None:
    await sign_in(client)
    await admit(client, admin, role="viewer")
    assert (await sign_in(client, path)).headers["location"] == "/"


async def test_a_page_of_an_error_repeats_nothing_of_the_request(
    world: World, client: httpx2.AsyncClient, admin: dict[str, str]
) -> None:
    attack = "<script>alert(1)"
    callback = f"/api/auth/oidc/callback?state={attack}&error={attack}&code={attack}&iss={attack}"
    for path in (callback, f"/api/auth/{attack}/start", f"/api/auth/{attack}/callback"):
        answer = await client.get(path)
        assert answer.status_code in (403, 404)
        assert answer.headers["content-type"].startswith("text/html")
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "alert" not in answer.text
    world.provider.error = Unavailable("provider_unusable", "http://10.0.0.7/token answered HTTP 500")
    answer = await client.get("/api/auth/oidc/start")
    assert (answer.status_code, "10.0.0.7" in answer.text) == (503, False)


async def test_the_same_email_address_or_name_does_not_make_somebody_a_user_there_is(
    world: World, client: httpx2.AsyncClient, server: Instance, admin: dict[str, str]
) -> None:
    await server.parts.services.accounts.users.create("alice", Role.EDITOR, PASSWORD)
    await sign_in(client)
    admitted = await admit(client, admin, role="viewer")
    assert admitted.json()["user"] == "alice-2"
    await sign_in(client)
    assert await who(client) == ("alice-2", "viewer")
    world.provider.somebody = replace(ALICE, subject="another")
    assert "admission_pending" in (await sign_in(client)).text, "the login passed to somebody else"
    world.provider.somebody = replace(ALICE, issuer="https://other.example")
    assert "admission_pending" in (await sign_in(client)).text, "the same subject of another issuer"


async def test_an_admin_can_let_somebody_be_a_user_that_there_is(
    client: httpx2.AsyncClient, server: Instance, admin: dict[str, str]
) -> None:
    await server.parts.services.accounts.users.create("adams", Role.EDITOR, PASSWORD)
    await sign_in(client)
    assert (await admit(client, admin, user="adams")).json()["user"] == "adams"
    await sign_in(client)
    assert await who(client) == ("adams", "editor")
    assert (await admit(client, admin, role="viewer")).json()["code"] == "identity_taken"


async def test_a_signed_in_user_links_what_they_are_elsewhere(
    client: httpx2.AsyncClient, admin: dict[str, str]
) -> None:
    begun = await client.post("/api/auth/oidc/link?next=/me", headers=admin)
    answer = await come_back(client, state_of(begun.json()["address"]))
    assert (answer.status_code, answer.headers["location"]) == (303, "/me")
    assert (await only_identity(client, admin))["user"] == "root"
    await sign_in(client)
    assert await who(client) == ("root", "admin")


async def test_linking_takes_a_person_and_not_a_token(
    client: httpx2.AsyncClient, admin: dict[str, str]
) -> None:
    made = await client.post("/api/tokens", json={"name": "ci"}, headers=admin)
    token = {"Authorization": f"Bearer {made.json()['token']}"}
    assert (await client.post("/api/auth/oidc/link", headers=token)).json()["code"] == "not_for_tokens"
    assert (await client.post("/api/auth/oidc/link")).status_code == 401


async def test_what_is_somebody_elses_already_is_not_linked(
    client: httpx2.AsyncClient, server: Instance, admin: dict[str, str]
) -> None:
    await sign_in(client)
    await admit(client, admin, role="viewer")
    begun = await client.post("/api/auth/oidc/link", headers=admin)
    answer = await come_back(client, state_of(begun.json()["address"]))
    assert (answer.status_code, "identity_taken" in answer.text) == (409, True)


async def test_who_was_removed_does_not_come_back_by_themselves(
    world: World, client: httpx2.AsyncClient, admin: dict[str, str]
) -> None:
    await sign_in(client)
    await admit(client, admin, role="viewer")
    await sign_in(client)
    assert (await client.delete("/api/users/alice", headers=admin)).status_code == 200
    assert (await client.post("/api/auth/refresh")).status_code == 401
    assert "access_refused" in (await sign_in(client)).text
    identity = await only_identity(client, admin)
    assert (identity["status"], identity["user"]) == ("refused", None)
    await client.delete(f"/api/identities/{identity['id']}", headers=admin)
    assert "admission_pending" in (await sign_in(client)).text, "forgotten: they may ask again"


async def test_who_is_refused_is_signed_out_at_once(
    client: httpx2.AsyncClient, admin: dict[str, str]
) -> None:
    await sign_in(client)
    await admit(client, admin, role="viewer")
    await sign_in(client)
    identity = await only_identity(client, admin)
    await client.post(f"/api/identities/{identity['id']}/refuse", headers=admin)
    assert (await client.post("/api/auth/refresh")).status_code == 401
    assert "access_refused" in (await sign_in(client)).text


@pytest.mark.parametrize(("method", "path"), [("DELETE", ""), ("POST", "/refuse")])
async def test_the_last_admin_keeps_a_way_in(
    client: httpx2.AsyncClient, admin: dict[str, str], method: str, path: str
) -> None:
    await sign_in(client)
    await admit(client, admin, role="admin")
    await sign_in(client)
    token = (await client.post("/api/auth/refresh")).json()["access_token"]
    alice = {"Authorization": f"Bearer {token}"}
    place = f"/api/identities/{(await only_identity(client, alice))['id']}{path}"
    assert (await client.delete("/api/users/root", headers=alice)).status_code == 200
    refused = await client.request(method, place, headers=alice)
    assert (refused.status_code, refused.json()["code"]) == (409, "last_admin")
    assert "fastflow users password alice" in refused.json()["detail"]
    assert (await only_identity(client, alice))["status"] == "admitted"
    assert (await client.get("/api/auth/me", headers=alice)).status_code == 200, "nobody was signed out"
    changed = await client.patch("/api/users/alice", json={"password": PASSWORD}, headers=alice)
    assert changed.status_code == 200
    body = {"name": "alice", "password": PASSWORD}
    again = (await client.post("/api/auth/login", json=body)).json()["access_token"]
    answer = await client.request(method, place, headers={"Authorization": f"Bearer {again}"})
    assert answer.status_code == 200


async def test_an_admin_without_a_way_in_does_not_count(
    client: httpx2.AsyncClient, admin: dict[str, str]
) -> None:
    await sign_in(client)
    await admit(client, admin, role="admin")
    identity = await only_identity(client, admin)
    assert (await client.delete(f"/api/identities/{identity['id']}", headers=admin)).status_code == 200
    refused = await client.delete("/api/users/root", headers=admin)
    assert (refused.status_code, refused.json()["code"]) == (409, "last_admin")


async def test_a_disabled_user_does_not_get_in_by_another_way(
    client: httpx2.AsyncClient, admin: dict[str, str]
) -> None:
    await sign_in(client)
    await admit(client, admin, role="viewer")
    await client.patch("/api/users/alice", json={"is_enabled": False}, headers=admin)
    assert "account_disabled" in (await sign_in(client)).text


@pytest.mark.parametrize(
    "body", [{}, {"role": "viewer", "user": "root"}, {"user": "root", "name": "x"}, {"role": "king"}]
)
async def test_admitting_says_what_it_needs(
    client: httpx2.AsyncClient, admin: dict[str, str], body: dict[str, str]
) -> None:
    await sign_in(client)
    assert (await admit(client, admin, **body)).json()["code"] == "request_invalid"


async def test_the_audit_log_says_who_came_and_who_let_them_in(
    client: httpx2.AsyncClient, server: Instance, admin: dict[str, str]
) -> None:
    await sign_in(client)
    await admit(client, admin, role="viewer")
    await sign_in(client)
    rows = await server.database.read(
        lambda session: session.exec(select(AuditRow).order_by(col(AuditRow.sequence).desc()).limit(4)).all()
    )
    told = [(row.action, row.actor_name, row.target) for row in rows]
    assert told == [
        ("user.signed_in", "alice", "alice"),
        ("identity.linked", "root", "oidc/alice"),
        ("user.created", "root", "alice"),
        ("identity.seen", "fastflow", "oidc/alice"),
    ]


class TestWithADefaultRole:
    @pytest.fixture(autouse=True)
    def door(self, world: World) -> None:
        world.door = Door(domains=frozenset({"example.org"}), default_role=Role.OPERATOR)

    async def test_people_of_the_domain_come_in_at_once(
        self, world: World, client: httpx2.AsyncClient, admin: dict[str, str]
    ) -> None:
        world.provider.somebody = BOB
        assert (await sign_in(client)).status_code == 303
        assert await who(client) == ("bob-b", "operator")

    async def test_people_of_another_domain_do_not_and_leave_no_trace(
        self, world: World, client: httpx2.AsyncClient, admin: dict[str, str]
    ) -> None:
        world.provider.somebody = replace(BOB, email="bob@evil.example")
        assert "not_allowed_here" in (await sign_in(client)).text
        assert (await client.get("/api/identities", headers=admin)).json() == {"identities": []}

    async def test_who_leaves_the_domain_does_not_come_in_again(
        self, world: World, client: httpx2.AsyncClient, admin: dict[str, str]
    ) -> None:
        await sign_in(client)
        world.provider.somebody = replace(ALICE, email=None)
        assert "email_not_verified" in (await sign_in(client)).text

    async def test_who_was_removed_is_not_made_anew(
        self, client: httpx2.AsyncClient, admin: dict[str, str]
    ) -> None:
        await sign_in(client)
        await client.delete("/api/users/alice", headers=admin)
        assert "access_refused" in (await sign_in(client)).text

    async def test_without_accounts_nobody_is_let_in(self, client: httpx2.AsyncClient) -> None:
        """The first user is an admin, and somebody makes them on purpose."""
        assert "admission_pending" in (await sign_in(client)).text
