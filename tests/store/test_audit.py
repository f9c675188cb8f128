"""The audit log: who did what, written with the change, changed by nobody."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col, select

from fastflow.domain.actor import Actor, ActorKind, acting
from fastflow.domain.audit import HIDDEN, AuditAction
from fastflow.store import audit
from fastflow.store.database import Database
from fastflow.store.tables import AuditRow

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ANNA = Actor(ActorKind.USER, "anna", id="0190", address="192.0.2.7")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()


def every(session: Session) -> Sequence[AuditRow]:
    return session.exec(select(AuditRow).order_by(col(AuditRow.sequence))).all()


async def record(database: Database, target: str, **states: dict[str, object] | None) -> None:
    await database.write(
        lambda s: audit.record(s, AuditAction.REPOSITORY_CHANGED, target, NOW, **states)  # pyright: ignore[reportArgumentType]
    )


async def test_a_row_says_who_did_what_when_and_from_where(database: Database) -> None:
    acting.set(ANNA)
    await record(
        database, "team", before={"branch": "main", "url": "u"}, after={"branch": "next", "url": "u"}
    )
    (row,) = await database.read(every)
    assert (row.actor_kind, row.actor_name, row.actor_id, row.address) == (
        ActorKind.USER,
        "anna",
        "0190",
        "192.0.2.7",
    )
    assert (row.at, row.action, row.target) == (NOW, AuditAction.REPOSITORY_CHANGED, "team")
    assert (row.before, row.after) == ({"branch": "main"}, {"branch": "next"})


async def test_what_nobody_asked_for_is_put_down_to_the_product(database: Database) -> None:
    await record(database, "team", after={"branch": "main"})
    (row,) = await database.read(every)
    assert (row.actor_kind, row.actor_name, row.address) == (ActorKind.SYSTEM, "fastflow", None)


async def test_a_change_that_changes_nothing_leaves_no_row(database: Database) -> None:
    await record(database, "team", before={"branch": "main"}, after={"branch": "main"})
    assert await database.read(every) == []


async def test_a_new_secret_shows_as_changed_and_nothing_of_it(database: Database) -> None:
    await record(database, "team", before={"token": "old"}, after={"token": "new"})
    (row,) = await database.read(every)
    assert (row.before, row.after) == ({"token": HIDDEN}, {"token": HIDDEN})


async def test_a_change_that_fails_leaves_no_row(database: Database) -> None:
    def fail(session: Session) -> None:
        audit.record(session, AuditAction.REPOSITORY_DELETED, "team", NOW)
        raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        await database.write(fail)
    assert await database.read(every) == []


async def test_rows_are_numbered_without_gaps_and_chained(database: Database) -> None:
    for name in ("a", "b"):
        await record(database, name)

    def two(session: Session) -> None:
        for name in ("c", "d"):
            audit.record(session, AuditAction.REPOSITORY_DELETED, name, NOW)

    await database.write(two)
    rows = await database.read(every)
    assert [(row.sequence, row.target) for row in rows] == [(1, "a"), (2, "b"), (3, "c"), (4, "d")]
    digest = ""
    for row in rows:
        digest = audit.digest_of(digest, row.model_dump())
        assert row.digest == digest


async def test_names_that_no_database_could_store_are_made_storable(database: Database) -> None:
    acting.set(Actor(ActorKind.USER, "an\x00na" * 100))
    await record(database, "te\ud800am" * 100, after={"branch": "x\x00\ud800"})
    (row,) = await database.read(every)
    assert len(row.actor_name) == len(row.target) == 200


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET actor_name = 'nobody' WHERE sequence = 1",
        "DELETE FROM audit WHERE sequence = 1",
        "DELETE FROM audit",
        "INSERT INTO audit_horizon (id, sequence, digest) VALUES (2, 9, '')",
        "DELETE FROM audit_horizon",
    ],
)
async def test_the_database_lets_nobody_change_the_log(database: Database, statement: str) -> None:
    await record(database, "team")
    with pytest.raises(DBAPIError, match="audit log"):
        await database.write(lambda session: session.connection().execute(text(statement)))
    assert len(await database.read(every)) == 1


async def test_sqlite_lets_nobody_replace_a_row(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    try:
        await record(database, "team")
        for table in ("audit", "audit_horizon"):
            statement = text(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")  # noqa: S608
            with pytest.raises(DBAPIError, match="audit log"):
                await database.write(lambda session, s=statement: session.connection().execute(s))
    finally:
        await database.close()


async def test_postgresql_lets_nobody_empty_the_log(postgres_url: str) -> None:
    database = Database(postgres_url)
    try:
        await record(database, "team")
        for table in ("audit", "audit_horizon"):
            with pytest.raises(DBAPIError, match="audit log"):
                await database.write(lambda s, t=table: s.connection().execute(text(f"TRUNCATE {t}")))
    finally:
        await database.close()
