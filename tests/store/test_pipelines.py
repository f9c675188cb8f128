"""Pipelines are counted without reading their manifests, on both databases."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from fastflow.domain.environment import EnvironmentStatus
from fastflow.store import pipelines
from fastflow.store.database import Database
from fastflow.store.tables import PipelineRow


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()


async def store(database: Database, name: str, repository: str | None, **changes: bool) -> None:
    row = PipelineRow(
        name=name,
        repository=repository,
        is_present=True,
        is_valid=True,
        is_enabled=True,
        revision="r",
        manifest={},
        problems=[],
        hint=None,
        valid_revision="r",
        valid_manifest={},
        changed_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    for field, value in changes.items():
        setattr(row, field, value)
    await database.write(lambda session: pipelines.save(session, row, None))


async def test_those_that_are_there_are_counted_by_repository_and_condition(database: Database) -> None:
    for name in ("a", "b", "c"):
        await store(database, name, "data", is_valid=name != "c")
    await store(database, "gone", "data", is_present=False)
    await store(database, "local", None)
    counts = await database.read(pipelines.count)
    unknown = EnvironmentStatus.UNKNOWN
    assert set(counts) == {
        ("data", True, unknown, 2),
        ("data", False, unknown, 1),
        (None, True, unknown, 1),
    }
