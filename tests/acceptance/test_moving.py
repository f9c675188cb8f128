"""Story: an installation outgrows SQLite and moves to PostgreSQL, while something of it runs."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.server_process import FASTFLOW, MakeServer

WAITS = """
import os, time
print('begun', flush=True)
while not os.path.exists('/fastflow/run/go'): time.sleep(0.05)
print('done')
"""
pytestmark = pytest.mark.timeout(300)


def copy(data: Path, to: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [FASTFLOW, "db", "copy", "--to", to, "--json"],
        env=os.environ | {"FASTFLOW_DATA_DIR": str(data)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_it_moves_to_postgresql_and_its_active_run_comes_along(
    make_server: MakeServer, runner_image: str, empty_postgres: str, tmp_path: Path
) -> None:
    settings = {"FASTFLOW_EXECUTOR": "docker", "FASTFLOW_RUNNER_IMAGE": runner_image}
    server = make_server(settings)
    server.add("prints", "print('of before')")
    server.add("waits", WAITS)
    server.start()
    server.until_ready()
    past = server.until_status(server.run("prints"), "SUCCESS")
    active = server.run("waits")
    server.until(lambda: b"begun" in server.raw_log(active))
    refused = copy(server.data, empty_postgres)
    assert (refused.returncode, "Stop it first" in refused.stderr) == (5, True)
    assert copy(tmp_path, empty_postgres).returncode == 4
    server.terminate()
    copied = copy(server.data, empty_postgres)
    assert copied.returncode == 0, copied.stderr
    assert json.loads(copied.stdout)["tables"]["runs"] == 2
    again = copy(server.data, empty_postgres)
    assert (again.returncode, "rows already" in again.stderr) == (5, True)

    moved = make_server({**settings, "FASTFLOW_DATABASE_URL": empty_postgres})
    moved.start()
    moved.until_ready()
    assert moved.get(f"/api/runs/{past['id']}") == past
    assert moved.raw_log(past["id"]) == b"of before\n"
    (directory,) = (moved.data / "attempts").glob(f"{active}*")
    (directory / "go").touch()
    moved.until_status(active, "SUCCESS")
    assert moved.raw_log(active) == b"begun\ndone\n"
    assert moved.get("/api/about")["database"]["kind"] == "PostgreSQL"
    moved.terminate()
