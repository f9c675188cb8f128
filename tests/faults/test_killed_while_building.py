"""The server is killed while it builds an environment: nothing half is used, and nothing half is left."""

import time
from pathlib import Path

import pytest

from tests.server_process import TERMINAL, ServerProcess, labelled

REQUIREMENTS = "numpy==2.2.6\nrequests==2.32.3\n"
CODE = "import numpy, requests\nprint(numpy.__version__, requests.__version__)\n"


@pytest.mark.timeout(600)
@pytest.mark.parametrize("step", ["locking", "installing"])
def test_a_server_killed_while_it_makes_an_environment_makes_it_whole_afterwards(
    docker_server: ServerProcess, step: str
) -> None:
    server = docker_server
    server.settings = {**server.settings, "FASTFLOW_UV_PRE_HEAT": "0"}
    server.add("heavy", CODE)
    (server.folder / "pipelines/heavy/requirements.txt").write_text(REQUIREMENTS)
    server.start()
    server.until_ready()
    run_id = server.trigger("heavy", "first")
    places = {"locking": server.data / "uv/locks", "installing": server.data / "uv/env"}
    server.until(lambda: places[step].is_dir() and any(places[step].iterdir()))
    time.sleep(0.05)  # into the middle of it
    server.kill()
    halves = [path.name for path in (server.data / "uv").glob("env/*") if not is_whole(path)]
    if step == "installing":
        assert all(name.startswith(".building-") for name in halves), halves

    server.start()
    server.until_ready()
    run = server.until_status(run_id, *TERMINAL)
    assert run["status"] == "SUCCESS", run["reason"]
    assert server.raw_log(run_id) == b"2.2.6 2.32.3\n"
    server.until(lambda: all(is_whole(path) for path in (server.data / "uv/env").iterdir()))
    server.until(lambda: "preparation" not in [kind for _, kind in labelled(server)])


def is_whole(environment: Path) -> bool:
    """Return whether it has got the marker that is written last."""
    return (environment / "fastflow-environment.json").exists()
