"""The wall around a server without logins has two doors, for two routes and nothing beside them."""

import json
from collections.abc import AsyncIterator

import httpx2
import pytest

from tests.api.door import KEY, calling_from
from tests.api.raw_call import raw_call
from tests.plugins.world import Instance, World

ELSEWHERE = {"host": "flows.example.org", "origin": "https://evil.example"}


@pytest.fixture
async def stranger(server: Instance) -> AsyncIterator[httpx2.AsyncClient]:
    async with calling_from(server) as client:
        yield client


async def test_other_machines_may_call_a_webhook_with_its_key(
    stranger: httpx2.AsyncClient, world: World, server: Instance
) -> None:
    world.source.put("hello", manifest=json.dumps({"webhook_key": KEY}))
    await server.pipelines.refresh()
    answer = await stranger.post(f"/api/webhooks/hello/{KEY}", headers={"Origin": "https://evil.example"})
    assert answer.status_code == 202


@pytest.mark.parametrize("path", ["/api/webhooks/hello/wrong", "/api/push/data"])
async def test_these_doors_are_opened_by_their_own_credentials_only(
    stranger: httpx2.AsyncClient, path: str
) -> None:
    assert (await stranger.post(path)).status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/pipelines/hello/run"),
        ("POST", "/api/pipelines/hello/webhook-keys"),
        ("GET", "/api/pipelines/hello/deliveries"),
        ("GET", "/api/repositories/data/deliveries"),
        ("POST", "/api/sync"),
        ("GET", "/api/runs"),
        ("GET", "/api/webhooks/hello/key"),
        ("PUT", "/api/webhooks/hello/key"),
        ("OPTIONS", "/api/webhooks/hello/key"),
        ("POST", "/api/webhooks"),
        ("POST", "/api/webhooks/"),
        ("POST", "/api/webhooks/hello"),
        ("POST", "/api/webhooks/hello/key/"),
        ("POST", "/api/webhooks/hello/key/more"),
        ("POST", "/api/webhooks//hello/key"),
        ("POST", "//api/webhooks/hello/key"),
        ("POST", "/api/Webhooks/hello/key"),
        ("POST", "/API/webhooks/hello/key"),
        ("POST", "/x/api/webhooks/hello/key"),
        ("POST", "/api/webhooksx/hello/key"),
        ("POST", "/api/push"),
        ("POST", "/api/push/"),
        ("POST", "/api/push/data/"),
        ("POST", "/api/push/data/more"),
        ("GET", "/api/push/data"),
        ("POST", "/api/webhooks/../pipelines/hello/run"),
        ("POST", "/api/push/../../api/sync"),
    ],
)
async def test_every_other_path_stays_closed_to_other_machines(
    server: Instance, method: str, path: str
) -> None:
    status, problem = await raw_call(server.app, ELSEWHERE.items(), method=method, path=path)
    assert (status, problem.get("code")) == (403, "foreign_request")


@pytest.mark.parametrize(
    ("raw_path", "path"),
    [
        ("/api/webhooks/../runs", "/api/webhooks/../runs"),
        ("/api/webhooks/%2e%2e/runs", "/api/webhooks/../runs"),
        ("/api/push/..", "/api/push/.."),
        ("/api%2fpush/data", "/api/push/data"),
        ("/api/webhooks/hello/..\\runs", "/api/webhooks/hello/..\\runs"),
    ],
)
async def test_what_passes_by_a_trick_reaches_nothing_but_the_door(
    server: Instance, raw_path: str, path: str
) -> None:
    status, problem = await raw_call(
        server.app, ELSEWHERE.items(), method="POST", raw_path=raw_path, path=path
    )
    assert (status, problem["code"]) in {(404, "webhook_not_found"), (404, "push_webhook_not_found")}
