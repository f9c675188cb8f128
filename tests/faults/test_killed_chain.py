"""The server is killed between the end of a run and the start of what follows it, again and again."""

import random
import sqlite3
import time
from contextlib import closing
from typing import Any

import pytest

from tests.server_process import PATIENCE_SECONDS, TERMINAL, MakeServer, ServerProcess

KILLS = 10
SEED = 20270115
FOLLOWERS = ["first", "second", "third"]


def until_ended(server: ServerProcess, run_id: str) -> int:
    """Watch the database itself, which costs less than a request; return how many runs follow by then.

    The kill has to come within the few milliseconds after the run's end was written.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    query = (
        "SELECT status IN ('SUCCESS', 'FAILED'),"
        " (SELECT COUNT(*) FROM runs WHERE upstream_run_id = ?1) FROM runs WHERE id = ?1"
    )
    (database,) = server.data.glob("*.db")
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10)) as connection:
        while time.monotonic() < deadline:
            has_ended, followers = connection.execute(query, (run_id,)).fetchone()
            if has_ended:
                return int(followers)
    raise AssertionError(f"run {run_id} never ended; the server says:\n{server.log()[-4000:]}")


def until_followed(server: ServerProcess, run_id: str) -> Any:
    """Block until all that follows a run has been started; return it."""

    def followers() -> Any:
        return server.get(f"/api/runs/{run_id}")["downstream"]

    server.until(lambda: len(followers()) >= len(FOLLOWERS))
    return followers()


@pytest.mark.timeout(300)
def test_each_run_is_followed_exactly_once_however_often_the_server_is_killed(
    make_server: MakeServer,
) -> None:
    server = make_server({"FASTFLOW_EXECUTOR": "process", "FASTFLOW_UV_PRE_HEAT": "0"})
    server.add("up", "print('done')", {"downstream_triggers": [{"pipeline": name} for name in FOLLOWERS]})
    for name in FOLLOWERS:
        server.add(name, "import os\nprint(os.environ['FASTFLOW_UPSTREAM_RUN_ID'])")
    server.start()
    server.until_ready()
    chance = random.Random(SEED)  # noqa: S311 - not a secret
    runs: list[str] = []
    missing: list[int] = []
    for number in range(KILLS):
        runs.append(server.trigger("up", f"run-{number}"))
        followers = until_ended(server, runs[-1])
        # The first kills come before any start, the later ones between, during and after them.
        time.sleep(0 if number < KILLS // 2 else chance.uniform(0, 0.05))
        server.kill()
        missing.append(len(FOLLOWERS) - followers)
        server.start()
        server.until_ready()

    for run_id in runs:
        server.until(
            lambda run_id=run_id: len(server.get(f"/api/runs/{run_id}")["downstream"]) >= len(FOLLOWERS)
        )
        started = server.get(f"/api/runs/{run_id}")["downstream"]
        assert sorted(run["pipeline_name"] for run in started) == sorted(FOLLOWERS)
        for run in started:
            ended = server.until_status(run["id"], *TERMINAL)
            assert ended["status"] == "SUCCESS", ended["reason"]
            assert server.raw_log(run["id"]).decode().split() == [run_id]
    assert any(missing), "no kill came between the end and the starts; nothing was shown"
    server.terminate()
