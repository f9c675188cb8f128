"""The server is killed again and again in the middle of its work: nothing is lost, doubled or left."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server_process import (
    TERMINAL,
    ServerProcess,
    StartsWitness,
    attempt_directories,
    containers_of,
    labelled,
)

KILLS = 50
AT_ONCE = 20
LINES = 200
SEED = 20261123

HAND_OVERS = 12
TOLD = """
import os, time
print("of", os.environ["FASTFLOW_RUN_ID"], flush=True)
time.sleep(0.2)
print("heard" if os.environ["TOKEN"].endswith("horse") else "deaf")
print("heard" if open(os.environ["FILED_FILE"]).read().endswith("horse") else "deaf")
"""
STEADY = f"""
import sys, time
for number in range({LINES}):
    print(f"out {{number}}")
    print(f"err {{number}}", file=sys.stderr)
    time.sleep(0.05)
"""


@pytest.fixture
def witness(tmp_path: Path) -> Iterator[StartsWitness]:
    witness = StartsWitness(tmp_path)
    yield witness
    witness.close()


@pytest.mark.timeout(900)
def test_fifty_kills_lose_no_run_no_line_no_slot_and_start_nothing_twice(
    docker_server: ServerProcess, witness: StartsWitness
) -> None:
    """20 attempts are kept running while the server is killed at random moments, 50 times."""
    server, chance = docker_server, random.Random(SEED)  # noqa: S311 - not a secret
    server.settings = {**server.settings, "FASTFLOW_STANDBY_CONTAINERS": "0"}  # the witness sees others start
    server.add("steady", STEADY)
    server.start()
    server.until_ready()
    runs: list[str] = []
    ended: set[str] = set()

    def top_up() -> None:
        """Keep as many runs active as there are slots."""
        for run_id in runs:
            if run_id not in ended and server.get(f"/api/runs/{run_id}")["status"] in TERMINAL:
                ended.add(run_id)
        while len(runs) - len(ended) < AT_ONCE:
            runs.append(server.trigger("steady", f"run-{len(runs)}"))

    for _ in range(KILLS):
        top_up()
        # Anything from "has just been triggered" to "runs for a while" must be survived.
        time.sleep(chance.uniform(0, 1.2))
        server.kill()
        server.start()
        server.until(lambda: _answers(server))
    for run_id in runs:
        server.until_status(run_id, *TERMINAL)

    details = [server.get(f"/api/runs/{run_id}") for run_id in runs]
    assert {run["status"] for run in details} == {"SUCCESS"}, [r for r in details if r["status"] != "SUCCESS"]
    assert {len(run["attempts"]) for run in details} == {1}
    for run_id in runs:
        lines = server.raw_log(run_id).decode().splitlines()
        assert [x for x in lines if x.startswith("out")] == [f"out {n}" for n in range(LINES)]
        assert [x for x in lines if x.startswith("err")] == [f"err {n}" for n in range(LINES)]
    assert witness.starts(runs) == dict.fromkeys(runs, 1)
    server.until(lambda: not containers_of(server))
    assert server.slots_in_use() == 0
    server.until(lambda: not attempt_directories(server))


@pytest.mark.timeout(600)
def test_a_server_killed_while_it_hands_runs_to_waiting_containers_starts_each_once(
    docker_server: ServerProcess,
) -> None:
    """Whatever was handed over is adopted, whatever was not starts anew, and no secret goes astray."""
    server, chance = docker_server, random.Random(SEED)  # noqa: S311 - not a secret
    server.add("told", TOLD, {"secrets": ["TOKEN", {"key": "FILED", "as": "file"}]})
    server.start()
    server.until_ready()
    for name in ("TOKEN", "FILED"):
        server.call("PUT", f"/api/secrets/{name}", {"value": f"{name}-correct-horse"})
    runs: list[str] = []
    for number in range(HAND_OVERS):
        runs.append(server.trigger("told", f"before-{number}"))
        server.until_status(runs[-1], *TERMINAL)
        server.until(lambda: waiting_containers(server) > 0)
        runs += [server.trigger("told", f"run-{number}-{each}") for each in range(2)]
        time.sleep(chance.uniform(0, 0.06))
        server.kill()
        server.start()
        server.until(lambda: _answers(server))
    details = [server.until_status(run_id, *TERMINAL) for run_id in runs]
    assert {run["status"] for run in details} == {"SUCCESS"}, [r for r in details if r["status"] != "SUCCESS"]
    for run in details:
        lines = server.raw_log(run["id"]).decode().splitlines()
        assert lines == ["of " + run["id"], "heard", "heard"], "once, in a container that knows its own alone"
    kinds = [attempt["start_kind"] for run in details for attempt in run["attempts"]]
    assert {"standby", "cold"} <= set(kinds), "no run was handed over; nothing was shown"
    server.until(lambda: not containers_of(server))
    assert server.slots_in_use() == 0
    server.until(lambda: not attempt_directories(server))


def waiting_containers(server: ServerProcess) -> int:
    """Return how many containers wait for a run."""
    return sum(kind == "standby" for _, kind in labelled(server))


def test_a_graceful_stop_takes_less_than_two_seconds_and_the_next_start_goes_on(
    docker_server: ServerProcess,
) -> None:
    server = docker_server
    server.add("steady", STEADY)
    server.start()
    server.until_ready()
    run_id = server.trigger("steady", "only")
    server.until_status(run_id, "RUNNING")
    assert server.terminate() < 2
    assert len(containers_of(server)) == 1
    server.start()
    server.until_ready()
    assert server.until_status(run_id, *TERMINAL)["status"] == "SUCCESS"
    assert server.raw_log(run_id).count(b"\n") == 2 * LINES


def _answers(server: ServerProcess) -> bool:
    try:
        return server.get("/health")["status"] == "ok"
    except OSError:
        return False
