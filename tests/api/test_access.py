"""The table of access: every route is in it, and who calls is known to whatever the route does."""

import httpx2
import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import iter_route_contexts

from fastflow.api.access import ACCESS, SCOPES, Needed, Open
from fastflow.api.guard import GuardedRoute, check_table
from fastflow.domain.actor import SYSTEM, ActorKind, acting
from fastflow.domain.role import Role
from tests.plugins.world import Instance


def app_of(*, is_guarded: bool = True) -> FastAPI:
    """Return an app whose one route says who acts; it bears the name of a real one."""
    router = APIRouter(route_class=GuardedRoute) if is_guarded else APIRouter()

    @router.get("/look")
    async def get_graph() -> str:  # pyright: ignore[reportUnusedFunction] - the router has it
        return acting.get().kind

    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.include_router(router)
    return app


async def test_every_route_of_the_server_stands_in_the_table_and_nothing_else_does(server: Instance) -> None:
    names = [each.name for each in iter_route_contexts(server.app.routes)]
    assert sorted(ACCESS) == sorted(set(map(str, names)))
    assert len(names) == len(set(names)), "two routes of one name would share a line"


@pytest.mark.parametrize(
    ("access", "problem"),
    [
        ({}, "get_graph is in no line"),
        ({"get_graph": Role.VIEWER, "gone": Role.VIEWER}, "gone in api/access.py is no route"),
    ],
)
def test_a_server_whose_table_has_a_gap_does_not_start(access: dict[str, Needed], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        check_table(app_of().routes, access)


def test_a_route_that_nothing_guards_may_only_be_a_public_one() -> None:
    routes = app_of(is_guarded=False).routes
    check_table(routes, {"get_graph": Open.PUBLIC})
    with pytest.raises(ValueError, match="get_graph is no GuardedRoute"):
        check_table(routes, {"get_graph": Role.VIEWER})
    check_table(app_of().routes, {"get_graph": Role.VIEWER})


def test_what_a_scoped_credential_may_do_is_said_of_operations_that_exist() -> None:
    assert SCOPES.keys() <= ACCESS.keys()


async def test_who_acts_is_known_during_a_call_and_forgotten_after_it(server: Instance) -> None:
    app = app_of()
    app.state.services = server.parts.services
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        assert (await client.get("/look")).json() == ActorKind.LOCAL
    assert acting.get() is SYSTEM


async def test_the_description_says_of_every_guarded_operation_whom_it_lets_in(
    client: httpx2.AsyncClient,
) -> None:
    schema = (await client.get("/api/openapi.json")).json()
    for operations in schema["paths"].values():
        for operation in operations.values():
            needed = ACCESS[operation["operationId"]]
            is_guarded = needed not in (Open.PUBLIC, Open.OWN_CREDENTIAL)
            assert ("security" in operation) == is_guarded
            assert not is_guarded or {"401", "403"} <= operation["responses"].keys()
