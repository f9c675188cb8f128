"""Repositories in the database: their order, their names, and the Apps that open them."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from sqlmodel import Session

from fastflow.domain.repository import Authentication, RepositoryOrigin
from fastflow.store import repositories
from fastflow.store.database import Database
from fastflow.store.ids import new_id
from fastflow.store.tables import GitHubAppRow, RepositoryRow

NOW = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()


async def add(
    database: Database,
    name: str,
    origin: RepositoryOrigin = RepositoryOrigin.API,
    app: str | None = None,
) -> RepositoryRow:
    row = RepositoryRow(
        id=new_id(),
        name=name,
        origin=origin,
        url=f"https://git.example.org/{name}",
        authentication=Authentication.GITHUB_APP if app else Authentication.NONE,
        github_app=app,
        installation_id=2**40 if app else None,
        created_at=NOW,
        changed_at=NOW,
    )
    await database.write(lambda session: repositories.add(session, row))
    return row


async def names(database: Database) -> list[str]:
    return [row.name for row in await database.read(repositories.every)]


async def test_those_of_the_settings_come_first_then_the_oldest(database: Database) -> None:
    for name in ("b", "a"):
        await add(database, name)
    await add(database, "z", RepositoryOrigin.SETTINGS)
    assert await names(database) == ["z", "b", "a"]


async def test_a_repository_is_found_by_its_id_and_by_its_name(database: Database) -> None:
    row = await add(database, "a")
    by_id = await database.read(lambda session: repositories.get(session, row.id))
    by_name = await database.read(lambda session: repositories.named(session, "a"))
    assert by_id == by_name == row
    assert await database.read(lambda session: repositories.named(session, "A")) is None


async def test_a_removed_one_is_gone(database: Database) -> None:
    await add(database, "a")
    await add(database, "b")

    def work(session: Session) -> None:
        row = repositories.named(session, "a")
        assert row is not None
        repositories.remove(session, row)

    await database.write(work)
    assert await names(database) == ["b"]


async def test_an_app_is_kept_by_its_name_and_knows_what_it_opens(database: Database) -> None:
    app = GitHubAppRow(
        name="mine",
        origin=RepositoryOrigin.API,
        app_id="1",
        api_url="https://api.github.com",
        private_key="…",
        created_at=NOW,
        changed_at=NOW,
    )
    await database.write(lambda session: repositories.add_app(session, app))
    for name, opener in (("b", "mine"), ("a", "mine"), ("c", "other")):
        await add(database, name, app=opener)
    assert await database.read(lambda session: repositories.app(session, "mine")) == app
    assert await database.read(lambda session: repositories.opened_by(session, "mine")) == ["a", "b"]
    assert [row.name for row in await database.read(repositories.every_app)] == ["mine"]
