"""The fixtures of this ring: both kinds of database are real, migrated and private to a test."""

import pytest
from sqlalchemy import inspect, text
from sqlmodel import Session

from fastflow.store.database import Database


def _tables(session: Session) -> list[str]:
    return inspect(session.connection()).get_table_names()


@pytest.mark.parametrize("_", [1, 2])
async def test_each_test_gets_a_migrated_database_of_its_own(database_url: str, _: int) -> None:
    database = Database(database_url)
    try:
        assert "runs" in await database.read(_tables)
        await database.write(lambda session: session.connection().execute(text("CREATE TABLE mine (id INT)")))
    finally:
        await database.close()


async def test_an_empty_database_has_no_tables(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    try:
        assert await database.read(_tables) == []
    finally:
        await database.close()
