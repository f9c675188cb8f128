"""What the graph of pipelines is drawn from, on both databases."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from pydantic import JsonValue

from fastflow.services.graph import PipelineGraph
from fastflow.store import pipelines
from fastflow.store.database import Database
from fastflow.store.tables import PipelineRow


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()


async def store(
    database: Database, name: str, manifest: dict[str, JsonValue] | None, *, is_present: bool = True
) -> None:
    row = PipelineRow(
        name=name,
        is_present=is_present,
        is_valid=manifest is not None,
        is_enabled=True,
        revision="r",
        manifest=manifest,
        problems=[],
        hint=None,
        valid_revision="r",
        valid_manifest=manifest,
        changed_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    await database.write(lambda session: pipelines.save(session, row, pipelines.get(session, name)))


async def test_each_present_pipeline_is_returned_with_its_triggers_by_name(database: Database) -> None:
    await store(database, "b", {"downstream_triggers": [{"pipeline": "a"}]})
    await store(database, "a", {"timeout": 5})
    await store(database, "never-valid", None)
    await store(database, "gone", {"downstream_triggers": [{"pipeline": "a"}]}, is_present=False)
    assert await database.read(pipelines.triggers) == [
        ("a", True, True, None),
        ("b", True, True, [{"pipeline": "a"}]),
        ("never-valid", False, True, None),
    ]


async def test_the_graph_is_computed_again_only_when_something_has_changed(database: Database) -> None:
    await store(database, "a", {"downstream_triggers": [{"pipeline": "a"}]})
    graph = PipelineGraph(database)
    first = await graph.current()
    assert await graph.current() is first
    assert await graph.cycles() == [["a", "a"]]
    await store(database, "a", {"timeout": 5})
    assert await graph.cycles() == []
