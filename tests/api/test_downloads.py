"""Downloads by a plain link: once, for a minute, for who got it and only as long as they may."""

from datetime import timedelta

import httpx2
import pytest

from fastflow.domain.role import Role
from fastflow.domain.run import RunStatus
from fastflow.services.one_time_secrets import MOST
from tests.api.access_credentials import Makers, bearer
from tests.plugins.world import Instance, World


@pytest.fixture
async def ended(server: Instance, world: World) -> str:
    run_id = await server.trigger("hello")
    await server.claim_all()
    await server.until(run_id, RunStatus.RUNNING)
    world.executor.write(run_id, b"one\n\xff two")
    world.executor.finish(run_id)
    await server.worker.join()
    return run_id


@pytest.fixture
async def make(server: Instance, ended: str) -> Makers:
    makers = Makers(server)
    await makers.begin()
    return makers


async def link(client: httpx2.AsyncClient, run_id: str, credential: str | None = None) -> str:
    headers = {"Authorization": bearer(credential)} if credential is not None else {}
    answer = await client.post(f"/api/runs/{run_id}/logs/download-ticket", headers=headers)
    assert answer.status_code == 201, answer.text
    assert answer.json()["expires_at"] == "2030-01-01T00:01:00Z"
    return answer.json()["url"]


async def test_a_link_downloads_the_log_once_without_a_credential(
    client: httpx2.AsyncClient, make: Makers, ended: str
) -> None:
    url = await link(client, ended, await make.session(await make.user(Role.VIEWER)))
    first = await client.get(url)
    assert (first.status_code, first.content) == (200, b"one\n\xff two")
    assert first.headers["content-disposition"] == f'attachment; filename="{ended}.log"'
    second = await client.get(url)
    assert (second.status_code, second.json()["code"]) == (404, "ticket_not_found")


async def test_a_link_ends_after_a_minute(client: httpx2.AsyncClient, world: World, ended: str) -> None:
    early, late = await link(client, ended), await link(client, ended)
    await world.clock.advance(timedelta(seconds=59))
    assert (await client.get(early)).status_code == 200
    await world.clock.advance(timedelta(seconds=1))
    assert (await client.get(late)).status_code == 404


async def test_a_link_ends_with_the_credential_it_was_got_with(
    client: httpx2.AsyncClient, make: Makers, ended: str
) -> None:
    name = await make.user(Role.VIEWER)
    url = await link(client, ended, await make.session(name))
    await make.accounts.users.change(name, is_enabled=False)
    assert (await client.get(url)).json()["code"] == "ticket_not_found"


async def test_a_link_of_the_time_without_accounts_ends_with_the_first_account(
    client: httpx2.AsyncClient, server: Instance, ended: str
) -> None:
    url = await link(client, ended)
    await Makers(server).begin()
    assert (await client.get(url)).json()["code"] == "ticket_not_found"


async def test_a_link_is_only_got_by_who_may_read_the_log(
    client: httpx2.AsyncClient, make: Makers, ended: str
) -> None:
    path = f"/api/runs/{ended}/logs/download-ticket"
    assert (await client.post(path)).status_code == 401
    _, token = await make.api_token(await make.user(), pipelines=("other",))
    assert (await client.post(path, headers={"Authorization": bearer(token)})).status_code == 404
    _, own = await make.api_token(await make.user(), pipelines=("hello",))
    assert (await client.get(await link(client, ended, own))).status_code == 200


async def test_only_so_many_links_are_kept(client: httpx2.AsyncClient, server: Instance, ended: str) -> None:
    tickets = server.parts.services.pages.download_tickets
    oldest = await link(client, ended)
    second = await link(client, ended)
    for _ in range(MOST - 1):
        await tickets.issue(ended, None)
    assert (await client.get(oldest)).status_code == 404
    assert (await client.get(second)).status_code == 200


async def test_a_guess_opens_nothing(client: httpx2.AsyncClient, ended: str) -> None:
    url = await link(client, ended)
    assert (await client.get(f"{url[:-1]}!")).status_code == 404
    assert (await client.get("/api/downloads/" + "x" * 101)).status_code == 422
