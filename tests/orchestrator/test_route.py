"""The route that a run chooses: taken from its last attempt, stored with it, decisive for what follows."""

from datetime import timedelta
from pathlib import Path

from fastflow.domain.run import RunStatus
from tests.orchestrator.chained import Start, chained, follows, names
from tests.plugins.world import Instance, World


def write(path: Path, text: str) -> None:
    path.write_text(text)


async def begun(server: Instance, world: World) -> str:
    """Let a run of `up` begin and wait until it is told to end; return its id."""
    run_id = await server.trigger("up")
    await server.claim_all()
    await world.executor.started(run_id)
    return run_id


async def end(server: Instance, world: World, run_id: str, route: str | None, exit_code: int = 0) -> None:
    """Let its attempt write a route and exit."""
    if route is not None:
        write((await world.executor.started(run_id)).directory / "route", route)
    world.executor.finish(run_id, exit_code)
    await server.worker.join()


async def test_the_route_decides_what_follows(world: World, start: Start) -> None:
    server = await start()
    small, large = {"pipeline": "small", "on_route": "small"}, {"pipeline": "large", "on_route": ["large"]}
    world.source.put("up", manifest=follows(small, large, "always"))
    for name in ("small", "large", "always"):
        world.source.put(name)
    run_id = await begun(server, world)
    await end(server, world, run_id, "large\n")
    await chained(server)
    assert (await server.get(run_id)).run.route == "large"
    assert await names(server, run_id) == ["large", "always"]


async def test_without_a_route_what_asks_for_one_stays_silent(world: World, start: Start) -> None:
    server = await start()
    world.source.put("up", manifest=follows({"pipeline": "small", "on_route": "small"}))
    world.source.put("small")
    run_id = await begun(server, world)
    await end(server, world, run_id, None)
    await chained(server)
    assert (await server.get(run_id)).run.route is None
    assert await names(server, run_id) == []


async def test_a_failed_run_chooses_its_route_too(world: World, start: Start) -> None:
    server = await start()
    world.source.put("up", manifest=follows({"pipeline": "mend", "on_route": "bad", "on_failure": True}))
    world.source.put("mend")
    run_id = await begun(server, world)
    await end(server, world, run_id, "bad", exit_code=1)
    await chained(server)
    assert await names(server, run_id) == ["mend"]


async def test_only_the_last_attempt_chooses_the_route(world: World, start: Start) -> None:
    server = await start()
    retry = {"retry_attempts": 1, "retry_strategy": {"type": "fixed_delay", "delay": 10}}
    world.source.put("up", manifest=follows("down", **retry))
    run_id = await begun(server, world)
    await end(server, world, run_id, "first", exit_code=1)
    assert (await server.get(run_id)).run.route is None
    await world.clock.advance(timedelta(seconds=12))
    await server.claim_all()
    await world.executor.started(run_id, 2)
    await end(server, world, run_id, None)
    run = (await server.get(run_id)).run
    assert (run.status, run.route) == (RunStatus.SUCCESS, None)


async def test_a_cancelled_run_has_no_route(world: World, start: Start) -> None:
    server = await start()
    world.source.put("up")
    run_id = await begun(server, world)
    write((await world.executor.started(run_id)).directory / "route", "large")
    await server.until(run_id, RunStatus.RUNNING)
    await server.runs.cancel(run_id)
    await server.worker.join()
    run = (await server.get(run_id)).run
    assert (run.status, run.route) == (RunStatus.CANCELLED, None)


async def test_an_unreadable_route_is_a_warning_and_never_a_failure(world: World, start: Start) -> None:
    server = await start()
    world.source.put("up")
    run_id = await begun(server, world)
    (await world.executor.started(run_id)).directory.joinpath("route").mkdir()
    await end(server, world, run_id, None)
    run = (await server.get(run_id)).run
    assert (run.status, run.route) == (RunStatus.SUCCESS, None)
    assert run.warnings == [
        "FASTFLOW_ROUTE_FILE was ignored: it is not a regular file. Write one line of plain text into it."
    ]


async def test_an_adopted_attempt_keeps_the_route_that_it_chose(world: World, start: Start) -> None:
    first = await start()
    world.source.put("up")
    run_id = await begun(first, world)
    await first.until(run_id, RunStatus.RUNNING)
    await first.end()
    write((await world.executor.started(run_id)).directory / "route", "large")
    world.executor.finish(run_id)
    second = await start()
    await second.reconciler.tick()
    await second.worker.join()
    run = (await second.get(run_id)).run
    assert (run.status, run.route) == (RunStatus.SUCCESS, "large")
