"""What happens, as lists hear of it."""

import httpx2

from tests.api.event_stream import listen
from tests.plugins.world import Instance, World


async def test_a_listener_hears_the_life_of_a_run_in_order(
    client: httpx2.AsyncClient, server: Instance, world: World
) -> None:
    world.executor.script("hello", exit_code=4)
    run_id = (await client.post("/api/pipelines/hello/run")).json()["id"]
    await server.claim_all()
    await server.worker.join()
    heard = await listen(
        server.app, "/api/events", lambda e: any(x.name == "run.finished" for x in e), last_event_id="0"
    )
    events = [event for event in heard if event.data["run_id"] == run_id]
    assert [event.name for event in events] == ["run.created", "run.started", "run.finished"]
    payload = events[-1].data["payload"]
    assert isinstance(payload, dict)
    assert (payload["status"], payload["exit_code"]) == ("FAILED", 4)
    numbers = [int(event.id or 0) for event in heard]
    assert numbers == sorted(set(numbers))


async def test_a_listener_that_comes_back_hears_only_what_it_missed(
    client: httpx2.AsyncClient, server: Instance
) -> None:
    first = (await client.post("/api/pipelines/hello/run")).json()["id"]
    before = await listen(
        server.app, "/api/events", lambda e: any(x.data["run_id"] == first for x in e), last_event_id="0"
    )
    missed = (await client.post("/api/pipelines/hello/run")).json()["id"]
    after = await listen(server.app, "/api/events", bool, last_event_id=before[-1].id or "")
    assert [event.data["run_id"] for event in after] == [missed]
