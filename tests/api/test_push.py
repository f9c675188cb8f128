"""Push webhooks over HTTP: who may ask for a sync, what is ignored, what is replayed."""

import json
from collections.abc import AsyncIterator, Callable

import httpx2
import pytest

from fastflow.domain.repository import Authentication, RepositoryOrigin
from fastflow.store import syncs
from fastflow.store.tables import RepositoryRow, SyncRow
from tests.api.door import STRANGER, calling_from, deliveries, problem_of
from tests.plugins.world import Instance, World
from tests.servers.push_deliveries import (
    DELETED,
    Delivery,
    Push,
    forgejo_push,
    gitea_push,
    github_ping,
    github_push,
    gitlab_push,
    hub_signature,
)

SECRET = "correct horse battery staple"  # noqa: S105
LOG = "/api/repositories/data"
Send = Callable[..., Delivery]


@pytest.fixture(autouse=True)
async def repositories(world: World, server: Instance) -> None:
    now = world.clock.now()
    encrypted = world.cipher.encrypt(SECRET)
    rows = [
        RepositoryRow(
            id=f"id-of-{name}",
            name=name,
            origin=RepositoryOrigin.API,
            url=f"https://git.example/{name}.git",
            branch=branch,
            authentication=Authentication.NONE,
            push_secret=secret,
            is_enabled=is_enabled,
            created_at=now,
            changed_at=now,
        )
        for name, branch, secret, is_enabled in [
            ("data", None, encrypted, True),
            ("production", "production", encrypted, True),
            ("silent", None, None, True),
            ("off", None, encrypted, False),
        ]
    ]
    await server.database.write(lambda session: session.add_all(rows))
    for row in rows:
        world.mirrors.push(row.url, {f"of-{row.name}": {}})


@pytest.fixture
async def stranger(server: Instance) -> AsyncIterator[httpx2.AsyncClient]:
    async with calling_from(server) as client:
        yield client


async def send(client: httpx2.AsyncClient, delivery: Delivery, repository: str = "data") -> httpx2.Response:
    return await client.post(f"/api/push/{repository}", content=delivery.body, headers=dict(delivery.headers))


async def syncs_of(server: Instance, name: str = "data") -> list[SyncRow]:
    rows = await server.database.read(lambda session: syncs.page(session, name, 50))
    return list(rows)


@pytest.mark.parametrize("send_as", [github_push, gitlab_push, gitea_push, forgejo_push])
async def test_a_push_asks_for_a_sync_and_is_answered_at_once(
    stranger: httpx2.AsyncClient, server: Instance, send_as: Send
) -> None:
    answer = await send(stranger, send_as(Push(), SECRET, delivery="one"))
    assert answer.status_code == 202
    (sync,) = await syncs_of(server)
    (delivery,) = await deliveries(server, LOG)
    assert answer.json() == {
        "delivery_id": delivery["id"],
        "status": "accepted",
        "message": None,
        "sync_id": sync.id,
    }
    assert (sync.trigger, sync.status) == ("push", "RUNNING")
    assert (delivery["external_id"], delivery["remote"], delivery["sync_id"]) == ("one", STRANGER, sync.id)
    assert delivery["sender"] == send_as.__name__.removesuffix("_push")


async def test_after_the_sync_the_pipeline_is_there(
    stranger: httpx2.AsyncClient, client: httpx2.AsyncClient, server: Instance
) -> None:
    await send(stranger, github_push(Push(), SECRET))
    await server.repository_sync.tick()
    assert (await client.get("/api/pipelines/of-data")).json()["repository"] == "data"


