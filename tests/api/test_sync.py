"""Syncs over HTTP: begun, awaited, planned, looked back at."""

import httpx2
import pytest

from fastflow.domain.errors import Unavailable
from fastflow.domain.repository import Authentication, RepositoryOrigin
from fastflow.store.tables import RepositoryRow
from tests.plugins.world import Instance, World

URL = "https://git.example/data.git"


@pytest.fixture
async def repository(world: World, server: Instance) -> RepositoryRow:
    now = world.clock.now()
    row = RepositoryRow(
        id="id-of-data",
        name="data",
        origin=RepositoryOrigin.API,
        url=URL,
        authentication=Authentication.NONE,
        created_at=now,
        changed_at=now,
    )
    await server.database.write(lambda session: session.add(row))
    world.mirrors.push(URL, {"a": {"main.py": "print(1)"}}, "Add a")
    return row


async def test_a_sync_is_begun_at_once_and_looked_at_later(
    repository: RepositoryRow, server: Instance, client: httpx2.AsyncClient
) -> None:
    begun = await client.post("/api/sync", json={"repository": repository.name})
    assert begun.status_code == 202
    (sync,) = begun.json()["syncs"]
    assert (sync["repository"], sync["trigger"], sync["status"]) == ("data", "api", "RUNNING")
    status = (await client.get("/api/sync/status")).json()["repositories"][0]
    assert status["phase"] == "waiting"
    await server.repository_sync.tick()
    ended = (await client.get(f"/api/sync/{sync['id']}")).json()
    assert ended["status"] == "SUCCESS"
    assert ended["changes"]["pipelines_added"] == ["a"]
    assert [p["repository"] for p in (await client.get("/api/pipelines")).json()["pipelines"]] == [
        "data",
        None,
    ]


async def test_a_sync_can_be_waited_for(
    repository: RepositoryRow, server: Instance, client: httpx2.AsyncClient
) -> None:
    server.run_beside(server.repository_sync.run())
    ended = await client.post("/api/sync", json={"wait": True})
    assert ended.status_code == 200
    assert [sync["status"] for sync in ended.json()["syncs"]] == ["SUCCESS"]


async def test_a_dry_run_answers_with_the_plan(repository: RepositoryRow, client: httpx2.AsyncClient) -> None:
    answer = await client.post("/api/sync", json={"dry_run": True})
    assert answer.status_code == 200
    (plan,) = answer.json()["plans"]
    assert (plan["repository"], plan["message"]) == ("data", "1 pipeline added")
    assert plan["commit"]["subject"] == "Add a"
    assert (await client.get("/api/sync/log")).json() == {"syncs": [], "next_cursor": None}


async def test_a_dry_run_that_fails_says_why(
    world: World, repository: RepositoryRow, client: httpx2.AsyncClient
) -> None:
    world.mirrors.fail(URL, Unavailable("git_host_unreachable", "git.example does not answer."))
    answer = await client.post("/api/sync", json={"dry_run": True, "repository": "data"})
    assert (answer.status_code, answer.json()["code"]) == (503, "git_host_unreachable")


async def test_unknown_and_disabled_repositories_are_refused_in_words(
    repository: RepositoryRow, server: Instance, client: httpx2.AsyncClient
) -> None:
    unknown = await client.post("/api/sync", json={"repository": "nosuch"})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "repository_not_found")
    repository.is_enabled = False
    await server.database.write(lambda session: session.merge(repository))
    disabled = await client.post("/api/sync", json={"repository": "data"})
    assert (disabled.status_code, disabled.json()["code"]) == (409, "repository_disabled")
    assert (await client.post("/api/sync")).json() == {"syncs": [], "plans": []}
    missing = await client.get("/api/sync/nosuch")
    assert (missing.status_code, missing.json()["code"]) == (404, "sync_not_found")


async def test_the_status_tells_commit_pipelines_environments_and_what_comes_next(
    repository: RepositoryRow, server: Instance, client: httpx2.AsyncClient
) -> None:
    await client.post("/api/sync")
    await server.repository_sync.tick()
    await server.parts.warming.tick()
    (status,) = (await client.get("/api/sync/status")).json()["repositories"]
    assert status["commit"]["author"] == "Ada"
    assert (status["pipelines"], status["invalid_pipelines"], status["failures"]) == (1, 0, 0)
    assert status["environments"]["ready"] == 1
    assert status["phase"] is None
    assert status["last_sync"]["id"] == status["last_success"]["id"]


async def test_the_log_is_paged(
    repository: RepositoryRow, server: Instance, client: httpx2.AsyncClient
) -> None:
    for _ in range(3):
        await client.post("/api/sync")
        await server.repository_sync.tick()
    first = (await client.get("/api/sync/log", params={"limit": 2, "repository": "data"})).json()
    assert len(first["syncs"]) == 2
    rest = (await client.get("/api/sync/log", params={"cursor": first["next_cursor"]})).json()
    assert len(rest["syncs"]) == 1
    assert rest["next_cursor"] is None
