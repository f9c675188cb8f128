"""What is deleted, and what a run may still need."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from fastflow.domain.environment import StoreBounds
from fastflow.domain.errors import Unavailable
from fastflow.domain.run import RunStatus
from fastflow.orchestrator.janitor import Janitor
from fastflow.services.environment_store import EnvironmentStore
from fastflow.services.retention import EVENTS_KEPT_FOR, REPEATABLE_FOR, Retention
from fastflow.store import events
from tests.plugins.world import Instance, World

Start = Callable[..., Awaitable[Instance]]


def janitor_of(server: Instance) -> Janitor:
    retention = Retention(server.database, server.world.clock)
    world = server.world
    store = EnvironmentStore(server.database, world.environments, retention, world.clock, StoreBounds())
    return Janitor(retention, store, server.tools)


async def test_folders_that_a_crash_left_are_gone_after_the_next_start(world: World, start: Start) -> None:
    first = await start()
    world.source.put("p")
    run_id = await first.trigger()
    await first.claim_all()
    await first.until(run_id, RunStatus.RUNNING)
    left = await first.tools.directories.create("00000000-0000-7000-8000-000000000000", 1, {})
    second = await start()
    await janitor_of(second).begin()
    assert not left.exists()
    assert len(list((world.path / "attempts").iterdir())) == 1, "the running attempt keeps its folder"


async def test_the_code_of_a_run_is_kept_as_long_as_it_can_be_repeated(world: World, start: Start) -> None:
    server = await start()
    old = world.source.put("p")
    world.executor.script("p")
    await server.trigger()
    await server.claim_all()
    await server.worker.join()
    world.source.put("p", {"main.py": "print('new')"})
    await server.pipelines.refresh()
    janitor = janitor_of(server)
    await janitor.tick()
    assert (await world.source.checkout("p", old)).is_dir()
    await world.clock.advance(REPEATABLE_FOR + timedelta(days=1))
    assert await world.source.collect((await Retention(server.database, world.clock).in_use()).revisions) == 1


async def test_environments_of_active_runs_are_kept(world: World, start: Start) -> None:
    server = await start()
    world.source.put("p")
    run_id = await server.trigger()
    await server.claim_all()
    await server.until(run_id, RunStatus.RUNNING)
    await janitor_of(server).tick()
    (_, kept) = world.environments.collected[-1]
    assert kept == {"python-default"}


async def test_environments_that_can_not_be_deleted_keep_nothing_else_from_being_tidied(
    world: World, start: Start
) -> None:
    server = await start()
    world.environments.collect_error = Unavailable("executor_unavailable", "The Engine is away.")
    tidied: list[str] = []

    async def tidy() -> None:
        tidied.append("chore")

    retention = Retention(server.database, world.clock)
    store = EnvironmentStore(server.database, world.environments, retention, world.clock, StoreBounds())
    await Janitor(retention, store, server.tools, [tidy]).tick()
    assert tidied == ["chore"]


async def test_old_events_are_forgotten_and_recent_ones_kept(world: World, start: Start) -> None:
    server = await start()
    world.source.put("p")
    await server.trigger()
    await world.clock.advance(EVENTS_KEPT_FOR + timedelta(hours=1))
    recent = await server.trigger()
    await janitor_of(server).tick()
    left = await server.database.read(lambda session: events.after(session, 0, 100))
    assert {event.run_id for event in left} == {recent}
