"""Accounts over HTTP: who is let in, how long, and to what."""

import json

import httpx2
import pytest

from fastflow.api.app import create_app
from fastflow.domain.role import Role
from fastflow.services.api_tokens import TokenWish
from tests.plugins.world import Instance, World

PASSWORD = "correct horse battery"  # noqa: S105 - opens nothing


@pytest.fixture
async def closed(server: Instance, client: httpx2.AsyncClient) -> httpx2.AsyncClient:
    """A client of a server with the accounts of ann, an admin, and vic, a viewer."""
    users = server.parts.services.accounts.users
    await users.create("ann", Role.ADMIN, PASSWORD)
    await users.create("vic", Role.VIEWER, PASSWORD)
    return client


async def signed_in(client: httpx2.AsyncClient, name: str) -> dict[str, str]:
    """Sign in; return the header that says so."""
    answer = await client.post("/api/auth/login", json={"name": name, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


async def test_the_first_account_closes_the_server(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/api/setup")).json() == {"is_needed": True, "is_open": True}
    body = {"name": "ann", "password": PASSWORD}
    assert (await client.post("/api/setup", json=body)).status_code == 201
    refused = await client.get("/api/runs")
    assert (refused.status_code, refused.json()["code"]) == (401, "credential_missing")
    assert refused.headers["www-authenticate"] == "Bearer"
    assert (await client.post("/api/setup", json=body)).status_code == 409
    me = await client.get("/api/auth/me", headers=await signed_in(client, "ann"))
    assert (me.json()["name"], me.json()["role"]) == ("ann", "admin")


async def test_a_viewer_sees_and_does_not_start(closed: httpx2.AsyncClient) -> None:
    viewer = await signed_in(closed, "vic")
    assert (await closed.get("/api/runs", headers=viewer)).status_code == 200
    refused = await closed.post("/api/pipelines/hello/run", headers=viewer, content=b"{no json")
    assert (refused.status_code, refused.json()["code"]) == (403, "role_too_low")


async def test_a_page_learns_what_its_reader_may_do(closed: httpx2.AsyncClient) -> None:
    viewer = (await closed.get("/api/auth/me", headers=await signed_in(closed, "vic"))).json()["may"]
    admin = (await closed.get("/api/auth/me", headers=await signed_in(closed, "ann"))).json()["may"]
    assert {"list_runs", "change_password"} <= set(viewer) < set(admin)
    assert "start_run" not in viewer
    assert {"start_run", "list_users"} <= set(admin)


async def test_without_accounts_this_machine_may_do_all_but_what_is_about_oneself(
    client: httpx2.AsyncClient,
) -> None:
    may = (await client.get("/api/auth/me")).json()["may"]
    assert "list_users" in may
    assert "change_password" not in may


async def test_the_refresh_token_is_a_cookie_for_two_routes_of_this_site(closed: httpx2.AsyncClient) -> None:
    answer = await closed.post("/api/auth/login", json={"name": "ann", "password": PASSWORD})
    cookie = answer.headers["set-cookie"].lower()
    assert all(part in cookie for part in ("httponly", "samesite=strict", "path=/api/auth"))
    assert (await closed.post("/api/auth/refresh")).status_code == 200
    foreign = await closed.post("/api/auth/refresh", headers={"Origin": "https://evil.example"})
    assert (foreign.status_code, foreign.json()["code"]) == (403, "foreign_request")
    assert (await closed.get("/api/runs")).status_code == 401, "a cookie alone opens nothing"
    assert (await closed.post("/api/auth/logout")).json() == {"count": 1}
    assert (await closed.post("/api/auth/refresh")).status_code == 401


async def test_a_token_for_one_pipeline_sees_and_does_nothing_else(
    closed: httpx2.AsyncClient, server: Instance, world: World
) -> None:
    world.source.put("other")
    await server.pipelines.refresh()
    admin = await signed_in(closed, "ann")
    other = (await closed.post("/api/pipelines/other/run", headers=admin)).json()["id"]
    wish = TokenWish("ci", Role.OPERATOR, ("hello",))
    new = await server.parts.services.accounts.api_tokens.create("ann", wish)
    ci = {"Authorization": f"Bearer {new.token}"}
    assert (await closed.post("/api/pipelines/hello/run", headers=ci)).status_code == 201
    runs = (await closed.get("/api/runs", headers=ci)).json()["runs"]
    pipelines = (await closed.get("/api/pipelines", headers=ci)).json()["pipelines"]
    assert [each["pipeline_name"] for each in runs] == ["hello"]
    assert [each["name"] for each in pipelines] == ["hello"]
    for method, path, status in (
        ("GET", "/api/pipelines/other", 403),
        ("POST", "/api/pipelines/other/run", 403),
        ("GET", f"/api/runs/{other}", 404),
        ("POST", f"/api/runs/{other}/cancel", 404),
        ("GET", "/api/repositories", 403),
        ("POST", "/api/tokens", 403),
        ("POST", "/api/pipelines/hello/webhook-keys", 403),
    ):
        answer = await closed.request(method, path, headers=ci, json={"name": "x"})
        assert answer.status_code == status, path


async def test_a_token_for_one_pipeline_learns_nothing_of_those_around_it(
    closed: httpx2.AsyncClient, server: Instance, world: World
) -> None:
    for name, starts in {"hello": ["next", "gone"], "next": ["far"], "far": ["hello"]}.items():
        triggers = [{"pipeline": pipeline} for pipeline in starts]
        world.source.put(name, manifest=json.dumps({"downstream_triggers": triggers}))
    await server.pipelines.refresh()
    make = server.parts.services.accounts.api_tokens
    for pipelines, upstream, downstream, warnings in (
        (None, ["far"], ["gone", "next"], 2),
        (("hello",), [], [], 0),
        (("hello", "next", "gone"), [], ["gone", "next"], 0),
    ):
        token = (await make.create("ann", TokenWish("ci", pipelines=pipelines))).token
        headers = {"Authorization": f"Bearer {token}"}
        one = (await closed.get("/api/pipelines/hello", headers=headers)).json()
        listed = (await closed.get("/api/pipelines", headers=headers)).json()["pipelines"]
        entry = next(each for each in listed if each["name"] == "hello")
        shared = entry.keys() & one.keys()
        assert {field: entry[field] for field in shared} == {field: one[field] for field in shared}
        assert {"upstream", "downstream", "problems"} <= shared
        assert (one["upstream"], one["downstream"]) == (upstream, downstream)
        assert len(one["problems"]) == warnings


@pytest.mark.parametrize(
    ("base_url", "is_https", "is_secure"),
    [
        ("http://127.0.0.1:8000", False, False),
        ("https://127.0.0.1:8000", False, True),
        ("http://127.0.0.1:8000", True, True),
    ],
)
async def test_the_cookie_is_for_tls_only_where_browsers_come_by_tls(
    server: Instance, closed: httpx2.AsyncClient, base_url: str, is_https: bool, is_secure: bool
) -> None:
    del closed
    transport = httpx2.ASGITransport(app=create_app(server.parts.services, is_https=is_https))
    async with httpx2.AsyncClient(transport=transport, base_url=base_url, trust_env=False) as browser:
        for path, body in (("login", {"name": "ann", "password": PASSWORD}), ("logout", None)):
            answer = await browser.post(f"/api/auth/{path}", json=body)
            assert ("secure" in answer.headers["set-cookie"].lower()) == is_secure
