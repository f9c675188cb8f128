"""Secrets over HTTP: written, listed, deleted; a value that was written is never seen again."""

import json
from collections.abc import Awaitable, Callable

import httpx2
import pytest
from cryptography.fernet import Fernet

from fastflow.adapters.crypto.fernet import FernetCipher
from tests.plugins.world import Instance, World

VALUE = "correct horse/battery+staple"


async def put(client: httpx2.AsyncClient, name: str, value: str = VALUE, **query: str) -> httpx2.Response:
    return await client.put(f"/api/secrets/{name}", json={"value": value}, params=query)


async def names(client: httpx2.AsyncClient, **query: str) -> list[tuple[str, str | None]]:
    answer = await client.get("/api/secrets", params=query)
    return [(secret["name"], secret["pipeline_name"]) for secret in answer.json()["secrets"]]


async def test_a_secret_is_stored_replaced_listed_and_deleted_without_its_value(
    client: httpx2.AsyncClient,
) -> None:
    answers = [
        await put(client, "DB_PASSWORD"),
        await put(client, "DB_PASSWORD", "another value"),
        await client.get("/api/secrets"),
        await client.delete("/api/secrets/DB_PASSWORD"),
    ]
    assert [answer.status_code for answer in answers] == [201, 200, 200, 200]
    for answer in answers:
        assert VALUE not in answer.text
        assert "another value" not in answer.text
        assert "gAAAA" not in answer.text, "not even the ciphertext"
    assert await names(client) == []


async def test_a_pipelines_secrets_stand_beside_the_global_ones(client: httpx2.AsyncClient) -> None:
    await put(client, "A")
    await put(client, "A", pipeline_name="hello")
    await put(client, "B", pipeline_name="other")
    assert await names(client) == [("A", None), ("A", "hello"), ("B", "other")]
    assert await names(client, pipeline_name="hello") == [("A", None), ("A", "hello")]
    await client.delete("/api/secrets/A", params={"pipeline_name": "hello"})
    assert await names(client) == [("A", None), ("B", "other")]


@pytest.mark.parametrize(
    ("name", "value", "query", "field"),
    [
        ("1ST", VALUE, {}, "name"),
        ("FASTFLOW_X", VALUE, {}, "name"),
        ("A", "abc", {}, "value"),
        ("A", VALUE, {"pipeline_name": "../etc"}, "pipeline_name"),
    ],
)
async def test_what_can_not_be_a_secret_is_refused_by_field(
    client: httpx2.AsyncClient, name: str, value: str, query: dict[str, str], field: str
) -> None:
    answer = await put(client, name, value, **query)
    assert (answer.status_code, answer.json()["code"]) == (422, "secret_invalid")
    assert list(answer.json()["fields"]) == [field]
    assert value not in answer.text


@pytest.mark.parametrize("body", [{}, {"value": 12345}, {"value": VALUE, "extra": VALUE}, [VALUE], VALUE])
async def test_a_malformed_body_is_refused_without_an_echo_of_it(
    client: httpx2.AsyncClient, body: object
) -> None:
    answer = await client.put("/api/secrets/A", content=json.dumps(body))
    assert answer.status_code == 422
    assert VALUE not in answer.text
    assert "12345" not in answer.text


async def test_deleting_what_is_not_there_says_so(client: httpx2.AsyncClient) -> None:
    await put(client, "A")
    answer = await client.delete("/api/secrets/A", params={"pipeline_name": "hello"})
    assert (answer.status_code, answer.json()["code"]) == (404, "secret_not_found")
    assert "'hello'" in answer.json()["detail"]


@pytest.mark.parametrize("value", [VALUE, "abcd", "x" + "y" * 12_000])
async def test_an_encrypted_value_is_good_for_a_manifest(
    client: httpx2.AsyncClient, world: World, server: Instance, value: str
) -> None:
    answer = await client.post("/api/secrets/encrypt", json={"value": value})
    ciphertext = answer.json()["ciphertext"]
    assert world.cipher.decrypt(ciphertext) == value
    world.source.put("p", manifest=json.dumps({"encrypted_env": {"DB_PASSWORD": ciphertext}}))
    await server.pipelines.refresh()
    assert (await client.get("/api/pipelines/p")).json()["problems"] == []
    assert await names(client) == []


async def test_a_run_does_not_show_the_ciphertexts_that_it_was_promised(
    client: httpx2.AsyncClient, world: World, server: Instance
) -> None:
    ciphertext = server.secrets.encrypt(VALUE)
    world.source.put("p", manifest=json.dumps({"encrypted_env": {"TOKEN": ciphertext}}))
    run_id = await server.trigger("p")
    answer = await client.get(f"/api/runs/{run_id}")
    assert answer.json()["spec"]["encrypted_variables"] == {"TOKEN": "•••"}
    assert ciphertext not in answer.text


async def test_a_value_that_no_manifest_could_hold_is_refused(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/api/secrets/encrypt", json={"value": "x" + "y" * 16_000})
    assert (answer.status_code, answer.json()["code"]) == (422, "secret_invalid")
    assert "fastflow secrets set" in answer.json()["detail"]


async def test_a_wrong_key_is_told_and_does_not_make_the_server_unready(
    client: httpx2.AsyncClient, world: World, start: Callable[..., Awaitable[Instance]]
) -> None:
    await put(client, "A")
    world.cipher = FernetCipher([Fernet.generate_key().decode()])
    second = await start()
    await second.reconciler.tick()
    transport = httpx2.ASGITransport(app=second.app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as other:
        answer = await other.get("/ready")
    checks = {check["name"]: check for check in answer.json()["checks"]}
    assert (answer.status_code, checks["encryption"]["is_ready"]) == (200, False)
    assert "does not open secrets.value of A" in checks["encryption"]["message"]


async def test_the_rotation_answers_what_was_done(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/api/secrets/rotate")
    assert answer.status_code == 200
    assert answer.json() | {"advice": ""} == {
        "has_new_key": False,
        "renewed": {},
        "unreadable": [],
        "manifests": [],
        "former_keys": 0,
        "advice": "",
    }


async def test_a_pipeline_whose_secret_is_not_stored_says_so_until_it_is(
    client: httpx2.AsyncClient, world: World, server: Instance
) -> None:
    world.source.put("p", manifest='{"secrets": ["TOKEN", {"key": "CERT", "as": "file"}]}')
    world.source.put("other", manifest='{"secrets": ["TOKEN"]}')
    await server.pipelines.refresh()
    await put(client, "TOKEN", pipeline_name="p")
    await put(client, "CERT", pipeline_name="other")
    listed = {row["name"]: row for row in (await client.get("/api/pipelines")).json()["pipelines"]}
    assert await client_sees(client, "p") == listed["p"]["problems"]
    [problem] = listed["p"]["problems"]
    assert (problem["severity"], problem["field"]) == ("warning", "secrets")
    assert "no secret CERT" in problem["message"]
    assert "`fastflow secrets set CERT --pipeline p`" in problem["remedy"]
    assert "no secret TOKEN" in listed["other"]["problems"][0]["message"]
    assert listed["p"]["is_valid"]
    await put(client, "CERT")
    await put(client, "TOKEN")
    assert await client_sees(client, "p") == []
    assert await client_sees(client, "other") == []


async def client_sees(client: httpx2.AsyncClient, pipeline: str) -> list[dict[str, str]]:
    return (await client.get(f"/api/pipelines/{pipeline}")).json()["problems"]
