"""What is kept of environments, and who may delete it."""

from datetime import timedelta

import httpx2

from fastflow.domain.run import RunStatus
from tests.plugins.world import Instance, World

GIB = 1024**3


async def test_each_is_listed_with_its_pipelines_and_all_with_what_they_take(
    client: httpx2.AsyncClient, server: Instance, world: World
) -> None:
    world.source.put("report")
    await server.pipelines.refresh()
    await server.parts.warming.tick()
    world.environments.keep("python-default", timedelta(days=40))
    world.environments.keep("spare", timedelta(days=3))
    shown = (await client.get("/api/environments")).json()
    spare, used = shown["environments"]
    assert (spare["key"], spare["pipelines"], spare["is_in_use"]) == ("spare", [], False)
    assert "report" in used["pipelines"]
    assert used["is_in_use"]
    assert (shown["total_bytes"], shown["max_bytes"], shown["unused_days"]) == (2 * GIB, None, 30)


async def test_one_is_shown_with_its_packages(client: httpx2.AsyncClient, world: World) -> None:
    world.environments.keep("spare", timedelta(days=3))
    shown = (await client.get("/api/environments/spare")).json()
    assert shown["packages"] == [{"name": "six", "version": "1.17.0"}]
    missing = await client.get("/api/environments/nowhere")
    assert (missing.status_code, missing.json()["code"]) == (404, "environment_not_found")
    assert "fastflow env" in missing.json()["detail"]


async def test_what_nobody_needs_is_deleted_after_a_rehearsal_and_the_log_tells_who_did_it(
    client: httpx2.AsyncClient, server: Instance, world: World
) -> None:
    run = await server.trigger("hello")
    await server.claim_all()
    await server.until(run, RunStatus.RUNNING)
    world.environments.keep("python-default", timedelta(days=40))
    world.environments.keep("old", timedelta(days=31))
    world.environments.keep("young", timedelta(days=3))
    wanted = {"is_rehearsal": True}
    rehearsed = (await client.post("/api/environments/prune", json=wanted)).json()
    assert (rehearsed["environments"], len(world.environments.kept)) == (["old"], 3)
    done = (await client.post("/api/environments/prune")).json()
    assert (done["environments"], done["freed_bytes"]) == (["old"], GIB)
    sooner = (await client.post("/api/environments/prune", json={"unused_days": 2})).json()
    assert sooner["environments"] == ["young"]
    assert [each.key for each in world.environments.kept] == ["python-default"], "an active run has it"
    entries = (await client.get("/api/audit", params={"action": "environment.pruned"})).json()["entries"]
    assert [entry["after"]["count"] for entry in entries] == [1, 1]


async def test_a_wish_that_makes_no_sense_is_refused_by_its_field(client: httpx2.AsyncClient) -> None:
    refused = await client.post("/api/environments/prune", json={"unused_days": -1})
    assert (refused.status_code, "unused_days" in refused.json()["fields"]) == (422, True)
