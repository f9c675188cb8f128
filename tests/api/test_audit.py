"""The audit log over HTTP: pages, filters, exports, and whether somebody changed it."""

import csv
import io
import json
from datetime import timedelta

import httpx2
import pytest
from sqlalchemy import text
from sqlmodel import Session

from fastflow.domain.actor import Actor, ActorKind, acting
from fastflow.domain.audit import AuditAction
from fastflow.services.audit_log import AuditLog
from fastflow.store import audit
from tests.plugins.world import Instance, World

BASE = "/api/audit"


@pytest.fixture(autouse=True)
async def entries(world: World, server: Instance) -> None:
    """Anna created three repositories, one a day."""
    before = acting.set(Actor(ActorKind.USER, "anna", address="192.0.2.7"))
    for name in ("a", "=HYPERLINK()", "c"):
        at, after = world.clock.now(), {"url": "https://git.example/x", "token": "secret"}

        def work(session: Session, name: str = name) -> None:
            audit.record(session, AuditAction.REPOSITORY_CREATED, name, at, after={**after})  # noqa: B023

        await server.database.write(work)
        await world.clock.advance(timedelta(days=1))
    acting.reset(before)


async def tamper(server: Instance, *statements: str) -> None:
    """Do what only somebody with the database file can."""

    def work(session: Session) -> None:
        for trigger in ("audit_is_not_changed", "audit_is_not_deleted"):
            session.connection().execute(text(f"DROP TRIGGER {trigger}"))
        for statement in statements:
            session.connection().execute(text(statement))

    await server.database.write(work)


async def test_the_newest_entry_comes_first_and_says_all(client: httpx2.AsyncClient, world: World) -> None:
    (entry,) = (await client.get(BASE, params={"limit": 1})).json()["entries"]
    assert entry.pop("digest")
    assert entry == {
        "sequence": 3,
        "at": (world.clock.now() - timedelta(days=1)).isoformat().replace("+00:00", "Z"),
        "actor_kind": "user",
        "actor_name": "anna",
        "actor_id": None,
        "address": "192.0.2.7",
        "action": "repository.created",
        "target": "c",
        "pipeline_name": None,
        "before": None,
        "after": {"url": "https://git.example/x", "token": "•••"},
    }


async def test_pages_follow_each_other_though_entries_are_added(
    client: httpx2.AsyncClient, server: Instance
) -> None:
    first = (await client.get(BASE, params={"limit": 2})).json()
    await client.post("/api/pipelines/hello/run")
    second = (await client.get(BASE, params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [entry["sequence"] for page in (first, second) for entry in page["entries"]] == [3, 2, 1]
    assert second["next_cursor"] is None


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"actor": "anna"}, 3),
        ({"actor": "ben"}, 0),
        ({"target": "a"}, 1),
        ({"action": "repository.created"}, 3),
        ({"action": ["run.triggered", "repository.deleted"]}, 0),
        ({"at_from": "2100-01-01T00:00:00Z"}, 0),
        ({"at_before": "2100-01-01T00:00:00Z"}, 3),
    ],
)
async def test_entries_are_filtered(client: httpx2.AsyncClient, query: dict[str, str], count: int) -> None:
    assert len((await client.get(BASE, params=query)).json()["entries"]) == count
    assert len((await client.get(f"{BASE}/export", params=query)).text.splitlines()) == count


@pytest.mark.parametrize("query", [{"action": "nothing"}, {"cursor": "x"}, {"at_from": "soon"}, {"limit": 0}])
async def test_what_can_not_be_filtered_by_is_refused(
    client: httpx2.AsyncClient, query: dict[str, str]
) -> None:
    answer = await client.get(BASE, params=query)
    assert (answer.status_code, answer.json()["code"]) == (422, "request_invalid")


async def test_an_export_has_every_entry_oldest_first(client: httpx2.AsyncClient) -> None:
    answer = await client.get(f"{BASE}/export")
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert answer.headers["content-disposition"] == 'attachment; filename="audit.ndjson"'
    exported = [json.loads(line) for line in answer.text.splitlines()]
    assert exported == (await client.get(BASE)).json()["entries"][::-1]


