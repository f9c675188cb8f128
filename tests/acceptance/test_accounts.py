"""Story: the first account closes the server, and everybody gets in by a credential of their own."""

import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.server_process import FASTFLOW, MakeServer, ServerProcess, servers_on

PASSWORD = "correct horse battery"  # noqa: S105 - opens nothing
RUNS_ON = "import time\nprint('begun', flush=True)\ntime.sleep(0.5)\nprint('done')\n"


class Person:
    """Somebody at a console of their own."""

    def __init__(self, server: ServerProcess, home: Path) -> None:
        self._server = server
        self._home = home

    def types(
        self, *arguments: str, lines: str = "", variables: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Type a command; `lines` come by a pipe."""
        environment = {key: value for key, value in os.environ.items() if key != "FASTFLOW_TOKEN"}
        return subprocess.run(
            [FASTFLOW, *arguments],
            env=environment
            | {"FASTFLOW_SERVER": self._server.url, "XDG_CONFIG_HOME": str(self._home)}
            | dict(variables or {}),
            input=lines,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.fixture
def make(tmp_path: Path) -> Iterator[MakeServer]:
    """Make servers that need no Engine."""
    with servers_on(tmp_path) as make_server:
        yield lambda settings: make_server(
            {"FASTFLOW_EXECUTOR": "process", "FASTFLOW_UV_PRE_HEAT": "0", **settings}
        )


def test_from_the_first_account_to_a_token_in_ci_and_out_again(make: MakeServer, tmp_path: Path) -> None:
    server = make({})
    server.add("report", RUNS_ON)
    server.start()
    server.until_ready()
    anna, vera, ci = (Person(server, tmp_path / name) for name in ("anna", "vera", "ci"))

    assert anna.types("setup", "--name", "anna", lines=f"{PASSWORD}\n").returncode == 0
    assert server.get("/api/runs")["code"] == "credential_missing"

    added = anna.types("users", "add", "vera", lines=f"{PASSWORD}\n")  # a viewer, for no role was given
    assert added.returncode == 0, added.stderr
    assert vera.types("login", "--name", "vera", lines=f"{PASSWORD}\n").returncode == 0
    assert "report" in vera.types("pipelines").stdout
    refused = vera.types("trigger", "report")
    assert refused.returncode == 5
    assert "needs the role operator; vera is viewer" in refused.stderr

    token = anna.types("tokens", "add", "ci", "--role", "operator", "--pipeline", "report").stdout.strip()
    followed = ci.types("trigger", "report", "--follow", variables={"FASTFLOW_TOKEN": token})
    assert followed.returncode == 0, followed.stderr
    assert followed.stdout == "begun\ndone\n"

    assert anna.types("logout", "--everywhere").returncode == 0
    assert anna.types("runs").returncode == 5
    assert ci.types("runs", variables={"FASTFLOW_TOKEN": token}).returncode == 0, "programs go on"

    forgotten = anna.types("login", "--name", "anna", lines="what was it again\n")
    assert forgotten.returncode == 5
    locked_out = anna.types(
        *("users", "reset-password", "anna", "--json"),
        lines="a new long password\n",
        variables={"FASTFLOW_DATA_DIR": str(server.data)},
    )
    assert locked_out.returncode == 0, locked_out.stderr
    assert json.loads(locked_out.stdout)["name"] == "anna"
    assert anna.types("login", "--name", "anna", lines="a new long password\n").returncode == 0
    assert "users reset-password" in anna.types("audit").stdout
    server.terminate()


def test_a_server_that_others_reach_wants_the_token_of_its_log(make: MakeServer, tmp_path: Path) -> None:
    server = make({"FASTFLOW_HOST": "0.0.0.0"})  # noqa: S104 - what is shown here
    server.start()
    server.until(lambda: "ready at" in server.log())
    (token,) = re.findall(r"setup_[A-Za-z0-9_-]+", server.log())
    assert server.get("/api/pipelines")["code"] == "credential_missing"
    eve, anna = Person(server, tmp_path / "eve"), Person(server, tmp_path / "anna")
    assert "fastflow setup" in eve.types("login", "--name", "eve").stderr
    guessed = eve.types("setup", "--name", "eve", lines=f"setup_guessed\n{PASSWORD}\n")
    assert guessed.returncode == 5
    assert "server's log" in guessed.stderr
    assert anna.types("setup", "--name", "anna", lines=f"{token}\n{PASSWORD}\n").returncode == 0
    assert '"role": "admin"' in anna.types("whoami", "--json").stdout
    assert eve.types("setup", "--name", "eve", lines=f"{token}\n{PASSWORD}\n").returncode == 5
    server.terminate()


@pytest.mark.parametrize(("trusted", "address"), [("127.0.0.1", "203.0.113.7"), ("192.0.2.1", "127.0.0.1")])
def test_the_log_names_the_caller_that_a_trusted_proxy_names(
    make: MakeServer, trusted: str, address: str
) -> None:
    server = make({"FASTFLOW_TRUSTED_PROXIES": trusted})
    server.start()
    server.until_ready()
    anna = {"name": "anna", "password": PASSWORD}
    server.call("POST", "/api/setup", anna)
    by_proxy = {"X-Forwarded-For": "198.51.100.1, 203.0.113.7"}
    token = server.call("POST", "/api/auth/login", anna, **by_proxy)["access_token"]
    (entry,) = server.call("GET", "/api/audit?limit=1", Authorization=f"Bearer {token}")["entries"]
    assert (entry["actor_name"], entry["address"]) == ("anna", address)
    server.terminate()
