"""The first page over HTTP: what runs, what waits and for what, what failed, how the server does."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx2

from fastflow.domain.log import LogKey, Sample
from fastflow.domain.run import RunStatus
from fastflow.services.api_tokens import TokenWish
from tests.api.access_credentials import Makers
from tests.plugins.world import Instance, World


async def overview(client: httpx2.AsyncClient, headers: dict[str, str] | None = None) -> dict[str, Any]:
    answer = await client.get("/api/overview", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def done(server: Instance, pipeline: str, exit_code: int = 0, after: timedelta = timedelta()) -> str:
    """Run a pipeline to its end."""
    run = await server.trigger(pipeline)
    await server.claim_all()
    await server.until(run, RunStatus.RUNNING)
    await server.world.clock.advance(after)
    server.world.executor.finish(run, exit_code)
    await server.until(run, RunStatus.FAILED if exit_code else RunStatus.SUCCESS)
    return run


async def test_a_server_on_which_nothing_ever_ran_says_so(
    client: httpx2.AsyncClient, server: Instance
) -> None:
    assert (await overview(client))["is_empty"]
    await server.pipelines.refresh()
    empty = await overview(client)
    assert (empty["is_empty"], empty["has_pipelines"], empty["has_runs"]) == (True, True, False)
    await server.trigger("hello")
    assert not (await overview(client))["is_empty"]


async def test_what_runs_is_shown_with_what_it_uses_and_how_long_it_will_take(
    client: httpx2.AsyncClient, server: Instance, world: World
) -> None:
    world.source.put("hello", manifest='{"mem_hard_limit": "1g", "cpu_soft_limit": 0.5}')
    for seconds in (10, 60, 20):
        await done(server, "hello", after=timedelta(seconds=seconds))
    run = await server.trigger("hello")
    await server.claim_all()
    await server.until(run, RunStatus.RUNNING)
    world.executor.use(run, 40.0, 123_456)
    async for _ in server.logs.beats(run, 0.01):
        if await server.logs.samples(run):
            break
    seen = await overview(client)
    (shown,) = seen["running"]
    assert (shown["run_id"], shown["attempt"], shown["status"]) == (run, 1, "RUNNING")
    assert shown["estimated_seconds"] == 20
    assert (shown["sample"]["cpu_percent"], shown["sample"]["memory_bytes"]) == (40.0, 123_456)
    assert (shown["memory_limit_bytes"], shown["soft_cpu_limit_cores"]) == (1024**3, 0.5)
    assert seen["slots"] == {"limit": 10, "used": 1}
    assert seen["ended_lately"] == {"succeeded": 3, "failed": 0, "cancelled": 0, "skipped": 0}


async def test_what_never_succeeded_has_no_estimate(client: httpx2.AsyncClient, server: Instance) -> None:
    await done(server, "hello", exit_code=1)
    await server.trigger("hello")
    await server.claim_all()
    (shown,) = (await overview(client))["running"]
    assert shown["estimated_seconds"] is None
    assert shown["sample"] is None


async def test_what_waits_says_for_what(
    client: httpx2.AsyncClient, start: Callable[..., Awaitable[Instance]], world: World
) -> None:
    world.source.put("single", manifest='{"max_instances": 1}')
    world.source.put(
        "flaky", manifest='{"retry_attempts": 1, "retry_strategy": {"type": "fixed_delay", "delay": 90}}'
    )
    server = await start(slots=2, host="small")
    single, flaky = await server.trigger("single"), await server.trigger("flaky")
    await server.claim_all()
    await server.until(flaky, RunStatus.RUNNING)
    world.executor.finish(flaky, 3)
    await server.until(flaky, RunStatus.RETRYING)
    behind = await server.trigger("single")
    about = await server.trigger("hello")
    page = httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=server.app), base_url="http://127.0.0.1:8000", trust_env=False
    )
    async with page:
        seen = await overview(page)
        waits = {queued["run_id"]: queued["waits_for"] for queued in seen["queued"]}
        assert waits == {flaky: "retry", behind: "pipeline", about: "turn"}
        assert seen["queued_total"] == 3
        await server.claim_all()
        last = await server.trigger("hello")
        seen = await overview(page)
    assert {queued["run_id"]: queued["waits_for"] for queued in seen["queued"]}[last] == "slot"
    assert {running["run_id"] for running in seen["running"]} == {single, about}
    sentences = {queued["run_id"]: queued["reason"] for queued in seen["queued"]}
    assert "The next attempt is due at 00:0" in sentences[flaky]
    assert "`max_instances`" in sentences[behind]
    assert "All 2 slots" in sentences[last]


async def test_what_failed_lately_is_told_with_its_reason(
    client: httpx2.AsyncClient, server: Instance, world: World
) -> None:
    old = await done(server, "hello", exit_code=1)
    await world.clock.advance(timedelta(hours=25))
    first, second = await done(server, "hello", exit_code=7), await done(server, "hello", exit_code=9)
    failed = (await overview(client))["failed_lately"]
    assert [run["run_id"] for run in failed if run["run_id"] != old] == [second, first]
    assert old not in {run["run_id"] for run in failed}
    assert "9" in failed[0]["reason"]


async def test_the_health_of_the_parts_is_told(client: httpx2.AsyncClient, server: Instance) -> None:
    before = (await overview(client))["health"]
    assert before["is_ready"]
    assert {check["name"] for check in before["checks"]} >= {"database", "executor"}
    assert not before["scheduler"]["is_alive"]
    assert 0 < before["disk"]["free_bytes"] <= before["disk"]["total_bytes"]
    assert before["failed_syncs"] == []
    await server.parts.scheduling.scheduler.tick()
    assert (await overview(client))["health"]["scheduler"]["is_alive"]
    await server.world.clock.advance(timedelta(minutes=1))
    assert not (await overview(client))["health"]["scheduler"]["is_alive"]


async def test_a_credential_for_a_pipeline_sees_nothing_of_others(
    client: httpx2.AsyncClient, server: Instance, world: World
) -> None:
    world.source.put("other")
    own, foreign = await server.trigger("hello"), await server.trigger("other")
    await done(server, "other", exit_code=1)
    makers = Makers(server)
    await makers.begin()
    made = await makers.accounts.api_tokens.create("root", TokenWish("t", pipelines=("hello",)))
    answer = await client.get("/api/overview", headers={"Authorization": f"Bearer {made.token}"})
    assert own in answer.text
    assert foreign not in answer.text
    assert answer.json()["ended_lately"]["failed"] == 0
    assert answer.json()["failed_lately"] == []
    assert answer.json()["running_total"] == 1


async def test_the_newest_sample_is_read_from_the_end(server: Instance) -> None:
    run, metrics = await server.trigger("hello"), server.tools.metrics
    key, none = LogKey(run, 1), LogKey(run, 2)
    await metrics.append(key, [Sample(1, 1.0, 10), Sample(2, 2.0, 20)])
    assert await metrics.newest([key, none]) == [Sample(2, 2.0, 20), None]
