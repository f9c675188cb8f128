"""The server is killed while schedules fire: every occurrence is in the ledger once, with the run it made."""

import json
import random
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.server_process import MakeServer, ServerProcess

KILLS = 6
PIPELINES = 5
SEED = 20261125
EVERY = timedelta(seconds=1)
# One run at a time, the others are skipped: what is looked at is that each occurrence made its row.
MANIFEST = {"schedule_interval_seconds": 1, "max_instances": 1, "overlap": "skip"}


def rows(server: ServerProcess, query: str) -> list[Any]:
    (database,) = server.data.glob("*.db")
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10)) as connection:
        return connection.execute(query).fetchall()


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def due_between(anchor: datetime, after: datetime, until: datetime) -> set[datetime]:
    """Return the occurrences, worked out without the product."""
    first, last = (after - anchor) // EVERY + 1, (until - anchor) // EVERY
    return {anchor + number * EVERY for number in range(max(first, 1), last + 1)}


@pytest.mark.timeout(300)
def test_however_often_the_server_is_killed_the_ledger_accounts_for_each_occurrence(
    make_server: MakeServer,
) -> None:
    server = make_server({"FASTFLOW_EXECUTOR": "process", "FASTFLOW_UV_PRE_HEAT": "0"})
    for index in range(PIPELINES):
        server.add(f"p{index}", "print('x')", MANIFEST)
    chance = random.Random(SEED)  # noqa: S311 - not a secret
    server.start()
    server.until_ready()
    server.until(lambda: len(server.get("/api/schedules")["schedules"]) == PIPELINES)
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.3, 1.5))
        server.kill()
        server.start()
        server.until_ready()
    server.terminate()
    runs = {
        (json.loads(cause)["schedule_id"], datetime.fromisoformat(json.loads(cause)["due_at"])): run_id
        for run_id, cause in rows(server, "SELECT id, cause FROM runs WHERE trigger = 'schedule'")
    }
    assert len(runs) == rows(server, "SELECT COUNT(*) FROM runs WHERE trigger = 'schedule'")[0][0]
    ledger = rows(server, "SELECT schedule_id, due_at, status, run_id, count FROM occurrences")
    made = {
        (schedule, moment(due_at)): run_id
        for schedule, due_at, status, run_id, _ in ledger
        if status == "run"
    }
    assert made == runs
    # A start that took longer than the tolerance coalesces what it missed into the run that follows.
    coalesced = [run_id for _, _, status, run_id, _ in ledger if status == "coalesced"]
    assert len(made) + len(coalesced) == len(ledger)
    assert set(coalesced) <= set(runs.values())
    schedules = rows(server, "SELECT id, anchor_at, created_at, accounted_until FROM schedules")
    assert len(schedules) == PIPELINES
    for schedule, *moments in schedules:
        expected = due_between(*(moment(text) for text in moments))
        entries = [(moment(due_at), count) for owner, due_at, _, _, count in ledger if owner == schedule]
        assert sum(count for _, count in entries) == len(expected)
        assert {due_at for due_at, _ in entries} <= expected
        assert len(entries) >= KILLS
