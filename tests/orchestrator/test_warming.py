"""Which environments are prepared before anybody asks for them, and what is shown of that."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from fastflow.domain.environment import EnvironmentFailed, EnvironmentStatus
from fastflow.domain.errors import Unavailable
from fastflow.domain.events import EventType
from fastflow.store import events
from fastflow.store.tables import PipelineRow
from tests.plugins.world import Instance, World

Start = Callable[..., Awaitable[Instance]]


async def found(server: Instance, *names: str) -> None:
    for name in names:
        server.world.source.put(name)
    await server.pipelines.refresh()


async def row(server: Instance, name: str = "p") -> PipelineRow:
    stored = {row.name: row for row in await server.pipelines.every()}[name]
    assert stored.environment_status == (await server.pipelines.look(name)).environment_status
    return stored


async def warm(server: Instance) -> int:
    """Prepare until nothing is due; return how many rounds that took."""
    rounds = 0
    while await server.parts.warming.tick():
        rounds += 1
    return rounds


async def test_a_new_pipeline_becomes_ready_and_everybody_is_told_of_each_step(start: Start) -> None:
    server = await start()
    await found(server, "p")
    assert (await row(server)).environment_status is EnvironmentStatus.UNKNOWN
    await warm(server)
    stored = await row(server)
    assert (stored.environment_status, stored.environment_revision) == (
        EnvironmentStatus.READY,
        stored.revision,
    )
    told = await server.database.read(lambda session: events.after(session, 0, 100))
    steps = [e.payload["environment_status"] for e in told if e.type is EventType.PIPELINE_CHANGED]
    assert steps == ["unknown", "waiting", "building", "ready"]


async def test_what_cannot_be_installed_is_shown_at_the_pipeline_until_it_is_edited(
    world: World, start: Start
) -> None:
    server = await start()
    world.environments.fail(EnvironmentFailed("no such package: sixx"))
    await found(server, "p")
    await warm(server)
    stored = await row(server)
    assert (stored.environment_status, stored.environment_reason) == (
        EnvironmentStatus.FAILED,
        "no such package: sixx",
    )
    assert await warm(server) == 0, "the same revision is not tried again"
    world.environments.recover()
    world.source.put("p", {"main.py": "2"})
    await server.pipelines.refresh()
    await warm(server)
    assert (await row(server)).environment_reason is None
    assert (await row(server)).environment_status is EnvironmentStatus.READY


async def test_a_trouble_of_the_platform_is_tried_again_after_longer_and_longer_pauses(
    world: World, start: Start
) -> None:
    server = await start()
    world.environments.fail(Unavailable("disk_full", "The disk is full."))
    await found(server, "p")
    await warm(server)
    assert (await row(server)).environment_status is EnvironmentStatus.WAITING
    assert (await row(server)).environment_reason == "The disk is full."
    await world.clock.advance(timedelta(seconds=31))
    assert await warm(server) == 1
    await world.clock.advance(timedelta(seconds=31))
    assert await warm(server) == 0
    world.environments.recover()
    await world.clock.advance(timedelta(seconds=31))
    await warm(server)
    assert (await row(server)).environment_status is EnvironmentStatus.READY


async def test_what_changed_comes_before_what_was_ready_before_a_restart(world: World, start: Start) -> None:
    first = await start()
    await found(first, "a", "b", "c")
    await warm(first)
    prepared = len(world.environments.prepared)
    second = await start()
    await world.clock.advance(timedelta(seconds=1))
    world.source.put("c", {"main.py": "2"})
    await second.pipelines.refresh()
    await warm(second)
    checkouts = [path.parent.name for path, _ in world.environments.prepared[prepared:]]
    assert sorted(checkouts) == ["a", "b", "c"]
    assert "c" in checkouts[:2], "two are prepared at once"


async def test_disabled_and_invalid_pipelines_are_left_alone(world: World, start: Start) -> None:
    server = await start()
    world.source.put("off", manifest='{"enabled": false}')
    world.source.put("bad", manifest='{"timeout": -1}')
    await server.pipelines.refresh()
    assert await warm(server) == 0
    assert world.environments.prepared == []


async def test_a_pipeline_that_was_edited_while_it_was_prepared_is_prepared_again(
    world: World, start: Start
) -> None:
    server = await start()
    await found(server, "p")
    world.environments.hold()
    task = asyncio.create_task(server.parts.warming.tick())
    await world.environments.was_asked.wait()
    world.source.put("p", {"main.py": "2"})
    await server.pipelines.refresh()
    world.environments.release()
    await task
    assert (await row(server)).environment_status is EnvironmentStatus.UNKNOWN
    await warm(server)
    assert (await row(server)).environment_status is EnvironmentStatus.READY
    assert len(world.environments.prepared) == 2
