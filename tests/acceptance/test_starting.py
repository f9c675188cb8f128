"""Story: starting the server - what it says of its executor, what it refuses, who waits when it is full."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.acceptance.event_stream import events
from tests.server_process import FASTFLOW, TERMINAL, MakeServer, ServerProcess, free_port, servers_on

LASTS = "print('up')\nimport time\ntime.sleep(600)"


@pytest.fixture(scope="module")
def process_server(make_server: MakeServer) -> ServerProcess:
    """`fastflow up` without Docker, with a single slot."""
    server = make_server(
        {
            "FASTFLOW_EXECUTOR": "process",
            "FASTFLOW_MAX_CONCURRENT_RUNS": "1",
            "FASTFLOW_UV_PRE_HEAT": "0",
            "FASTFLOW_STOP_GRACE_SECONDS": "1",
        }
    )
    server.start()
    server.until_ready()
    return server


def up(settings: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Start a server that is expected to refuse."""
    return subprocess.run(
        [FASTFLOW, "up"],
        env=os.environ | {"FASTFLOW_PORT": str(free_port()), **settings},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_without_docker_it_says_plainly_that_it_does_not_isolate(process_server: ServerProcess) -> None:
    (line,) = (x for x in process_server.log().splitlines() if "executor: process, as EXECUTOR says" in x)
    assert "no container, no file or network isolation" in line
    ready = process_server.get("/ready")
    assert (ready["executor"], ready["is_isolating"]) == ("process", False)


def test_where_no_engine_answers_processes_are_chosen_by_themselves(tmp_path: Path) -> None:
    with servers_on(tmp_path) as make:
        server = make({"FASTFLOW_EXECUTOR": "auto", "FASTFLOW_DOCKER_PROXY_URL": "unix:///nosuch.sock"})
        server.start()
        server.until_ready()
        assert server.get("/ready")["executor"] == "process"
        assert "executor: process. The Docker Engine at unix:///nosuch.sock" in server.log()


def test_a_full_house_queues_and_no_pipeline_starves_another(process_server: ServerProcess) -> None:
    server = process_server
    server.add("busy", "print('x')")
    server.add("rare", "print('x')")
    server.add("blocker", LASTS)
    blocker = server.run("blocker")
    next(events(f"{server.url}/api/runs/{blocker}/logs/stream"))
    busy = [server.run("busy") for _ in range(4)]
    rare = server.run("rare")
    waiting = server.get(f"/api/runs/{rare}")
    assert waiting["status"] == "PENDING"
    server.call("POST", f"/api/runs/{blocker}/cancel")
    begun = {run_id: server.until_status(run_id, *TERMINAL)["started_at"] for run_id in [*busy, rare]}
    assert begun[rare] < sorted(begun[run_id] for run_id in busy)[1], (
        "it came last and waited for one at most"
    )


def test_a_second_server_on_the_same_data_is_refused(process_server: ServerProcess) -> None:
    refused = up({"FASTFLOW_DATA_DIR": str(process_server.data)})
    assert refused.returncode == 5
    assert str(process_server.data) in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_port_that_is_taken_is_named(process_server: ServerProcess) -> None:
    refused = up(
        {
            "FASTFLOW_PORT": str(process_server.port),
            "FASTFLOW_DATA_DIR": f"{process_server.data}-third",
            "FASTFLOW_EXECUTOR": "process",
        }
    )
    assert refused.returncode == 6
    assert f"Port {process_server.port}" in refused.stderr
