"""The graph of pipelines over HTTP, and what a run shows of its neighbours."""

import httpx2
import pytest

from fastflow.store.tables import RunRow
from tests.orchestrator.chained import chained, finished, followers, follows
from tests.plugins.world import Instance, World


@pytest.fixture
async def pipelines(world: World, server: Instance) -> None:
    """`extract` starts `load` or, after a failure, `alarm`; `load` leads back; `nosuch` is nowhere."""
    alarm = {"pipeline": "alarm", "on_success": False, "on_failure": True}
    back = {"pipeline": "extract", "on_route": "again"}
    world.source.put("extract", manifest=follows("load", alarm))
    world.source.put("load", manifest=follows(back, "nosuch"))
    world.source.put("alarm", manifest='{"enabled": false}')
    await server.pipelines.refresh()


@pytest.mark.usefixtures("pipelines")
async def test_the_graph_has_every_pipeline_every_trigger_and_every_cycle(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/api/graph")
    assert answer.status_code == 200
    graph = answer.json()
    assert graph["pipelines"] == [
        {"name": "alarm", "is_valid": True, "is_enabled": False},
        {"name": "extract", "is_valid": True, "is_enabled": True},
        {"name": "hello", "is_valid": True, "is_enabled": True},
        {"name": "load", "is_valid": True, "is_enabled": True},
    ]
    assert [(edge["from"], edge["to"], edge["is_known"]) for edge in graph["edges"]] == [
        ("extract", "load", True),
        ("extract", "alarm", True),
        ("load", "extract", True),
        ("load", "nosuch", False),
    ]
    assert graph["edges"][1] == {
        "from": "extract",
        "to": "alarm",
        "on_success": False,
        "on_failure": True,
        "on_routes": None,
        "run_config_id": None,
        "is_known": True,
    }
    assert graph["edges"][2]["on_routes"] == ["again"]
    assert graph["cycles"] == [["extract", "load", "extract"]]


@pytest.mark.usefixtures("pipelines")
async def test_a_pipeline_shows_its_neighbours_and_is_warned_of_cycles_and_unknown_names(
    client: httpx2.AsyncClient,
) -> None:
    load = (await client.get("/api/pipelines/load")).json()
    assert (load["upstream"], load["downstream"]) == (["extract"], ["extract", "nosuch"])
    assert load["is_valid"]
    assert [(p["severity"], p["field"]) for p in load["problems"]] == [
        ("warning", "downstream_triggers[1].pipeline"),
        ("warning", "downstream_triggers"),
    ]
    listed = (await client.get("/api/pipelines")).json()["pipelines"]
    assert {p["name"]: len(p["problems"]) for p in listed} == {
        "alarm": 0,
        "extract": 1,
        "hello": 0,
        "load": 2,
    }


@pytest.mark.usefixtures("pipelines")
async def test_the_graph_follows_the_manifests(
    client: httpx2.AsyncClient, world: World, server: Instance
) -> None:
    assert await server.parts.services.graph.cycles() == [["extract", "load", "extract"]]
    world.source.put("load")
    world.source.drop("alarm")
    await server.pipelines.refresh()
    graph = (await client.get("/api/graph")).json()
    assert graph["cycles"] == []
    assert [(edge["to"], edge["is_known"]) for edge in graph["edges"]] == [("load", True), ("alarm", False)]


@pytest.mark.usefixtures("pipelines")
async def test_a_manifest_that_is_wrong_for_now_does_not_tear_the_graph(
    client: httpx2.AsyncClient, world: World, server: Instance
) -> None:
    world.source.put("load", manifest='{"timeout": "soon"}')
    await server.pipelines.refresh()
    graph = (await client.get("/api/graph")).json()
    assert len(graph["edges"]) == 4
    assert {p["name"]: p["is_valid"] for p in graph["pipelines"]}["load"] is False


async def chain_of_two(server: Instance, world: World) -> tuple[str, RunRow]:
    world.source.put("up", manifest=follows("down", "nosuch"))
    world.source.put("down")
    run_id = await finished(server, world)
    await chained(server)
    return run_id, (await followers(server, run_id))[0]


async def test_a_run_shows_what_it_started_and_what_started_it(
    client: httpx2.AsyncClient, world: World, server: Instance
) -> None:
    run_id, follower = await chain_of_two(server, world)
    up = (await client.get(f"/api/runs/{run_id}")).json()
    assert up["upstream_run_id"] is None
    assert up["why"] == "Started over the API."
    assert [(run["pipeline_name"], run["status"]) for run in up["downstream"]] == [
        ("down", "PENDING"),
        ("nosuch", "SKIPPED"),
    ]
    assert up["downstream"][0]["id"] == follower.id
    down = (await client.get(f"/api/runs/{follower.id}")).json()
    assert (down["upstream_run_id"], down["downstream"]) == (run_id, [])
    assert down["why"] == f"Run {run_id} of up ended as SUCCESS."
    listed = (await client.get("/api/runs", params={"upstream_run_id": run_id})).json()["runs"]
    assert {run["pipeline_name"] for run in listed} == {"down", "nosuch"}


async def test_a_repeated_run_says_what_it_repeats_and_why_that_one_ran(
    client: httpx2.AsyncClient, world: World, server: Instance
) -> None:
    run_id, follower = await chain_of_two(server, world)
    await client.post(f"/api/runs/{follower.id}/cancel")
    again = (await client.post(f"/api/runs/{follower.id}/retry")).json()
    detail = (await client.get(f"/api/runs/{again['id']}")).json()
    assert detail["why"] == f"Repeats run {follower.id}. That one: Run {run_id} of up ended as SUCCESS."
    up = (await client.get(f"/api/runs/{run_id}")).json()
    assert again["id"] not in [run["id"] for run in up["downstream"]], "a user has started it"