async def test_no_spreadsheet_computes_what_is_in_a_csv_export(client: httpx2.AsyncClient) -> None:
    answer = await client.get(f"{BASE}/export", params={"format": "csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["target"] for row in rows] == ["a", "'=HYPERLINK()", "c"]
    assert json.loads(rows[0]["after"]) == {"url": "https://git.example/x", "token": "•••"}
    assert rows[0]["before"] == ""


async def test_an_untouched_log_is_intact(client: httpx2.AsyncClient) -> None:
    told = (await client.get(f"{BASE}/verification")).json()
    newest = (await client.get(BASE)).json()["entries"][0]
    assert told == {
        "is_intact": True,
        "problem": None,
        "rows": 3,
        "first_sequence": 1,
        "last_sequence": 3,
        "last_digest": newest["digest"],
    }


@pytest.mark.parametrize(
    ("statement", "problem", "rows"),
    [
        ("UPDATE audit SET actor_name = 'ben' WHERE sequence = 2", "Row 2, of ", 1),
        ("UPDATE audit SET after = '{}' WHERE sequence = 1", "Row 1, of ", 0),
        ("DELETE FROM audit WHERE sequence = 2", "Row 2 is missing; after it comes row 3.", 1),
        ("DELETE FROM audit WHERE sequence = 1", "Row 1 is missing; after it comes row 2.", 0),
    ],
)
async def test_what_was_changed_by_force_is_found(
    client: httpx2.AsyncClient, server: Instance, statement: str, problem: str, rows: int
) -> None:
    await tamper(server, statement)
    told = (await client.get(f"{BASE}/verification")).json()
    assert not told["is_intact"]
    assert told["problem"].startswith(problem)
    assert told["rows"] == rows


async def test_a_log_that_was_written_anew_does_not_have_the_known_digest(
    client: httpx2.AsyncClient, server: Instance
) -> None:
    newest = (await client.get(BASE)).json()["entries"][0]
    known = {"sequence": newest["sequence"], "digest": newest["digest"]}
    assert (await client.get(f"{BASE}/verification", params=known)).json()["is_intact"]
    await tamper(server, "DELETE FROM audit")
    told = (await client.get(f"{BASE}/verification", params=known)).json()
    assert told["problem"] == "Row 3 is missing; the log ends with row 0."
    for _ in range(3):
        await client.post("/api/pipelines/hello/run")
    assert (await client.get(f"{BASE}/verification")).json()["is_intact"], "by itself it can't tell"
    told = (await client.get(f"{BASE}/verification", params=known)).json()
    assert told["problem"].startswith("Row 3 has the digest ")


async def test_old_entries_are_deleted_and_the_rest_is_intact(
    client: httpx2.AsyncClient, server: Instance, world: World
) -> None:
    first = (await client.get(BASE)).json()["entries"][-1]
    log = AuditLog(server.database, world.clock, kept_for=timedelta(days=2, hours=1))
    assert await log.trim() == 1
    assert await log.trim() == 0
    told = (await client.get(f"{BASE}/verification")).json()
    assert (told["is_intact"], told["rows"], told["first_sequence"]) == (True, 2, 2)
    known = {"sequence": 1, "digest": first["digest"]}
    assert (await client.get(f"{BASE}/verification", params=known)).json()["is_intact"]
    await world.clock.advance(timedelta(days=1))
    assert await log.trim() == 1
    gone = await client.get(f"{BASE}/verification", params=known)
    assert (gone.status_code, gone.json()["code"]) == (404, "audit_row_not_found")


async def test_with_zero_days_the_log_is_kept_for_ever(server: Instance, world: World) -> None:
    await world.clock.advance(timedelta(days=10_000))
    assert await AuditLog(server.database, world.clock, timedelta()).trim() == 0


async def test_a_digest_without_its_row_is_refused(client: httpx2.AsyncClient) -> None:
    for query in ({"sequence": 1}, {"digest": "0" * 64}):
        assert (await client.get(f"{BASE}/verification", params=query)).status_code == 422
