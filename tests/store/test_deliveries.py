"""The log of deliveries, and webhook keys, in both databases."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from fastflow.domain.delivery import DeliveryKind, DeliveryStatus
from fastflow.store import deliveries, webhook_keys
from fastflow.store.database import Database
from fastflow.store.ids import new_id
from fastflow.store.tables import DeliveryRow, WebhookKeyRow

NOW = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()


def delivery(
    target: str = "p",
    kind: DeliveryKind = DeliveryKind.WEBHOOK,
    *,
    at: datetime = NOW,
    fingerprint: str | None = None,
) -> DeliveryRow:
    return DeliveryRow(
        id=new_id(), kind=kind, target=target, at=at, status=DeliveryStatus.ACCEPTED, fingerprint=fingerprint
    )


def key(pipeline: str = "p", expires_at: datetime | None = None) -> WebhookKeyRow:
    return WebhookKeyRow(
        id=new_id(),
        pipeline_name=pipeline,
        key_hash="0" * 64,
        hint="abcd",
        created_at=NOW,
        expires_at=expires_at,
    )


async def log(database: Database, *rows: DeliveryRow) -> list[str]:
    await database.write(lambda session: [deliveries.add(session, row) for row in rows])
    return [row.id for row in rows]


async def ids_of(
    database: Database, kind: DeliveryKind, target: str, limit: int = 50, before: str | None = None
) -> list[str]:
    rows = await database.read(lambda session: deliveries.page(session, kind, target, limit, before))
    return [row.id for row in rows]


async def test_each_target_has_a_log_of_its_own_newest_first(database: Database) -> None:
    a, b, c, d = await log(
        database, delivery("p"), delivery("q"), delivery("p", DeliveryKind.PUSH), delivery("p")
    )
    assert await ids_of(database, DeliveryKind.WEBHOOK, "p") == [d, a]
    assert await ids_of(database, DeliveryKind.WEBHOOK, "q") == [b]
    assert await ids_of(database, DeliveryKind.PUSH, "p") == [c]
    assert await ids_of(database, DeliveryKind.WEBHOOK, "p", limit=1) == [d]
    assert await ids_of(database, DeliveryKind.WEBHOOK, "p", before=d) == [a]


async def test_a_fingerprint_is_found_at_its_target_and_kept_once(database: Database) -> None:
    first = delivery(fingerprint="f")
    await log(database, first, delivery("q", fingerprint="f"), delivery(), delivery())

    async def found(target: str, fingerprint: str) -> str | None:
        row = await database.read(
            lambda session: deliveries.with_fingerprint(session, DeliveryKind.WEBHOOK, target, fingerprint)
        )
        return row.id if row is not None else None

    assert await found("p", "f") == first.id
    assert await found("p", "g") is None
    assert await found("r", "f") is None
    with pytest.raises(IntegrityError):
        await log(database, delivery(fingerprint="f"))


async def test_what_became_of_a_delivery_is_stored_in_its_row(database: Database) -> None:
    row = delivery(fingerprint="f")
    await log(database, row)
    row.status, row.fingerprint, row.sync_id = DeliveryStatus.REFUSED, None, "s"
    await database.write(lambda session: deliveries.save(session, row))
    (stored,) = await database.read(lambda session: deliveries.page(session, DeliveryKind.WEBHOOK, "p", 50))
    assert (stored.status, stored.fingerprint, stored.sync_id) == (DeliveryStatus.REFUSED, None, "s")


async def test_old_deliveries_go_and_of_each_target_the_newest_stay(database: Database) -> None:
    old, new = NOW - timedelta(days=31), NOW
    await log(database, *(delivery("p", at=old) for _ in range(3)))
    kept = await log(database, *(delivery("p", at=new) for _ in range(5)))
    others = await log(database, delivery("q", at=new), delivery("q", at=new))
    count = await database.write(lambda session: deliveries.trim(session, NOW - timedelta(days=30), 2))
    assert count == 6
    assert await ids_of(database, DeliveryKind.WEBHOOK, "p") == kept[:-3:-1]
    assert await ids_of(database, DeliveryKind.WEBHOOK, "q") == others[::-1]
    assert await database.write(lambda session: deliveries.trim(session, NOW - timedelta(days=30), 2)) == 0


async def test_keys_belong_to_their_pipeline(database: Database) -> None:
    one, two, other = key(), key(), key("q")
    await database.write(lambda session: [webhook_keys.add(session, row) for row in (one, two, other)])
    rows = await database.read(lambda session: webhook_keys.of_pipeline(session, "p"))
    assert [row.id for row in rows] == [one.id, two.id]
    assert await database.read(lambda session: webhook_keys.get(session, "q", one.id)) is None
    found = await database.read(lambda session: webhook_keys.get(session, "p", one.id))
    assert found is not None


async def test_the_use_of_a_key_that_was_revoked_meanwhile_brings_it_not_back(database: Database) -> None:
    row = key()
    await database.write(lambda session: webhook_keys.add(session, row))
    await database.write(lambda session: webhook_keys.note_use(session, row.id, NOW))
    (stored,) = await database.read(lambda session: webhook_keys.of_pipeline(session, "p"))
    assert stored.last_used_at == NOW
    await database.write(lambda session: webhook_keys.remove(session, stored))
    await database.write(lambda session: webhook_keys.note_use(session, row.id, NOW))
    assert await database.read(lambda session: webhook_keys.of_pipeline(session, "p")) == []


async def test_keys_that_expired_long_ago_go(database: Database) -> None:
    rows = [key(expires_at=NOW - timedelta(days=31)), key(expires_at=NOW - timedelta(days=1)), key()]
    await database.write(lambda session: [webhook_keys.add(session, row) for row in rows])
    before = NOW - timedelta(days=30)
    assert await database.write(lambda session: webhook_keys.remove_expired(session, before)) == 1
    left = await database.read(lambda session: webhook_keys.of_pipeline(session, "p"))
    assert [row.id for row in left] == [rows[1].id, rows[2].id]
