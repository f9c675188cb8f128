"""Repositories and GitHub Apps over HTTP: credentials go in and never come out."""

import httpx2
import pytest

from fastflow.domain.errors import Forbidden, Unavailable
from fastflow.domain.repository import Installation
from fastflow.store import events
from tests.plugins.world import Instance, World
from tests.services.repository_house import KNOWN_HOST, PEM, SSH_URL, TOKEN, URL

PUSH_SECRET = "push-secret-0123456789"  # noqa: S105 - signs nothing
BASE = "/api/repositories"


async def added(client: httpx2.AsyncClient, **changes: object) -> httpx2.Response:
    body = {"name": "acme", "url": URL, "token": TOKEN, "push_secret": PUSH_SECRET, **changes}
    return await client.post(BASE, json={name: value for name, value in body.items() if value is not None})


async def test_a_repository_is_added_listed_changed_and_deleted(client: httpx2.AsyncClient) -> None:
    answer = await added(client)
    assert answer.status_code == 201
    created = answer.json()
    assert (created["authentication"], created["has_secret"], created["has_push_secret"]) == (
        "token",
        True,
        True,
    )
    assert (created["origin"], created["commit"], created["host_keys"]) == ("api", None, [])
    listed = (await client.get(BASE)).json()["repositories"]
    assert listed == [created] == [(await client.get(f"{BASE}/acme")).json()]
    changed = (await client.patch(f"{BASE}/acme", json={"branch": "next", "push_secret": None})).json()
    assert (changed["branch"], changed["has_secret"], changed["has_push_secret"]) == ("next", True, False)
    assert (await client.delete(f"{BASE}/acme")).json()["name"] == "acme"
    assert (await client.get(f"{BASE}/acme")).json()["code"] == "repository_not_found"


async def test_no_answer_and_no_event_ever_holds_a_credential(
    client: httpx2.AsyncClient, server: Instance, world: World
) -> None:
    world.mirrors.fail(URL, Unavailable("git_host_unreachable", "away"))
    answers = [
        await added(client),
        await added(client),
        await added(client, name="UPPER"),
        await added(client, name="other", authentication="none"),
        await added(client, name="other", nosuch=1),
        await added(client, name="ssh", url=SSH_URL, token=None, known_hosts=KNOWN_HOST),
        await client.patch(f"{BASE}/acme", json={"token": f"{TOKEN}-2", "branch": ".."}),
        await client.patch(f"{BASE}/acme", json={"token": f"{TOKEN}-2"}),
        await client.post(f"{BASE}/acme/check"),
        await client.post(f"{BASE}/ssh/deploy-key"),
        await client.get(f"{BASE}/ssh/host-keys"),
        await client.post("/api/github-apps", json={"name": "a", "app_id": "1", "private_key": PEM}),
        await client.post("/api/github-apps", json={"name": "a", "app_id": "1", "private_key": PEM}),
        await client.post("/api/github-apps", json={"name": "A", "app_id": "1", "private_key": PEM}),
        await client.post("/api/github-apps", json={"name": "b", "private_key": PEM}),
        await client.get("/api/github-apps"),
        await client.get(BASE),
        await client.post("/api/sync", json={"repository": "acme"}),
        await client.get("/api/sync/status"),
        await client.delete("/api/github-apps/a"),
        await client.delete(f"{BASE}/acme"),
    ]
    assert {answer.status_code // 100 for answer in answers} == {2, 4, 5}
    said = "".join(answer.text for answer in answers)
    said += str(await server.database.read(lambda session: events.after(session, 0, 1000)))
    assert "repository.changed" in said
    for secret in (TOKEN, PUSH_SECRET, "PRIVATE-", "BEGIN RSA", "gAAAA"):
        assert secret not in said


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"name": "acme"}, 422, "url"),
        ({"name": "acme", "url": URL, "typo": 1}, 422, "typo"),
        ({"name": "acme", "url": f"https://u:{TOKEN}@h.example/p"}, 422, "url"),
        ({"name": "acme", "url": URL, "sync_interval_seconds": 1}, 422, "sync_interval_seconds"),
        ({"name": "acme", "url": URL, "installation_id": 2**70}, 422, "installation_id"),
    ],
)
async def test_a_refused_repository_names_the_field(
    client: httpx2.AsyncClient, body: dict[str, object], status: int, field: str
) -> None:
    answer = await client.post(BASE, json=body)
    assert (answer.status_code, list(answer.json()["fields"])) == (status, [field])
    assert TOKEN not in answer.text


