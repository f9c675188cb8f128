"""A server process of the test's own; whatever happens, it and its containers are gone afterwards."""

import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.server_process import ServerProcess, containers_of

MakeServer = Callable[[Mapping[str, str]], ServerProcess]


@pytest.fixture
def make_server(tmp_path: Path) -> Iterator[MakeServer]:
    """Make servers on the same folder, with further settings."""
    made: list[ServerProcess] = []

    def make(settings: Mapping[str, str]) -> ServerProcess:
        server = ServerProcess(tmp_path, settings)
        made.append(server)
        return server

    yield make
    for server in made:
        if server.process is not None:
            server.kill()
        if (server.data / "installation-id").exists() and (left := containers_of(server)):
            subprocess.run(["docker", "rm", "-fv", *left], check=True, capture_output=True, timeout=60)


@pytest.fixture
def docker_server(make_server: MakeServer, runner_image: str) -> ServerProcess:
    """A server on the Docker executor, with slots for 20."""
    return make_server(
        {
            "FASTFLOW_EXECUTOR": "docker",
            "FASTFLOW_RUNNER_IMAGE": runner_image,
            "FASTFLOW_MAX_CONCURRENT_RUNS": "20",
        }
    )
