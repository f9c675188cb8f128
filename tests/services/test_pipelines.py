"""What is remembered of pipelines, and what is announced when they change."""

from collections.abc import Awaitable, Callable

import pytest

from fastflow.domain.errors import Conflict, NotFound
from fastflow.domain.events import EventType
from fastflow.store import events
from tests.plugins.world import Instance, World

Start = Callable[..., Awaitable[Instance]]


async def changes(server: Instance) -> list[str | None]:
    """Return the pipelines named by `pipeline.changed`, in order."""
    found = await server.database.read(lambda session: events.after(session, 0, 100))
    return [event.pipeline_name for event in found if event.type is EventType.PIPELINE_CHANGED]


async def names(server: Instance) -> list[str]:
    return [row.name for row in await server.pipelines.every()]


async def test_a_refresh_finds_what_is_new_and_announces_it_once(world: World, start: Start) -> None:
    server = await start()
    world.source.put("b")
    world.source.put("a")
    assert await server.pipelines.refresh() == 2
    assert await server.pipelines.refresh() == 0
    assert await names(server) == ["a", "b"]
    assert sorted(name or "" for name in await changes(server)) == ["a", "b"]


async def test_an_edited_pipeline_is_announced_with_its_new_revision(world: World, start: Start) -> None:
    server = await start()
    world.source.put("a")
    await server.pipelines.refresh()
    revision = world.source.put("a", {"main.py": "print(2)"})
    assert await server.pipelines.refresh() == 1
    assert (await server.pipelines.look("a")).revision == revision


async def test_a_vanished_pipeline_is_not_listed_and_comes_back_when_its_folder_does(
    world: World, start: Start
) -> None:
    server = await start()
    world.source.put("a")
    await server.pipelines.refresh()
    world.source.drop("a")
    assert await server.pipelines.refresh() == 1
    assert await names(server) == []
    with pytest.raises(NotFound, match="no pipeline 'a'"):
        await server.pipelines.look("a")
    world.source.put("a")
    assert await server.pipelines.refresh() == 1
    assert await names(server) == ["a"]


async def test_what_was_seen_before_a_restart_is_not_announced_as_vanished_or_doubled(
    world: World, start: Start
) -> None:
    first = await start()
    world.source.put("a")
    await first.pipelines.refresh()
    second = await start()
    await second.pipelines.refresh()
    assert await names(second) == ["a"]


async def test_an_invalid_manifest_keeps_the_last_valid_revision(world: World, start: Start) -> None:
    server = await start()
    valid = world.source.put("a", manifest='{"timeout": 5}')
    await server.pipelines.refresh()
    world.source.put("a", manifest='{"timeout": -5}')
    row = await server.pipelines.look("a")
    assert not row.is_valid
    assert row.valid_revision == valid
    assert row.problems[0]["field"] == "timeout"


async def test_a_folder_that_can_not_be_read_is_listed_with_its_problem(world: World, start: Start) -> None:
    server = await start()
    world.source.put("a", problem="main.py is a folder")
    row = await server.pipelines.look("a")
    assert not row.is_valid
    assert "main.py is a folder" in str(row.problems[0]["message"])


async def test_a_notebook_is_refused_in_words(world: World, start: Start) -> None:
    server = await start()
    world.source.put("a", {"main.ipynb": "{}"}, manifest='{"type": "notebook"}')
    with pytest.raises(Conflict, match="runs scripts only"):
        await server.trigger("a")
