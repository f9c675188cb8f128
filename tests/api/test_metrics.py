"""What a run uses, over HTTP: samples with the marks to draw beside them, and live."""

import asyncio

import httpx2

from fastflow.domain.run import RunStatus
from tests.api.event_stream import events_of
from tests.plugins.world import Instance, World

MIB = 1024 * 1024


async def running(client: httpx2.AsyncClient, server: Instance) -> str:
    run_id: str = (await client.post("/api/pipelines/hello/run")).json()["id"]
    await server.claim_all()
    await server.until(run_id, RunStatus.RUNNING)
    return run_id


async def until_stored(server: Instance, run_id: str, samples: int) -> None:
    async for _ in server.logs.beats(run_id, every_seconds=0.01):
        if len(await server.logs.samples(run_id)) >= samples:
            return


async def test_samples_come_with_the_limits_of_the_run(
    client: httpx2.AsyncClient, server: Instance, world: World
) -> None:
    world.source.put("hello", manifest='{"mem_hard_limit": "256m", "cpu_soft_limit": 0.5}')
    run_id = await running(client, server)
    world.executor.use(run_id, cpu_percent=42.5, memory_bytes=7 * MIB)
    await until_stored(server, run_id, 1)
    metrics = (await client.get(f"/api/runs/{run_id}/metrics")).json()
    assert [(s["cpu_percent"], s["memory_bytes"]) for s in metrics["samples"]] == [(42.5, 7 * MIB)]
    assert (metrics["memory_limit_bytes"], metrics["soft_cpu_limit_cores"]) == (256 * MIB, 0.5)


async def test_an_attempt_that_does_not_exist_has_no_samples(
    client: httpx2.AsyncClient, server: Instance
) -> None:
    run_id = await running(client, server)
    answer = await client.get(f"/api/runs/{run_id}/metrics", params={"attempt": 7})
    assert (answer.status_code, answer.json()["code"]) == (404, "attempt_not_found")


async def test_live_samples_come_once_each_and_the_stream_ends_with_the_run(
    client: httpx2.AsyncClient, server: Instance, world: World
) -> None:
    run_id = await running(client, server)
    viewer = asyncio.create_task(client.get(f"/api/runs/{run_id}/metrics/stream"))
    for number in range(3):
        world.executor.use(run_id, cpu_percent=number, memory_bytes=MIB)
        await until_stored(server, run_id, number + 1)
    world.executor.finish(run_id)
    *samples, end = events_of((await viewer).text)
    assert [sample.data["cpu_percent"] for sample in samples] == [0, 1, 2]
    assert (end.name, end.data["status"]) == ("end", "SUCCESS")


async def test_a_listener_who_comes_back_gets_the_samples_that_it_missed(
    client: httpx2.AsyncClient, server: Instance, world: World
) -> None:
    run_id = await running(client, server)
    for number in range(3):
        world.executor.use(run_id, cpu_percent=number, memory_bytes=MIB)
        await until_stored(server, run_id, number + 1)
    world.executor.finish(run_id)
    await server.until(run_id, RunStatus.SUCCESS)
    stream = f"/api/runs/{run_id}/metrics/stream"
    first, *_ = events_of((await client.get(stream)).text)
    assert first.id is not None
    *samples, _ = events_of((await client.get(stream, headers={"Last-Event-ID": first.id})).text)
    assert [sample.data["cpu_percent"] for sample in samples] == [1, 2]


async def test_a_place_in_the_stream_of_samples_that_is_none_is_refused(
    client: httpx2.AsyncClient, server: Instance
) -> None:
    run_id = await running(client, server)
    answer = await client.get(f"/api/runs/{run_id}/metrics/stream", headers={"Last-Event-ID": "40"})
    assert (answer.status_code, answer.json()["code"]) == (422, "last_event_id_invalid")