async def test_a_deploy_key_is_shown_renewed_and_the_host_pinned(client: httpx2.AsyncClient) -> None:
    created = (await added(client, url=SSH_URL, token=None)).json()
    assert created["public_key"].startswith("ssh-ed25519 PUBLIC-1")
    renewed = (await client.post(f"{BASE}/acme/deploy-key")).json()
    assert renewed["public_key"].startswith("ssh-ed25519 PUBLIC-2")
    (shown,) = (await client.get(f"{BASE}/acme/host-keys")).json()["host_keys"]
    refused = await client.post(f"{BASE}/acme/host-keys", json={"fingerprints": ["SHA256:other"]})
    assert (refused.status_code, refused.json()["code"]) == (409, "host_key_not_shown")
    assert (await client.post(f"{BASE}/acme/host-keys", json={"fingerprints": []})).status_code == 422
    pinned = await client.post(f"{BASE}/acme/host-keys", json={"fingerprints": [shown["fingerprint"]]})
    assert pinned.json()["host_keys"] == [shown]


async def test_a_check_shows_the_branches_or_what_is_wrong(client: httpx2.AsyncClient, world: World) -> None:
    await added(client)
    assert (await client.post(f"{BASE}/acme/check")).json() == {"branches": ["main"]}
    world.mirrors.fail(URL, Forbidden("authentication_failed", "The token was refused."))
    answer = await client.post(f"{BASE}/acme/check")
    assert (answer.status_code, answer.json()["code"]) == (403, "authentication_failed")


async def test_a_deleted_repository_takes_its_pipelines_along_and_a_new_one_brings_them(
    client: httpx2.AsyncClient, server: Instance, world: World
) -> None:
    world.mirrors.push(URL, {"report": {}})
    await added(client)
    synced = await client.post("/api/sync", json={"repository": "acme"})
    assert synced.status_code in (200, 202)
    await server.parts.git.repository_sync.tick()
    assert (await client.get("/api/pipelines/report")).json()["repository"] == "acme"
    ((_, credential), *_) = world.mirrors.fetched
    assert TOKEN not in repr(credential)
    await client.delete(f"{BASE}/acme")
    await server.parts.git.repository_sync.tick()
    await server.pipelines.refresh()
    assert (await client.get("/api/pipelines/report")).status_code == 404


async def test_an_app_shows_where_it_is_installed(client: httpx2.AsyncClient, world: World) -> None:
    body = {"name": "mine", "app_id": "1234", "private_key": PEM}
    assert (await client.post("/api/github-apps", json=body)).status_code == 201
    (listed,) = (await client.get("/api/github-apps")).json()["github_apps"]
    assert (listed["name"], listed["app_id"], listed["api_url"]) == (
        "mine",
        "1234",
        "https://api.github.com",
    )
    world.tokens.found = [Installation(7, "acme", is_suspended=False, repositories=("acme/p",))]
    found = (await client.get("/api/github-apps/mine/installations")).json()["installations"]
    assert found == [{"id": 7, "account": "acme", "is_suspended": False, "repositories": ["acme/p"]}]
    await client.post(BASE, json={"name": "p", "url": "https://github.com/acme/p", "github_app": "mine"})
    assert (await client.delete("/api/github-apps/mine")).json()["code"] == "github_app_in_use"
    await client.delete(f"{BASE}/p")
    assert (await client.delete("/api/github-apps/mine")).status_code == 200
    assert (await client.get("/api/github-apps/mine/installations")).status_code == 404
