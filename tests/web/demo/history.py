"""Writes ninety days of runs that never took place, for pictures of pages that look lived in."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from sqlmodel import Session
from uuid_utils import uuid7

from fastflow.domain.outcome import Blame, Outcome
from fastflow.domain.run import RunStatus, Trigger
from fastflow.store import runs, statistics
from fastflow.store.database import Database
from fastflow.store.tables import RunRow
from tests.web.demo.pipelines import PIPELINES, Demo

DAYS = 90


def run_of(demo: Demo, at: datetime, random: Random) -> RunRow:
    """Return a run that ended as most of its kind do."""
    failed = random.random() < demo.failing
    skipped = not failed and random.random() < 0.02
    seconds = max(0.3, random.gauss(demo.seconds, demo.seconds / 6))
    run = RunRow(
        id=str(uuid7(nanoseconds=int(at.timestamp() * 1e9))),
        pipeline_name=demo.name,
        status=RunStatus.SKIPPED if skipped else RunStatus.FAILED if failed else RunStatus.SUCCESS,
        trigger=Trigger.SCHEDULE if demo.a_day > 1 or random.random() < 0.8 else Trigger.MANUAL,
        spec={},
        created_at=at,
    )
    if skipped:
        run.outcome, run.blame = Outcome.NOT_STARTED, Blame.NOBODY
        run.reason = "Skipped: a run of this pipeline was still going on."
        run.finished_at = at
        return run
    run.started_at = at + timedelta(milliseconds=180)
    run.finished_at = run.started_at + timedelta(seconds=seconds)
    run.attempt_count = 1
    run.exit_code = 1 if failed else 0
    run.outcome = Outcome.EXITED
    run.blame = Blame.PIPELINE if failed else Blame.NOBODY
    run.reason = "Ended with exit code 1." if failed else "Finished with exit code 0."
    run.peak_memory_bytes = int(random.gauss(demo.peak_bytes, demo.peak_bytes / 20))
    run.cpu_seconds = seconds / 3
    return run


async def write_history(data: Path) -> None:
    """Add the runs to the database of a server that does not run now."""
    random = Random(7)  # noqa: S311 - the same history every time
    database = Database(f"sqlite:///{data / 'fastflow.db'}")
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    past = [
        run_of(
            demo,
            today - timedelta(days=day) + timedelta(hours=24 * (n + random.random() / 2) / demo.a_day),
            random,
        )
        for day in range(DAYS, 0, -1)
        for demo in PIPELINES
        for n in range(demo.a_day)
    ]

    def insert(session: Session) -> None:
        for run in sorted(past, key=lambda run: run.created_at):
            runs.insert(session, run)
            statistics.count(session, run)

    try:
        await database.write(insert)
    finally:
        await database.close()
