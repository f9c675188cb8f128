"""What the rows of a list of pipelines show: the list itself, the last runs, the next occurrence."""

from datetime import timedelta

import httpx2

from fastflow.api.schemas.pipelines import PipelineList
from fastflow.domain.run import RunStatus
from fastflow.services.api_tokens import TokenWish
from tests.api.access_credentials import Makers
from tests.plugins.world import Instance, World


async def test_the_last_thirty_runs_of_each_come_newest_first(
    client: httpx2.AsyncClient, server: Instance, world: World
) -> None:
    world.source.put("other")
    cancelled = await server.trigger("other")
    await server.runs.cancel(cancelled)
    made = [await server.trigger("hello") for _ in range(31)]
    answer = await client.get("/api/runs/recent?pipeline_name=hello&pipeline_name=other")
    hello, other = answer.json()["pipelines"]
    assert [run["id"] for run in hello["runs"]] == made[:0:-1]
    assert [(run["id"], run["status"]) for run in other["runs"]] == [(cancelled, "CANCELLED")]
    assert hello["runs"][0]["duration_seconds"] is None
    assert other["next_due_at"] is None


async def test_a_run_that_has_ended_tells_how_long_it_took(
    client: httpx2.AsyncClient, server: Instance, world: World
) -> None:
    run = await server.trigger("hello")
    await server.claim_all()
    await server.until(run, RunStatus.RUNNING)
    await world.clock.advance(timedelta(seconds=7))
    world.executor.finish(run)
    await server.until(run, RunStatus.SUCCESS)
    (shown,) = (await client.get("/api/runs/recent?pipeline_name=hello")).json()["pipelines"]
    assert [(each["id"], each["duration_seconds"]) for each in shown["runs"]] == [(run, 7.0)]


async def test_the_next_occurrence_is_of_the_schedules_that_start_runs(
    client: httpx2.AsyncClient, server: Instance, world: World
) -> None:
    world.source.put(
        "timed",
        manifest='{"schedules": [{"id": "often", "schedule_interval_seconds": 60}, '
        '{"id": "rare", "schedule_interval_seconds": 3600}]}',
    )
    await server.pipelines.refresh()

    async def next_due() -> str | None:
        (shown,) = (await client.get("/api/runs/recent?pipeline_name=timed")).json()["pipelines"]
        return shown["next_due_at"]

    assert await next_due() == "2030-01-01T00:01:00Z"
    listed = (await client.get("/api/schedules?pipeline_name=timed")).json()["schedules"]
    often, rare = (schedule["id"] for schedule in listed)
    await client.post(f"/api/schedules/{often}/pause")
    assert await next_due() == "2030-01-01T01:00:00Z"
    await client.post(f"/api/schedules/{rare}/pause")
    assert await next_due() is None


async def test_a_hundred_pipelines_can_be_asked_for_and_no_more(client: httpx2.AsyncClient) -> None:
    names = [f"pipeline_name=p{number}" for number in range(101)]
    most = await client.get(f"/api/runs/recent?{'&'.join(names[:100])}")
    assert [each["runs"] for each in most.json()["pipelines"]] == [[]] * 100
    assert (await client.get(f"/api/runs/recent?{'&'.join(names)}")).status_code == 422
    assert (await client.get("/api/runs/recent")).status_code == 422


async def test_a_credential_for_a_pipeline_sees_the_rows_of_no_other(
    client: httpx2.AsyncClient, server: Instance, world: World
) -> None:
    world.source.put("other")
    await server.pipelines.refresh()
    makers = Makers(server)
    await makers.begin()
    made = await makers.accounts.api_tokens.create("root", TokenWish("t", pipelines=("hello",)))
    headers = {"Authorization": f"Bearer {made.token}"}
    strip = await client.get("/api/runs/recent?pipeline_name=other&pipeline_name=hello", headers=headers)
    assert [each["pipeline_name"] for each in strip.json()["pipelines"]] == ["hello"]
    listed = await client.get("/api/pipelines", headers=headers)
    assert [each["name"] for each in listed.json()["pipelines"]] == ["hello"]


async def test_the_list_says_of_each_pipeline_what_a_look_at_it_says_but_for_the_manifest(
    client: httpx2.AsyncClient, server: Instance, world: World
) -> None:
    world.source.put(
        "hello",
        manifest='{"description": "Says it.", "tags": ["a"], "downstream_triggers": [{"pipeline": "gone"}]}',
    )
    world.source.put("broken", manifest='{"timeout": "soon"}', hint="Rename it.")
    await server.pipelines.refresh()
    await server.runs.cancel(await server.trigger("hello"))
    answer = await client.get("/api/pipelines")
    listed = answer.json()["pipelines"]
    assert PipelineList.model_validate_json(answer.content).model_dump(mode="json") == answer.json()
    assert [each["name"] for each in listed] == ["broken", "hello"]
    for each in listed:
        shown = (await client.get(f"/api/pipelines/{each['name']}")).json()
        del shown["manifest"], each["is_failing"]
        assert each == shown
    assert listed[1]["statistics"]["cancelled"] == 1
    assert listed[1]["problems"][0]["message"] == "there is no pipeline 'gone' to start"


async def test_the_list_says_whose_newest_result_is_a_failure(
    client: httpx2.AsyncClient, server: Instance, world: World
) -> None:
    world.source.put("other")

    async def end(pipeline: str, exit_code: int) -> None:
        run = await server.trigger(pipeline)
        await server.claim_all()
        await server.until(run, RunStatus.RUNNING)
        world.executor.finish(run, exit_code)
        await server.until(run, RunStatus.FAILED if exit_code else RunStatus.SUCCESS)

    async def failing() -> list[str]:
        listed = (await client.get("/api/pipelines")).json()["pipelines"]
        return [pipeline["name"] for pipeline in listed if pipeline["is_failing"]]

    await end("hello", 1)
    await end("other", 0)
    assert await failing() == ["hello"]
    await server.runs.cancel(await server.trigger("hello"))
    assert await failing() == ["hello"]
    await end("hello", 0)
    await end("other", 1)
    assert await failing() == ["other"]
