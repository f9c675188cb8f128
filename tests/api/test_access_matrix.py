"""Every route with every kind of credential: exactly who is let in, generated from the table of access."""

from collections.abc import Mapping
from dataclasses import dataclass

import httpx2
import pytest

from fastflow.api.access import ACCESS, SCOPES, Open, Scope, allowed
from tests.api.access_credentials import Credential, Makers, ended, forged, let_in, scoped, unreadable
from tests.api.knocking import Door, doors_of, knock
from tests.api.let_in import LET_IN, Answer
from tests.plugins.world import Instance, World

MANIFEST = '{"schedule_cron": "0 3 * * *"}'


@dataclass
class Matrix:
    """A server with accounts, and what there is on it of two pipelines."""

    server: Instance
    make: Makers
    ids: Mapping[str, Mapping[str, str]]

    async def differences(
        self, credentials: Mapping[str, Credential], pipeline: str = "hello"
    ) -> dict[str, tuple[Answer, Answer]]:
        """Knock at every door with each; return what is not as it should be, and how that would be."""
        found: dict[str, tuple[Answer, Answer]] = {}
        doors = doors_of(self.server.app)
        assert len(doors) > len(ACCESS) > 50, "the matrix has lost its routes"
        for kind, credential in credentials.items():
            for door in doors:
                path = door.of(**self.ids[pipeline])
                got = await knock(self.server.app, door.method, path, credential.header)
                wanted = expected(door, credential, pipeline)
                if got != wanted:
                    found[f"{door.name} ({door.method}), {kind}"] = got, wanted
        return found


def expected(door: Door, credential: Credential, pipeline: str) -> Answer:
    """Return what a door has to answer."""
    needed, inside = ACCESS[door.name], LET_IN[door.name]
    if needed in (Open.PUBLIC, Open.OWN_CREDENTIAL):
        return inside
    if credential.refusal is not None:
        return 401, credential.refusal
    if isinstance(needed, Open):
        return (403, "not_for_tokens") if credential.is_token else inside
    if not credential.role.includes(needed):
        return 403, "role_too_low"
    if credential.pipeline is None:
        return inside
    return _expected_of_scoped(SCOPES.get(door.name), inside, is_own=credential.pipeline == pipeline)


def _expected_of_scoped(scope: Scope | None, inside: Answer, *, is_own: bool) -> Answer:
    if scope is None:
        return 403, "outside_scope"
    if is_own or scope is Scope.NARROWED:
        return inside
    hidden = {Scope.RUN: (404, "run_not_found"), Scope.SCHEDULE: (404, "schedule_not_found")}
    return hidden.get(scope, (403, "outside_scope"))


@pytest.fixture
async def matrix(server: Instance, world: World, client: httpx2.AsyncClient) -> Matrix:
    ids: dict[str, dict[str, str]] = {}
    for name in ("hello", "other"):
        world.source.put(name, manifest=MANIFEST)
    await server.pipelines.refresh()
    for name in ("hello", "other"):
        run = await server.trigger(name)
        await server.runs.cancel(run)
        (schedule,) = (await client.get(f"/api/schedules?pipeline_name={name}")).json()["schedules"]
        ids[name] = {"pipeline": name, "run_id": run, "schedule_id": schedule["id"]}
    make = Makers(server)
    await make.begin()
    return Matrix(server, make, ids)


def test_no_route_is_missing() -> None:
    assert LET_IN.keys() == ACCESS.keys(), "say in let_in.py what it answers to who is let in"


async def test_who_brings_nothing_that_can_be_read_is_let_in_nowhere(matrix: Matrix) -> None:
    assert await matrix.differences(unreadable()) == {}


async def test_no_forged_token_is_let_in_anywhere(matrix: Matrix) -> None:
    assert await matrix.differences(await forged(matrix.make)) == {}


async def test_what_has_ended_is_let_in_nowhere(matrix: Matrix) -> None:
    assert await matrix.differences(await ended(matrix.make)) == {}


async def test_every_role_gets_as_far_as_the_table_says(matrix: Matrix) -> None:
    assert await matrix.differences(await let_in(matrix.make)) == {}


@pytest.mark.parametrize("pipeline", ["hello", "other"])
async def test_a_token_for_a_pipeline_gets_as_far_as_that(matrix: Matrix, pipeline: str) -> None:
    assert await matrix.differences(await scoped(matrix.make), pipeline) == {}


async def test_everybody_is_told_what_they_may_call(matrix: Matrix) -> None:
    refusals = {(403, "role_too_low"), (403, "not_for_tokens"), (403, "outside_scope")}
    asked = {name for name, needed in ACCESS.items() if needed not in (Open.PUBLIC, Open.OWN_CREDENTIAL)}
    for kind, credential in {**await let_in(matrix.make), **await scoped(matrix.make)}.items():
        doors = {door.name: expected(door, credential, "hello") for door in doors_of(matrix.server.app)}
        actor = (await matrix.make.accounts.credentials.admit(credential.header, None)).actor
        assert set(allowed(actor)) == {name for name in asked if doors[name] not in refusals}, kind
