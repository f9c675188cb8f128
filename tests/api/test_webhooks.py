"""Webhooks over HTTP: what starts a run, what is kept of it, what insiders and outsiders are told."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx2
import pytest

from fastflow.domain.delivery import DeliveryKind
from fastflow.domain.run import RunStatus
from fastflow.store import deliveries as store
from fastflow.store import payloads
from fastflow.store.runs import RunFilter
from tests.api.door import KEY, STRANGER, calling_from, deliveries, problem_of, send
from tests.plugins.world import Instance, World
from tests.servers.push_deliveries import Push, gitea_push, github_push, hub_signature

MANIFEST = {
    "webhook_key": KEY,
    "schedules": [
        {"id": "nightly", "schedule_cron": "0 3 * * *", "timeout": 77, "webhook_key": "key-of-nightly"},
        {"id": "off", "enabled": False, "schedule_cron": "0 3 * * *", "webhook_key": "key-of-off"},
    ],
}


@pytest.fixture(autouse=True)
async def hello(world: World, server: Instance) -> None:
    world.source.put("hello", manifest=json.dumps(MANIFEST))
    world.source.put("quiet")
    await server.pipelines.refresh()


@pytest.fixture
async def stranger(server: Instance) -> AsyncIterator[httpx2.AsyncClient]:
    async with calling_from(server) as client:
        yield client


async def payload_of(server: Instance, run_id: str) -> tuple[str, bytes] | None:
    row = await server.database.read(lambda session: payloads.get(session, run_id))
    return (row.content_type, row.body) if row is not None else None


async def test_a_delivery_with_the_manifests_key_starts_a_run_that_says_why(
    stranger: httpx2.AsyncClient, server: Instance
) -> None:
    answer = await send(stranger)
    assert answer.status_code == 202
    run = answer.json()
    (delivery,) = await deliveries(server)
    assert (run["pipeline_name"], run["trigger"], run["status"]) == ("hello", "webhook", "PENDING")
    assert run["cause"]["delivery_id"] == delivery["id"]
    assert run["cause"]["remote"] == delivery["remote"] == STRANGER
    assert (delivery["status"], delivery["run_id"], delivery["sender"]) == ("accepted", run["id"], "cdef")
    assert await payload_of(server, run["id"]) is None


async def test_variables_and_parameters_reach_the_run(stranger: httpx2.AsyncClient, server: Instance) -> None:
    body = b'{"env_vars": {"A": "1"}, "parameters": {"n": 3}}'
    run = (await send(stranger, body, content_type="Application/JSON; charset=utf-8")).json()
    spec = (await server.get(run["id"])).run.spec
    assert (spec["variables"], spec["parameters"]) == ({"A": "1"}, {"n": 3})
    assert not run["cause"]["has_payload"]
    assert await payload_of(server, run["id"]) is None


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b'{"action": "opened"}'),
        ("application/json", b'{"parameters": {}, "extra": 1}'),
        ("application/json", b'[{"parameters": {}}]'),
        ("application/json", b"{not json"),
        ("application/json", b"[" * 100_000),
        ("application/json", b'{"parameters": {"n": NaN}}'),
        ("application/json", b'{"parameters": "\xff"}'),
        ("application/x-www-form-urlencoded", b"payload=%7B%7D&parameters=1"),
        ("text/plain; charset=latin-1", b'{"parameters": {}}'),
        ("image/png", bytes(range(256))),
        (None, b"bare"),
    ],
)
async def test_every_other_body_is_kept_for_the_run_byte_for_byte(
    stranger: httpx2.AsyncClient, server: Instance, content_type: str | None, body: bytes
) -> None:
    run = (await send(stranger, body, content_type=content_type)).json()
    assert run["cause"]["has_payload"]
    assert await payload_of(server, run["id"]) == (content_type or "application/octet-stream", body)
    assert (await deliveries(server))[0]["body_bytes"] == len(body)


async def test_an_empty_object_is_no_payload(stranger: httpx2.AsyncClient) -> None:
    assert not (await send(stranger, b"{}")).json()["cause"]["has_payload"]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (b'{"env_vars": {"A": 1, "B": "x"}}', {"env_vars.A"}),
        (b'{"env_vars": null, "parameters": []}', {"env_vars", "parameters"}),
        (b'{"parameters": "n=3"}', {"parameters"}),
    ],
)
async def test_wrong_types_are_refused_by_field(
    stranger: httpx2.AsyncClient, server: Instance, body: bytes, fields: set[str]
) -> None:
    status, code, culprits = problem_of(await send(stranger, body))
    assert (status, code, set(culprits)) == (422, "body_invalid", fields)
    (delivery,) = await deliveries(server)
    assert (delivery["status"], delivery["code"], delivery["run_id"]) == ("refused", "body_invalid", None)


async def test_the_key_of_a_schedule_gives_the_run_its_settings(
    stranger: httpx2.AsyncClient, server: Instance
) -> None:
    run = (await send(stranger, key="key-of-nightly")).json()
    assert run["cause"]["run_config_id"] == "nightly"
    assert (await server.get(run["id"])).run.spec["timeout_seconds"] == 77
    status, code, fields = problem_of(await send(stranger, key="key-of-off"))
    assert (status, code) == (409, "schedule_disabled")
    assert (await server.get(fields["run_id"])).run.status is RunStatus.SKIPPED


async def test_outsiders_are_told_the_same_whatever_is_wrong(
    stranger: httpx2.AsyncClient, world: World, server: Instance
) -> None:
    world.source.put("gone", manifest=json.dumps(MANIFEST))
    await server.pipelines.refresh()
    world.source.drop("gone")
    await server.pipelines.refresh()
    answers = [
        await send(stranger, b"x" * 10, pipeline=pipeline, key=key)
        for pipeline, key in [
            ("hello", "wrong-key"), ("hello", KEY[:-1]), ("hello", KEY.upper()),
            ("quiet", KEY), ("nosuch", KEY), ("gone", "wrong-key"), ("-", KEY),
            ("x" * 3000, "y" * 3000),
        ]
    ]  # fmt: skip
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert len({tuple(sorted(answer.headers.items())) for answer in answers}) == 1
    assert problem_of(answers[0]) == (404, "webhook_not_found", {})
    assert (await server.runs.page(RunFilter(), 10, None))[0] == []


async def test_wrong_keys_are_logged_where_there_is_a_pipeline_and_nowhere_else(
    stranger: httpx2.AsyncClient, server: Instance
) -> None:
    for pipeline in ("hello", "quiet", "nosuch"):
        await send(stranger, pipeline=pipeline, key="wrong-key")
    for pipeline in ("hello", "quiet"):
        (delivery,) = await deliveries(server, f"/api/pipelines/{pipeline}")
        assert (delivery["status"], delivery["code"]) == ("refused", "webhook_not_found")
        assert "wrong-key" not in json.dumps(delivery)
    unknown = await server.database.read(
        lambda session: store.page(session, DeliveryKind.WEBHOOK, "nosuch", 10)
    )
    assert unknown == []


async def test_a_flood_of_wrong_keys_does_not_fill_the_log(server: Instance) -> None:
    for number in range(100):
        async with calling_from(server, f"198.51.100.{number}") as client:
            assert (await send(client, key="wrong-key")).status_code == 404
    assert len(await deliveries(server)) == 30


async def test_who_guesses_is_heard_no_more_for_a_while(
    stranger: httpx2.AsyncClient, world: World, server: Instance
) -> None:
    for _ in range(10):
        assert (await send(stranger, key="wrong-key")).status_code == 404
    right, unknown = await send(stranger), await send(stranger, pipeline="nosuch")
    assert (
        problem_of(right) == problem_of(unknown) == (429, "too_many_wrong_keys", {"retry_after_seconds": 60})
    )
    assert right.headers["retry-after"] == "60"
    async with calling_from(server, "203.0.113.8") as other:
        assert (await send(other)).status_code == 202
    await world.clock.advance(timedelta(minutes=1))
    assert (await send(stranger)).status_code == 202


async def test_an_ipv6_network_is_one_guesser(server: Instance) -> None:
    for number in range(10):
        async with calling_from(server, f"2001:db8::{number}") as client:
            assert (await send(client, key="wrong-key")).status_code == 404
    async with calling_from(server, "2001:db8::ffff:1") as client:
        assert (await send(client)).status_code == 429
    async with calling_from(server, "2001:db8:0:1::1") as client:
        assert (await send(client)).status_code == 202


async def test_strangers_behind_a_silent_proxy_can_not_lock_others_out(server: Instance) -> None:
    async with calling_from(server, "127.0.0.1") as proxy:
        statuses = [(await send(proxy, key="wrong-key")).status_code for _ in range(11)]
        assert statuses == [404] * 10 + [429]
        assert (await send(proxy)).status_code == 202


async def test_a_pipeline_takes_so_many_deliveries_a_minute(
    stranger: httpx2.AsyncClient, server: Instance
) -> None:
    for _ in range(120):
        assert (await send(stranger, headers={"Idempotency-Key": "one"})).status_code == 202
    answer = await send(stranger)
    status, code, fields = problem_of(answer)
    assert (status, code, fields["pipeline_name"]) == (429, "too_many_deliveries", "hello")
    assert answer.headers["retry-after"] == "60"
    assert "WEBHOOK_RATE_PER_MINUTE" in answer.json()["detail"]
    assert (await deliveries(server))[0]["code"] == "too_many_deliveries"


async def test_a_body_beyond_the_limit_is_refused_while_it_streams(
    stranger: httpx2.AsyncClient, server: Instance
) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1024**2
            yield bytes(1024**2)

    answer = await stranger.post(f"/api/webhooks/hello/{KEY}", content=endless())
    assert problem_of(answer) == (413, "body_too_large", {"limit_bytes": 5 * 1024**2})
    assert sent == 6 * 1024**2
    assert (await deliveries(server))[0]["code"] == "body_too_large"


async def test_the_length_that_a_request_claims_is_not_believed(stranger: httpx2.AsyncClient) -> None:
    answer = await send(stranger, bytes(6 * 1024**2), headers={"Content-Length": "10"})
    assert answer.status_code == 413


async def test_a_body_without_a_right_key_is_not_read(stranger: httpx2.AsyncClient) -> None:
    async def unread() -> AsyncIterator[bytes]:
        raise AssertionError("it was read")
        yield b""

    answer = await stranger.post("/api/webhooks/hello/wrong-key", content=unread())
    assert answer.status_code == 404


async def test_the_same_idempotency_key_gives_the_same_run_and_says_so_in_the_log(
    stranger: httpx2.AsyncClient, server: Instance
) -> None:
    first, again = [(await send(stranger, headers={"Idempotency-Key": "k"})).json()["id"] for _ in range(2)]
    assert first == again
    log = await deliveries(server)
    assert [(d["status"], d["run_id"]) for d in log] == [("duplicate", first), ("accepted", first)]
    other = await send(stranger, b"other", headers={"Idempotency-Key": "k"})
    assert problem_of(other)[:2] == (409, "idempotency_key_reused")


@pytest.mark.parametrize(
    "headers",
    [
        {"X-GitHub-Delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958"},
        {"X-Gitea-Delivery": "f6266f16", "X-GitHub-Delivery": "f6266f16"},
        {"X-Gitlab-Event-UUID": "13792a34"},
        {"webhook-id": "msg_1"},
        {"webhook-id": "m" * 5000},
    ],
)
async def test_a_redelivery_is_known_by_the_senders_own_id(
    stranger: httpx2.AsyncClient, headers: dict[str, str]
) -> None:
    first, again = [(await send(stranger, headers=headers)).json()["id"] for _ in range(2)]
    assert first == again
    assert (await send(stranger)).json()["id"] != first


async def test_a_delivery_that_was_refused_may_come_again(
    stranger: httpx2.AsyncClient, world: World, server: Instance
) -> None:
    headers = {"X-GitHub-Delivery": "one"}
    world.source.put("hello", manifest=json.dumps(MANIFEST | {"enabled": False}))
    assert (await send(stranger, headers=headers)).status_code == 409
    world.source.put("hello", manifest=json.dumps(MANIFEST))
    assert (await send(stranger, headers=headers)).status_code == 202


async def test_github_may_deliver_to_a_webhook_and_sign_with_the_key(
    stranger: httpx2.AsyncClient, server: Instance
) -> None:
    delivery = github_push(Push(), KEY)
    run = (await send(stranger, delivery.body, headers=delivery.headers)).json()
    assert await payload_of(server, run["id"]) == ("application/json", delivery.body)
    (logged,) = await deliveries(server)
    assert (logged["event"], logged["external_id"]) == (
        "push",
        "x-github-delivery:" + delivery.headers["X-GitHub-Delivery"],
    )
    forged = github_push(Push(), "another secret")
    status, code, _ = problem_of(await send(stranger, forged.body, headers=forged.headers))
    assert (status, code) == (403, "signature_wrong")
    assert (await deliveries(server))[0]["code"] == "signature_wrong"


async def test_gitea_without_a_secret_sends_an_empty_signature_that_counts_as_none(
    stranger: httpx2.AsyncClient,
) -> None:
    delivery = gitea_push(Push(), None)
    assert (await send(stranger, delivery.body, headers=delivery.headers)).status_code == 202


async def test_who_has_the_key_is_told_that_the_pipeline_is_disabled(
    stranger: httpx2.AsyncClient, world: World, server: Instance
) -> None:
    world.source.put("hello", manifest=json.dumps(MANIFEST | {"enabled": False}))
    status, code, fields = problem_of(await send(stranger))
    assert (status, code) == (409, "pipeline_disabled")
    run = (await server.get(fields["run_id"])).run
    (delivery,) = await deliveries(server)
    assert (delivery["status"], delivery["run_id"]) == ("refused", run.id)
    assert run.cause is not None
    assert run.cause["delivery_id"] == delivery["id"]


async def test_who_has_the_key_is_told_that_the_manifest_is_invalid(
    stranger: httpx2.AsyncClient, world: World, server: Instance
) -> None:
    world.source.put("hello", manifest='{"webhook_key": "a-new-key", "timeout": "soon"}')
    await server.pipelines.refresh()
    status, code, fields = problem_of(await send(stranger))
    assert (status, code) == (409, "manifest_invalid")
    assert (await server.get(fields["run_id"])).run.status is RunStatus.FAILED
    assert (await send(stranger, key="a-new-key")).status_code == 404


async def test_who_has_the_key_is_told_that_the_pipeline_has_vanished(
    stranger: httpx2.AsyncClient, world: World, server: Instance
) -> None:
    world.source.drop("hello")
    await server.pipelines.refresh()
    assert problem_of(await send(stranger))[:2] == (404, "pipeline_not_found")


async def test_parameters_are_checked_against_the_manifests_schema(
    stranger: httpx2.AsyncClient, world: World, server: Instance
) -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    world.source.put("hello", manifest=json.dumps(MANIFEST | {"parameters": schema}))
    status, code, fields = problem_of(await send(stranger, b'{"parameters": {"n": "many"}}'))
    assert (status, code) == (422, "parameters_invalid")
    assert (await server.get(fields["run_id"])).run.status is RunStatus.SKIPPED
    assert (await send(stranger, b'{"parameters": {"n": 1}}')).status_code == 202


async def test_a_key_that_left_the_manifest_opens_nothing(
    stranger: httpx2.AsyncClient, world: World, server: Instance
) -> None:
    world.source.put("hello", manifest=json.dumps(MANIFEST | {"webhook_key": "another-key"}))
    await server.pipelines.refresh()
    assert (await send(stranger)).status_code == 404
    assert (await send(stranger, key="another-key")).status_code == 202


async def test_a_retry_gets_the_same_payload(
    stranger: httpx2.AsyncClient, client: httpx2.AsyncClient, world: World, server: Instance
) -> None:
    world.executor.script("hello")
    run = (await send(stranger, b"body", content_type="text/plain")).json()
    await server.claim_all()
    await server.worker.join()
    again = (await client.post(f"/api/runs/{run['id']}/retry")).json()
    assert await payload_of(server, again["id"]) == ("text/plain", b"body")


async def test_deliveries_are_paged(stranger: httpx2.AsyncClient, client: httpx2.AsyncClient) -> None:
    for _ in range(5):
        await send(stranger)
    seen: list[str] = []
    query: dict[str, str | int] | None = {"limit": 2}
    while query is not None:
        page = (await client.get("/api/pipelines/hello/deliveries", params=query)).json()
        seen += [delivery["id"] for delivery in page["deliveries"]]
        query = {**query, "cursor": page["next_cursor"]} if page["next_cursor"] else None
    assert (len(set(seen)), seen) == (5, sorted(seen, reverse=True))
    unknown = await client.get("/api/pipelines/nosuch/deliveries")
    assert problem_of(unknown)[:2] == (404, "pipeline_not_found")


async def test_a_signature_is_checked_over_the_raw_bytes(stranger: httpx2.AsyncClient) -> None:
    body = b'{ "parameters":{},"env_vars" : {} }\n'
    headers = {"X-Hub-Signature-256": hub_signature(KEY, body)}
    assert (await send(stranger, body, headers=headers)).status_code == 202
    assert (await send(stranger, json.dumps(json.loads(body)).encode(), headers=headers)).status_code == 403
