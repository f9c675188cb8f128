"""Webhook keys over HTTP: made, shown once, rotated, signed with, revoked."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from cryptography.fernet import Fernet

from fastflow.adapters.crypto.fernet import FernetCipher
from tests.api.door import KEY, calling_from, deliveries, problem_of, send
from tests.plugins.world import Instance, World
from tests.servers.push_deliveries import hub_signature, standard_signature

KEYS = "/api/pipelines/hello/webhook-keys"
MANIFEST = {
    "webhook_key": KEY,
    "schedules": [{"id": "nightly", "schedule_cron": "0 3 * * *", "webhook_key": "shortkey"}],
}
BODY = b'{"action": "opened"}'


@pytest.fixture(autouse=True)
async def hello(world: World, server: Instance) -> None:
    world.source.put("hello", manifest=json.dumps(MANIFEST))
    await server.pipelines.refresh()


@pytest.fixture
async def stranger(server: Instance) -> AsyncIterator[httpx2.AsyncClient]:
    async with calling_from(server) as client:
        yield client


async def made(client: httpx2.AsyncClient, **body: object) -> dict[str, Any]:
    answer = await client.post(KEYS, json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def listed(client: httpx2.AsyncClient) -> list[dict[str, Any]]:
    return (await client.get(KEYS)).json()["keys"]


async def test_a_new_key_opens_the_webhook_beside_the_manifests(
    client: httpx2.AsyncClient, stranger: httpx2.AsyncClient
) -> None:
    key = await made(client)
    assert key["path"] == f"/api/webhooks/hello/{key['key']}"
    assert len(key["key"]) >= 43
    assert key["signing_secret"] is None
    assert (await stranger.post(key["path"])).status_code == 202
    assert (await send(stranger)).status_code == 202


async def test_keys_are_shown_by_their_hints_only(
    client: httpx2.AsyncClient, world: World, server: Instance
) -> None:
    new = await made(client, is_signed=True)
    shown = await listed(client)
    assert [(key["id"], key["origin"], key["hint"]) for key in shown] == [
        ("manifest", "manifest", "cdef"),
        ("manifest:nightly", "manifest", ""),
        (new["id"], "api", new["key"][-4:]),
    ]
    stored = (world.path / "fastflow.db").read_bytes() + (world.path / "fastflow.db-wal").read_bytes()
    for secret in (new["key"], new["signing_secret"], new["signing_secret"].removeprefix("whsec_")):
        assert secret not in json.dumps(shown)
        assert secret.encode() not in stored


async def test_the_use_of_a_key_is_seen(
    client: httpx2.AsyncClient, stranger: httpx2.AsyncClient, world: World, server: Instance
) -> None:
    new = await made(client)
    assert (await listed(client))[-1]["last_used_at"] is None
    await stranger.post(new["path"])
    assert (await listed(client))[-1]["last_used_at"] == world.clock.now().isoformat().replace("+00:00", "Z")
    assert (await deliveries(server))[0]["sender"] == new["key"][-4:]


async def test_a_rotation_has_no_moment_without_a_right_key(
    client: httpx2.AsyncClient, stranger: httpx2.AsyncClient, world: World
) -> None:
    old = await made(client)
    new = await made(client)
    answer = await client.patch(f"{KEYS}/{old['id']}", json={"expires_in_seconds": 3600})
    assert not answer.json()["is_expired"]
    assert [(await stranger.post(key["path"])).status_code for key in (old, new)] == [202, 202]
    await world.clock.advance(timedelta(hours=1))
    expired = await stranger.post(old["path"])
    assert problem_of(expired)[:2] == (403, "webhook_key_expired")
    assert (await stranger.post(new["path"])).status_code == 202
    assert [key["is_expired"] for key in (await listed(client))[2:]] == [True, False]
    await client.patch(f"{KEYS}/{old['id']}", json={"expires_in_seconds": None})
    assert (await stranger.post(old["path"])).status_code == 202


async def test_a_revoked_key_opens_nothing(client: httpx2.AsyncClient, stranger: httpx2.AsyncClient) -> None:
    key = await made(client, expires_in_seconds=60)
    assert (await client.delete(f"{KEYS}/{key['id']}")).status_code == 200
    assert (await stranger.post(key["path"])).status_code == 404
    again = await client.delete(f"{KEYS}/{key['id']}")
    assert problem_of(again)[:2] == (404, "webhook_key_not_found")


@pytest.mark.parametrize("key_id", ["manifest", "manifest:nightly"])
async def test_keys_in_the_manifest_are_changed_there(client: httpx2.AsyncClient, key_id: str) -> None:
    for answer in (
        await client.delete(f"{KEYS}/{key_id}"),
        await client.patch(f"{KEYS}/{key_id}", json={"expires_in_seconds": 0}),
    ):
        assert problem_of(answer)[:2] == (409, "webhook_key_in_manifest")


@pytest.mark.parametrize("key_id", ["nosuch", "x" * 500, "0199" * 9])
async def test_an_unknown_key_is_404(client: httpx2.AsyncClient, key_id: str) -> None:
    assert problem_of(await client.delete(f"{KEYS}/{key_id}"))[:2] == (404, "webhook_key_not_found")


async def test_a_key_of_another_pipeline_is_unknown(client: httpx2.AsyncClient, world: World) -> None:
    key = await made(client)
    world.source.put("other")
    await client.get("/api/pipelines/other")
    answer = await client.delete(f"/api/pipelines/other/webhook-keys/{key['id']}")
    assert answer.status_code == 404
    assert len(await listed(client)) == 3


@pytest.mark.parametrize("name", ["nosuch", "..%2f"])
async def test_an_unknown_pipeline_has_no_keys(client: httpx2.AsyncClient, name: str) -> None:
    assert (await client.get(f"/api/pipelines/{name}/webhook-keys")).status_code == 404
    assert (await client.post(f"/api/pipelines/{name}/webhook-keys")).status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"expires_in_seconds": -1}, "expires_in_seconds"),
        ({"expires_in_seconds": 10**12}, "expires_in_seconds"),
        ({"run_config_id": "nosuch"}, "run_config_id"),
        ({"key": "my-own"}, "key"),
    ],
)
async def test_a_wrong_wish_is_refused_by_field(
    client: httpx2.AsyncClient, body: dict[str, object], field: str
) -> None:
    answer = await client.post(KEYS, json=body)
    assert answer.status_code == 422
    assert field in answer.json()["fields"]
    assert field in answer.json()["detail"]


async def test_a_key_may_be_for_one_of_the_schedules(
    client: httpx2.AsyncClient, stranger: httpx2.AsyncClient
) -> None:
    key = await made(client, run_config_id="nightly")
    run = (await stranger.post(key["path"])).json()
    assert run["cause"]["run_config_id"] == "nightly"


async def test_a_pipeline_has_twenty_keys_at_most(client: httpx2.AsyncClient) -> None:
    for _ in range(20):
        await made(client)
    assert problem_of(await client.post(KEYS))[:2] == (409, "too_many_keys")


async def test_a_signed_key_takes_what_is_signed_with_its_secret(
    client: httpx2.AsyncClient, stranger: httpx2.AsyncClient, world: World
) -> None:
    key = await made(client, is_signed=True)
    now = world.clock.now()

    async def code(**headers: str) -> str | None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = await send(stranger, BODY, key=key["key"], headers=named)
        return None if answer.status_code == 202 else problem_of(answer)[1]

    def standard(at_minute: int = 0) -> dict[str, str]:
        at = now + timedelta(minutes=at_minute)
        signature = standard_signature(key["signing_secret"], "msg_1", at, BODY)
        return {
            "webhook_id": "msg_1",
            "webhook_timestamp": str(int(at.timestamp())),
            "webhook_signature": signature,
        }

    assert await code() == "signature_missing"
    assert await code(x_hub_signature_256="sha256=") == "signature_missing"
    assert await code(x_hub_signature_256=hub_signature(key["signing_secret"], BODY)) is None
    assert await code(x_hub_signature_256=hub_signature(key["key"], BODY)) == "signature_wrong"
    assert await code(**standard()) is None
    assert await code(**standard(-6)) == "signature_outdated"
    assert await code(**(standard() | {"webhook_id": "msg_2"})) == "signature_wrong"


async def test_a_captured_delivery_with_a_signed_id_makes_no_second_run_under_any_other_id(
    client: httpx2.AsyncClient, stranger: httpx2.AsyncClient, world: World
) -> None:
    key = await made(client, is_signed=True)
    now = world.clock.now()
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": standard_signature(key["signing_secret"], "msg_1", now, BODY),
    }
    runs = {
        (await send(stranger, BODY, key=key["key"], headers=headers | more)).json()["id"]
        for more in ({}, {"Idempotency-Key": "mine"}, {"X-GitHub-Delivery": "mine"})
    }
    assert len(runs) == 1


async def test_a_signed_key_is_of_no_use_when_its_secret_can_not_be_decrypted(
    client: httpx2.AsyncClient, world: World, start: Callable[..., Awaitable[Instance]]
) -> None:
    key = await made(client, is_signed=True)
    world.cipher = FernetCipher([Fernet.generate_key().decode()])
    async with calling_from(await start()) as stranger:
        answer = await stranger.post(key["path"])
    assert problem_of(answer)[:2] == (503, "encryption_key_wrong")
