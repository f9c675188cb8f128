"""Whether a database has the newest schema is found out without Alembic, and as Alembic would."""

from alembic.script import ScriptDirectory

from fastflow.store.database import Database
from fastflow.store.migrations import config
from fastflow.store.schema import is_newest, newest_revision


def test_the_newest_file_is_the_newest_migration() -> None:
    assert newest_revision() == ScriptDirectory.from_config(config()).get_current_head()


async def test_only_a_migrated_database_has_the_newest_schema(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    try:
        assert not await database.read(lambda session: is_newest(session.connection()))
        await database.migrate()
        assert await database.read(lambda session: is_newest(session.connection()))
    finally:
        await database.close()
