"""Identities in the database: one for each issuer and subject, and refused when their user goes."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from fastflow.domain.role import Role
from fastflow.store import identities, users
from fastflow.store.database import Database
from fastflow.store.ids import new_id
from fastflow.store.tables import IdentityRow, UserRow

NOW = datetime(2030, 1, 1, tzinfo=UTC)
ISSUER = "https://login.example"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()


async def add(
    database: Database, subject: str, issuer: str = ISSUER, user_id: str | None = None
) -> IdentityRow:
    row = IdentityRow(
        id=new_id(),
        provider="oidc",
        issuer=issuer,
        subject=subject,
        login=f"login-{subject}",
        user_id=user_id,
        created_at=NOW,
        seen_at=NOW + timedelta(days=1),
    )
    return await database.write(lambda session: identities.add(session, row))


async def add_user(database: Database, name: str) -> str:
    row = UserRow(id=new_id(), name=name, role=Role.VIEWER, created_at=NOW)
    return (await database.write(lambda session: users.add(session, row))).id


async def test_the_same_subject_of_another_issuer_is_somebody_else(database: Database) -> None:
    first = await add(database, "1")
    second = await add(database, "1", "https://other.example")
    found = await database.read(lambda session: identities.of_subject(session, ISSUER, "1"))
    assert found == first != second
    assert await database.read(lambda session: identities.of_subject(session, ISSUER, "2")) is None


async def test_an_issuer_calls_nobody_twice_the_same(database: Database) -> None:
    await add(database, "1")
    with pytest.raises(IntegrityError):
        await add(database, "1")


async def test_subjects_are_told_apart_by_case(database: Database) -> None:
    """OpenID Connect Core 1.0, 2: a case-sensitive string."""
    await add(database, "abc")
    await add(database, "ABC")
    assert await database.read(identities.count_pending) == 2


async def test_all_are_listed_with_their_user_the_newest_first(database: Database) -> None:
    user_id = await add_user(database, "alice")
    await add(database, "1", user_id=user_id)
    await add(database, "2")
    found = await database.read(identities.every)
    assert [(row.subject, name) for row, name in found] == [("2", None), ("1", "alice")]
    assert await database.read(identities.count_pending) == 1


async def test_those_of_a_user_who_goes_are_refused(database: Database) -> None:
    user_id, other_id = await add_user(database, "alice"), await add_user(database, "bob")
    await add(database, "1", user_id=user_id)
    await add(database, "2", user_id=other_id)
    await database.write(lambda session: identities.refuse_of_user(session, user_id))
    found = {row.subject: (row.is_refused, name) for row, name in await database.read(identities.every)}
    assert found == {"1": (True, None), "2": (False, "bob")}
    assert await database.read(identities.count_pending) == 0


async def test_a_forgotten_one_is_a_stranger(database: Database) -> None:
    row = await add(database, "1")

    await database.write(lambda session: identities.remove(session, row))
    assert await database.read(lambda session: identities.get(session, row.id)) is None
