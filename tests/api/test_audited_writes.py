"""Every route that changes something leaves one row in the audit log: generated from the route table."""

import re
from collections.abc import Sequence
from datetime import timedelta

import httpx2
import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from sqlmodel import Session

from fastflow.api.access import ACCESS, Open
from fastflow.domain.actor import ActorKind
from fastflow.store import audit_log
from fastflow.store.audit_log import AuditFilter
from fastflow.store.tables import AuditRow
from tests.api.account_writes import ACCOUNT_WRITES
from tests.api.writes import CHANGES_NOTHING, VALUE, WRITES, Place
from tests.plugins.world import Instance, World

ADDRESS = "127.0.0.1"
ALL = WRITES | ACCOUNT_WRITES
REFUSED_NEVER = {"sign_out"}


@pytest.fixture
async def place(world: World, server: Instance, client: httpx2.AsyncClient) -> Place:
    await server.pipelines.refresh()
    return Place(world, server, client)


async def newest(server: Instance, after: int = 0) -> Sequence[AuditRow]:
    def work(session: Session) -> Sequence[AuditRow]:
        return audit_log.after(session, AuditFilter(), after, 1000)

    return await server.database.read(work)


def routes_that_write(server: Instance) -> dict[str, APIRoute]:
    found = [each.original_route for each in iter_route_contexts(server.app.routes)]
    return {
        route.name: route
        for route in found
        if isinstance(route, APIRoute) and not set(route.methods or ()) <= {"GET", "HEAD", "OPTIONS"}
    }


async def test_every_route_that_is_no_read_is_tried_here(server: Instance) -> None:
    missing = routes_that_write(server).keys() - ALL.keys() - CHANGES_NOTHING.keys()
    assert not missing, "say in tests/api/writes.py how it is called, or why it changes nothing"


@pytest.mark.parametrize("operation", ALL)
async def test_a_write_leaves_one_row_with_its_actor_and_address(place: Place, operation: str) -> None:
    call = await ALL[operation](place)
    before = len(await newest(place.server))
    answer = await call.by(place.client)
    assert answer.is_success, answer.text
    rows = await newest(place.server, before)
    kind = ActorKind.WEBHOOK if ACCESS[operation] is Open.OWN_CREDENTIAL else ActorKind.LOCAL
    kind = ActorKind.USER if call.is_by_user else kind
    assert [row.action for row in rows] == [call.action, *call.also]
    for row in rows:
        assert (row.actor_kind, row.address) == (kind, ADDRESS)
        assert row.at == place.world.clock.now()
        assert row.before != row.after
        assert VALUE not in repr(row)


@pytest.mark.parametrize("operation", sorted(ALL.keys() - REFUSED_NEVER))
async def test_a_refused_write_leaves_no_row(place: Place, operation: str) -> None:
    """Of something that there is not, with a body that is none."""
    call = await ALL[operation](place)
    path = routes_that_write(place.server)[operation].path_format
    before = len(await newest(place.server))
    nothing = re.sub(r"\{[^}]+\}", "nothing", path)
    answer = await place.client.request(call.method, nothing, json=None if call.body is None else [])
    assert answer.is_client_error
    assert await newest(place.server, before) == []


async def test_a_trigger_that_is_refused_leaves_a_row_as_it_leaves_a_run(place: Place) -> None:
    answer = await place.client.post("/api/pipelines/nothing/run")
    assert answer.status_code == 404
    (row,) = await newest(place.server)
    assert (row.action, row.target) == ("run.triggered", answer.json()["fields"]["run_id"])
    assert row.after is not None
    assert (row.after["status"], row.after["reason"]) == ("SKIPPED", answer.json()["detail"])


async def test_a_write_that_changes_nothing_leaves_no_row(place: Place) -> None:
    await place.repository()
    before = len(await newest(place.server))
    assert (await place.client.patch("/api/repositories/data", json={"subdir": ""})).is_success
    schedule = await place.schedule()
    assert (await place.client.post(f"/api/schedules/{schedule}/resume")).is_success
    (row,) = await newest(place.server, before)
    assert row.action == "schedule.created"


async def test_a_run_asked_for_twice_with_one_key_leaves_one_row(place: Place) -> None:
    headers = {"Idempotency-Key": "k"}
    first = await place.client.post("/api/pipelines/hello/run", headers=headers)
    again = await place.client.post("/api/pipelines/hello/run", headers=headers)
    (row,) = await newest(place.server)
    assert row.target == first.json()["id"] == again.json()["id"]


async def test_of_variables_and_parameters_the_names_are_kept(place: Place) -> None:
    await (await WRITES["start_run"](place)).by(place.client)
    (row,) = await newest(place.server)
    assert row.after is not None
    assert (row.after["variables"], row.after["parameters"]) == (["PASSWORD"], ["key"])


async def test_a_new_push_secret_is_told_as_changed(place: Place) -> None:
    await (await WRITES["change_repository"](place)).by(place.client)
    row = (await newest(place.server))[-1]
    assert (row.before, row.after) == ({}, {"push_secret": "•••"})


async def test_what_comes_by_itself_leaves_no_row(place: Place) -> None:
    await place.schedule()
    before = len(await newest(place.server))
    await place.server.trigger("hello")
    await place.world.clock.advance(timedelta(days=1))
    await place.server.parts.scheduling.scheduler.tick()
    rows = await newest(place.server, before)
    assert [row.actor_kind for row in rows] == [ActorKind.SYSTEM], "the first was asked for by the test"
