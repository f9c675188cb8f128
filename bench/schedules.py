"""Measures how late runs are created when 1,000 schedules are due in the same second; prints JSON.

Starts servers of its own (process executor) on free ports with data directories of their own. Once with all
slots taken, so that nothing but firing is measured, and once with slots that start runs meanwhile. The
baseline is what the database alone takes for the same rows, written in one go.
"""

import argparse
import asyncio
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlmodel import Session

from fastflow.domain.events import EventType
from fastflow.domain.run import RunStatus, Trigger
from fastflow.store import attempts, events, runs
from fastflow.store.database import Database
from fastflow.store.ids import new_id

LEAD = timedelta(seconds=30)
"""From the start of a server to the second that is measured: it has to find the pipelines first. Doubled
where that was too short."""
PATIENCE_SECONDS = 300
PAGE = 500


def get(url: str) -> Any:
    """Read JSON."""
    with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 - always http
        return json.load(answer)


class TooShort(Exception):
    """The pipelines were found too late."""


def write_pipelines(folder: Path, count: int, due_at: datetime) -> None:
    """Write that many pipelines that are due once, and one that holds a slot for as long as it takes."""
    for number in range(count):
        pipeline = folder / f"p{number:04}"
        pipeline.mkdir(parents=True)
        (pipeline / "main.py").write_text("pass\n")
        (pipeline / "pipeline.json").write_text(json.dumps({"run_once_at": due_at.isoformat()}))
    holder = folder / "holder"
    holder.mkdir()
    (holder / "main.py").write_text("import time\ntime.sleep(3600)\n")


@contextmanager
def server(folder: Path, slots: int) -> Generator[str]:
    """Run the product; yield its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "FASTFLOW_PORT": str(port),
        "FASTFLOW_DATA_DIR": str(folder / "data"),
        "FASTFLOW_PIPELINES_DIR": str(folder / "pipelines"),
        "FASTFLOW_EXECUTOR": "process",
        "FASTFLOW_MAX_CONCURRENT_RUNS": str(slots),
        "FASTFLOW_UV_PRE_HEAT": "false",
        "FASTFLOW_STOP_GRACE_SECONDS": "0",
    }
    fastflow = Path(sys.executable).with_name("fastflow")
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen([fastflow, "up"], env=environment, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    try:
        until("ready", lambda: get(f"{url}/ready")["is_ready"])
        yield url
    except SystemExit:
        print((folder / "server.log").read_text(errors="replace")[-4000:], file=sys.stderr)
        raise
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_SECONDS)


def until(what: str, condition: Any) -> None:
    """Look again and again until it is so."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            if condition():
                return
        except (urllib.error.URLError, ConnectionError):
            pass  # it does not listen, or is not ready, yet
        time.sleep(0.2)
    raise SystemExit(f"never happened: {what}")


def scheduled_runs(url: str) -> list[dict[str, Any]]:
    """Return all runs that schedules have made."""
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = get(f"{url}/api/runs?trigger=schedule&limit={PAGE}{cursor}")
        found += page["runs"]
        if page["next_cursor"] is None:
            return found
        cursor = f"&cursor={page['next_cursor']}"


def post(url: str) -> Any:
    """Post nothing; return the answer."""
    request = urllib.request.Request(url, method="POST")  # noqa: S310 - always http
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        return json.load(answer)


def lateness(count: int, slots: int, *, are_taken: bool) -> dict[str, Any]:
    """Let all be due at once; return by how much their runs came too late."""
    lead = LEAD
    while True:
        try:
            return measured(count, slots, lead, are_taken=are_taken)
        except TooShort:
            lead *= 2


def measured(count: int, slots: int, lead: timedelta, *, are_taken: bool) -> dict[str, Any]:
    """Measure once, all being due `lead` after the start."""
    with tempfile.TemporaryDirectory(prefix="fastflow-bench-") as place:
        folder = Path(place)
        due_at = (datetime.now(UTC) + lead).replace(microsecond=0)
        write_pipelines(folder / "pipelines", count, due_at)
        with server(folder, slots) as url:
            until("all found", lambda: len(get(f"{url}/api/schedules")["schedules"]) == count)
            holder = post(f"{url}/api/pipelines/holder/run")["id"] if are_taken else None
            if holder is not None:
                until("holder runs", lambda: get(f"{url}/api/runs/{holder}")["status"] == "RUNNING")
            spare = (due_at - datetime.now(UTC)).total_seconds()
            if spare <= 1:
                raise TooShort
            time.sleep(spare + 5)
            until("all created", lambda: len(scheduled_runs(url)) >= count)
            found = scheduled_runs(url)
            if holder is not None:
                post(f"{url}/api/runs/{holder}/cancel")
                until("holder ends", lambda: get(f"{url}/api/runs/{holder}")["status"] == "CANCELLED")
    late = sorted(
        (
            datetime.fromisoformat(run["created_at"]) - datetime.fromisoformat(run["cause"]["due_at"])
        ).total_seconds()
        * 1000
        for run in found
    )
    return {
        "runs": len(found),
        "pipelines_without_a_run": count - len({run["pipeline_name"] for run in found}),
        "late_p50_ms": round(statistics.median(late), 1),
        "late_p99_ms": round(statistics.quantiles(late, n=100)[98], 1),
        "late_max_ms": round(late[-1], 1),
    }


async def plain_inserts(count: int) -> float:
    """Write the same runs, attempts and events in one transaction; return the milliseconds."""
    with tempfile.TemporaryDirectory(prefix="fastflow-bench-") as place:
        database = Database(f"sqlite:///{place}/fastflow.db")
        await database.migrate()
        now = datetime.now(UTC)
        queued = [(new_id(), f"p{number:04}") for number in range(count)]
        rows = [
            {
                "id": run_id,
                "pipeline_name": name,
                "status": RunStatus.PENDING,
                "trigger": Trigger.SCHEDULE,
                "spec": {"timeout_seconds": 3600},
                "created_at": now,
            }
            for run_id, name in queued
        ]

        def work(session: Session) -> None:
            runs.insert_queued(session, rows)
            attempts.enqueue_first(session, queued, now)
            reports = [(run_id, name, {"status": "PENDING"}) for run_id, name in queued]
            events.append_for_runs(session, EventType.RUN_CREATED, now, reports)

        began = time.perf_counter()
        await database.write(work)
        taken = (time.perf_counter() - began) * 1000
        await database.close()
        return taken


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--schedules", type=int, default=1000)
    parser.add_argument("--slots", type=int, default=10, help="of the server that starts runs meanwhile")
    options = parser.parse_args()
    count = options.schedules
    asyncio.run(plain_inserts(count))  # warms what is imported and compiled once
    figures = {
        "schedules": count,
        "cores": os.cpu_count(),
        "load_average_before": round(os.getloadavg()[0], 1),
        "slots_taken": lateness(count, 1, are_taken=True),
        "slots_at_work": lateness(count, options.slots, are_taken=False),
        "same_rows_in_one_go_ms": round(asyncio.run(plain_inserts(count)), 1),
    }
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
