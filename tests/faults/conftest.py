"""A server process of the test's own; whatever happens, it and its containers are gone afterwards."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server_process import MakeServer, ServerProcess, servers_on


@pytest.fixture
def make_server(tmp_path: Path) -> Iterator[MakeServer]:
    """Make servers on the same folder, with further settings."""
    with servers_on(tmp_path) as make:
        yield make


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
