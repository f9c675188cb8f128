"""A real server on a real Engine for the stories of a module, and the console that talks to it."""

import os
import secrets
import subprocess
from collections.abc import Callable, Iterator

import pytest

from tests.plugins.postgres import PostgresServer
from tests.server_process import FASTFLOW, MakeServer, ServerProcess, containers_of, servers_on

Console = Callable[..., subprocess.CompletedProcess[str]]
_SECONDS = 60


@pytest.fixture(scope="module")
def make_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MakeServer]:
    """Make servers on one folder of the module's own."""
    with servers_on(tmp_path_factory.mktemp("fastflow")) as make:
        yield make


@pytest.fixture(scope="module")
def server(make_server: MakeServer, runner_image: str) -> Iterator[ServerProcess]:
    """`fastflow up` on Docker; all runs that its stories start are over when they end."""
    server = make_server(
        {
            "FASTFLOW_EXECUTOR": "docker",
            "FASTFLOW_RUNNER_IMAGE": runner_image,
            "FASTFLOW_STOP_GRACE_SECONDS": "1",
            "FASTFLOW_UV_PRE_HEAT": "0",
        }
    )
    server.start()
    server.until_ready()
    yield server
    server.until(lambda: server.slots_in_use() == 0 and not containers_of(server))
    server.terminate()


@pytest.fixture
def empty_postgres(postgres_server: PostgresServer) -> Iterator[str]:
    """A database with nothing in it, as `createdb` makes it."""
    name = f"empty_{secrets.token_hex(4)}"
    yield postgres_server.create(name)
    postgres_server.drop(name)


@pytest.fixture(scope="module")
def console(server: ServerProcess) -> Console:
    """Type a command of the console; it finds the server by its variable."""

    def type_in(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [FASTFLOW, *arguments],
            env=os.environ | {"FASTFLOW_SERVER": server.url},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )

    return type_in