async def test_outsiders_are_told_the_same_whatever_is_wrong(
    stranger: httpx2.AsyncClient, server: Instance
) -> None:
    right, wrong = github_push(Push(), SECRET), github_push(Push(), "another")
    answers = [
        await send(stranger, wrong),
        await send(stranger, github_push(Push(), None)),
        await send(stranger, right.with_body(right.body + b" ")),
        await send(stranger, gitlab_push(Push(), "another")),
        await send(stranger, Delivery({}, b"")),
        await send(stranger, right, "silent"),
        await send(stranger, right, "nosuch"),
        await send(stranger, right, "x" * 500),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert len({tuple(sorted(answer.headers.items())) for answer in answers}) == 1
    assert problem_of(answers[0]) == (404, "push_webhook_not_found", {})
    assert await syncs_of(server) == []


@pytest.mark.parametrize("repository", ["silent", "nosuch"])
@pytest.mark.parametrize("secret", ["", "None"])
async def test_nothing_is_right_where_there_is_no_secret(
    stranger: httpx2.AsyncClient, repository: str, secret: str
) -> None:
    for send_as in (github_push, gitlab_push, gitea_push):
        assert (await send(stranger, send_as(Push(), secret), repository)).status_code == 404


async def test_what_was_refused_is_in_the_log_with_its_reason(
    stranger: httpx2.AsyncClient, server: Instance
) -> None:
    await send(stranger, github_push(Push(), "another"))
    await send(stranger, github_push(Push(), SECRET), "silent")
    (wrong,) = await deliveries(server, LOG)
    (silent,) = await deliveries(server, "/api/repositories/silent")
    assert (wrong["status"], wrong["code"]) == ("refused", "signature_wrong")
    assert (silent["status"], silent["code"]) == ("refused", "no_push_secret")


async def test_who_guesses_secrets_is_heard_no_more_for_a_while(stranger: httpx2.AsyncClient) -> None:
    for _ in range(10):
        assert (await send(stranger, gitlab_push(Push(), "another"))).status_code == 404
    answer = await send(stranger, gitlab_push(Push(), SECRET))
    assert problem_of(answer)[:2] == (429, "too_many_wrong_keys")


@pytest.mark.parametrize("send_as", [github_push, gitlab_push, gitea_push, forgejo_push])
async def test_a_replay_does_nothing_and_is_logged(
    stranger: httpx2.AsyncClient, server: Instance, send_as: Send
) -> None:
    delivery = send_as(Push(), SECRET)
    first = (await send(stranger, delivery)).json()
    await server.repository_sync.tick()
    replay = await send(stranger, delivery)
    assert (replay.status_code, replay.json()["status"]) == (202, "duplicate")
    assert replay.json()["sync_id"] == first["sync_id"]
    assert len(await syncs_of(server)) == 1
    assert [d["status"] for d in await deliveries(server, LOG)] == ["duplicate", "accepted"]


async def test_a_replay_under_an_invented_id_does_nothing(
    stranger: httpx2.AsyncClient, server: Instance
) -> None:
    delivery = github_push(Push(), SECRET)
    await send(stranger, delivery)
    await server.repository_sync.tick()
    replay = await send(stranger, delivery.with_headers(X_GitHub_Delivery="invented"))
    assert replay.json()["status"] == "duplicate"
    assert len(await syncs_of(server)) == 1


async def test_two_deliveries_of_one_push_to_two_repositories_are_no_replays(
    stranger: httpx2.AsyncClient,
) -> None:
    delivery = github_push(Push(), SECRET)
    assert (await send(stranger, delivery, "data")).json()["status"] == "accepted"
    assert (await send(stranger, delivery, "production")).json()["status"] == "ignored"


async def test_a_ping_is_welcome_and_asks_for_nothing(stranger: httpx2.AsyncClient, server: Instance) -> None:
    answer = await send(stranger, github_ping(SECRET))
    assert (answer.status_code, answer.json()["status"], answer.json()["sync_id"]) == (202, "ignored", None)
    assert await syncs_of(server) == []
    (delivery,) = await deliveries(server, LOG)
    assert (delivery["event"], delivery["status"]) == ("ping", "ignored")


@pytest.mark.parametrize(
    ("repository", "ref", "status"),
    [
        ("data", "refs/heads/main", "accepted"),
        ("data", "refs/heads/feature", "ignored"),
        ("data", "refs/tags/v1", "ignored"),
        ("production", "refs/heads/production", "accepted"),
        ("production", "refs/heads/main", "ignored"),
    ],
)
async def test_only_the_synced_branch_is_of_interest(
    stranger: httpx2.AsyncClient, server: Instance, repository: str, ref: str, status: str
) -> None:
    answer = (await send(stranger, github_push(Push(ref=ref), SECRET), repository)).json()
    assert answer["status"] == status
    assert len(await syncs_of(server, repository)) == int(status == "accepted")
    if status == "ignored":
        assert ref in answer["message"]


async def test_a_deleted_branch_is_synced_so_that_the_log_says_it(
    stranger: httpx2.AsyncClient, server: Instance
) -> None:
    await send(stranger, github_push(Push(after=DELETED), SECRET))
    assert len(await syncs_of(server)) == 1


async def test_a_script_may_ask_for_a_sync_with_a_signature_alone(stranger: httpx2.AsyncClient) -> None:
    delivery = Delivery({"X-Hub-Signature-256": hub_signature(SECRET, b"now")}, b"now")
    assert (await send(stranger, delivery)).json()["status"] == "accepted"


async def test_a_sync_that_can_not_be_asked_for_is_said_and_the_delivery_may_come_again(
    stranger: httpx2.AsyncClient, server: Instance
) -> None:
    delivery = github_push(Push(), SECRET)
    for _ in range(2):
        answer = await send(stranger, delivery, "off")
        assert problem_of(answer)[:2] == (409, "repository_disabled")
    logged = await deliveries(server, "/api/repositories/off")
    assert [(d["status"], d["code"]) for d in logged] == [("refused", "repository_disabled")] * 2


async def test_a_body_beyond_the_limit_is_refused(stranger: httpx2.AsyncClient) -> None:
    answer = await send(stranger, Delivery({}, bytes(5 * 1024**2 + 1)))
    assert problem_of(answer)[:2] == (413, "body_too_large")


async def test_pushes_before_the_sync_begins_share_one(
    stranger: httpx2.AsyncClient, server: Instance
) -> None:
    ids = {
        (await send(stranger, github_push(Push(after=letter * 40), SECRET))).json()["sync_id"]
        for letter in "abc"
    }
    assert len(ids) == len(await syncs_of(server)) == 1


async def test_the_deliveries_of_an_unknown_repository_are_404(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/api/repositories/nosuch/deliveries")
    assert problem_of(answer)[:2] == (404, "repository_not_found")


async def test_the_log_never_shows_a_secret(stranger: httpx2.AsyncClient, server: Instance) -> None:
    await send(stranger, gitlab_push(Push(), SECRET))
    assert SECRET not in json.dumps(await deliveries(server, LOG))
