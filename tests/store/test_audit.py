"""The audit log: who did what, written with the change, changed by nobody."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col, select

from fastflow.domain.actor import Actor, ActorKind, acting
from fastflow.domain.audit import HIDDEN, AuditAction
from fastflow.store import audit, audit_log
from fastflow.store.audit_log import AuditFilter
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


async def filled(database: Database) -> None:
    """Write ten rows, an hour apart: anna and the product take turns with two targets."""

    def one(number: int, session: Session) -> None:
        action = AuditAction.REPOSITORY_CREATED if number < 2 else AuditAction.REPOSITORY_CHANGED
        at = NOW + timedelta(hours=number)
        audit.record(
            session, action, f"t{number % 2}", at, pipeline_name=f"p{number % 5}", after={"branch": "b"}
        )

    before = acting.get()
    for number in range(10):
        acting.set(ANNA if number % 2 else before)
        await database.write(lambda session, n=number: one(n, session))
    acting.set(before)


@pytest.mark.parametrize(
    ("narrowed", "sequences"),
    [
        (AuditFilter(), [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]),
        (AuditFilter(actor="anna"), [10, 8, 6, 4, 2]),
        (AuditFilter(target="t0"), [9, 7, 5, 3, 1]),
        (AuditFilter(pipeline_name="p0"), [6, 1]),
        (AuditFilter(actions=frozenset({AuditAction.REPOSITORY_CREATED})), [2, 1]),
        (AuditFilter(at_from=NOW + timedelta(hours=2), at_before=NOW + timedelta(hours=4)), [4, 3]),
        (AuditFilter(actor="anna", target="t0"), []),
    ],
)
async def test_the_log_is_narrowed_and_paged(
    database: Database, narrowed: AuditFilter, sequences: list[int]
) -> None:
    await filled(database)
    found = await database.read(lambda s: audit_log.page(s, narrowed, 100))
    assert [row.sequence for row in found] == sequences
    upwards = await database.read(lambda s: audit_log.after(s, narrowed, 0, 100))
    assert [row.sequence for row in upwards] == sequences[::-1]
    if len(sequences) > 2:
        rest = await database.read(lambda s: audit_log.page(s, narrowed, 2, sequences[1]))
        assert [row.sequence for row in rest] == sequences[2:4]


async def test_old_rows_go_from_the_beginning_and_the_chain_goes_on(database: Database) -> None:
    await filled(database)
    sixth = (await database.read(every))[5]
    before, now = NOW + timedelta(hours=6), NOW + timedelta(days=9)
    assert await database.write(lambda s: audit_log.trim(s, before, 4, now)) == 4
    assert await database.write(lambda s: audit_log.trim(s, before, 4, now)) == 2
    assert await database.write(lambda s: audit_log.trim(s, before, 4, now)) == 0
    assert [row.sequence for row in await database.read(every)] == [7, 8, 9, 10]
    horizon = await database.read(audit_log.horizon)
    assert (horizon.sequence, horizon.digest, horizon.moved_at) == (6, sixth.digest, now)
    with pytest.raises(DBAPIError, match="audit log"):
        await database.write(lambda s: s.connection().execute(text("DELETE FROM audit WHERE sequence = 7")))
    with pytest.raises(DBAPIError, match=r"audit log"):
        await database.write(lambda s: s.connection().execute(text("UPDATE audit_horizon SET sequence = 1")))


async def test_when_all_rows_have_gone_numbers_and_chain_go_on(database: Database) -> None:
    await filled(database)
    last = (await database.read(every))[-1]
    await database.write(lambda s: audit_log.trim(s, NOW + timedelta(days=1), 100, NOW))
    await record(database, "next")
    (row,) = await database.read(every)
    assert row.sequence == 11
    assert row.digest == audit.digest_of(last.digest, row.model_dump())


async def test_two_servers_that_write_at_once_keep_one_chain(database: Database, database_url: str) -> None:
    other = Database(database_url)
    try:
        await asyncio.gather(*(record(db, "team") for _ in range(20) for db in (database, other)))
    finally:
        await other.close()
    digest = ""
    for number, row in enumerate(await database.read(every), 1):
        digest = audit.digest_of(digest, row.model_dump())
        assert (row.sequence, row.digest) == (number, digest)
