"""The drill: a machine is lost with all that is on it, and comes back from a backup made while it ran."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.server_process import FASTFLOW, TERMINAL, MakeServer, ServerProcess, remove_all_of, servers_on

VALUE = "of-the-house-4711"
PRINTS = (
    "import os, sys\nfor n in range(2000): print(f'line {n}')\nprint(os.environ['TOKEN'], file=sys.stderr)"
)
LENGTH = "import os\nprint(len(os.environ['TOKEN']))"
LONG = "import time\nprint('begun', flush=True)\ntime.sleep(600)"
Type = Callable[..., subprocess.CompletedProcess[str]]
pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def type_in(tmp_path: Path) -> Type:
    def typed(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [FASTFLOW, "backup", *arguments],
            env=os.environ | variables,
            cwd=tmp_path,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return typed


@pytest.fixture
def make(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MakeServer]:
    with servers_on(tmp_path_factory.mktemp("fastflow")) as make:
        yield make


@pytest.fixture
def lived_in(make: MakeServer, runner_image: str) -> ServerProcess:
    """A server with runs, secrets, and something that runs now."""
    server = make({"FASTFLOW_EXECUTOR": "docker", "FASTFLOW_RUNNER_IMAGE": runner_image})
    server.add("prints", PRINTS, {"secrets": ["TOKEN"]})
    server.add("length", LENGTH, {"secrets": ["TOKEN"]})
    server.add("long", LONG)
    server.start()
    server.until_ready()
    server.call("PUT", "/api/secrets/TOKEN", {"value": VALUE})
    server.until_status(server.run("prints"), "SUCCESS")
    return server


def told(server: ServerProcess) -> dict[str, Any]:
    """What users see of the past."""
    runs = [run for run in server.get("/api/runs?limit=100")["runs"] if run["status"] in TERMINAL]
    return {run["id"]: (run, server.raw_log(run["id"])) for run in runs}


def test_everything_comes_back_on_a_fresh_machine(
    lived_in: ServerProcess, make: MakeServer, type_in: Type, tmp_path: Path
) -> None:
    active = lived_in.run("long")
    lived_in.until(lambda: b"begun" in lived_in.raw_log(active))
    before = told(lived_in)
    recipient = type_in("key", "stick.key").stdout.strip()
    made = type_in("create", "today", "--recipient", recipient, FASTFLOW_DATA_DIR=str(lived_in.data))
    assert made.returncode == 0, made.stderr
    assert VALUE.encode() not in (tmp_path / "today").read_bytes()
    assert (tmp_path / "today").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "stick.key").stat().st_mode & 0o777 == 0o600
    verified = type_in("verify", "today", "--key-file", "stick.key")
    assert verified.returncode == 0, verified.stderr

    lived_in.kill()
    remove_all_of(lived_in)
    shutil.rmtree(lived_in.data)
    elsewhere = tmp_path / "elsewhere"
    restored = type_in("restore", "today", "--key-file", "stick.key", FASTFLOW_DATA_DIR=str(elsewhere))
    assert restored.returncode == 0, restored.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["elsewhere", "stick.key", "today"]

    again = make({**lived_in.settings, "FASTFLOW_DATA_DIR": str(elsewhere)})
    again.start()
    again.until_ready()
    lost = again.until_status(active, *TERMINAL)
    assert (lost["outcome"], again.raw_log(active).splitlines()[0]) == ("host_lost", b"begun")
    after = told(again)
    after.pop(active)
    assert after == before
    counted = again.run("length")
    again.until_status(counted, "SUCCESS")
    assert again.raw_log(counted).strip() == str(len(VALUE)).encode(), "the secret is there and can be read"
    again.terminate()


def test_a_backup_of_sqlite_fills_an_empty_postgresql(
    lived_in: ServerProcess, make: MakeServer, type_in: Type, empty_postgres: str, tmp_path: Path
) -> None:
    before = told(lived_in)
    recipient = type_in("key", "stick.key").stdout.strip()
    made = type_in("create", "today", "--recipient", recipient, FASTFLOW_DATA_DIR=str(lived_in.data))
    assert made.returncode == 0, made.stderr
    lived_in.terminate()
    elsewhere = {"FASTFLOW_DATA_DIR": str(tmp_path / "elsewhere"), "FASTFLOW_DATABASE_URL": empty_postgres}
    arguments = ("restore", "today", "--key-file", "stick.key")
    assert type_in(*arguments, **elsewhere).returncode == 0
    assert not (tmp_path / "elsewhere/fastflow.db").exists()
    occupied = type_in(*arguments, **{**elsewhere, "FASTFLOW_DATA_DIR": str(tmp_path / "other")})
    assert (occupied.returncode, "rows already" in occupied.stderr) == (5, True)
    assert not (tmp_path / "other").exists()

    again = make({**lived_in.settings, **elsewhere})
    again.start()
    again.until_ready()
    assert told(again) == before
    assert again.get("/api/about")["database"]["kind"] == "PostgreSQL"
    again.terminate()


def test_what_can_not_be_restored_says_so_and_leaves_nothing(
    lived_in: ServerProcess, type_in: Type, tmp_path: Path
) -> None:
    recipient = type_in("key", "stick.key").stdout.strip()
    type_in("key", "other.key")
    data = {"FASTFLOW_DATA_DIR": str(lived_in.data)}
    assert type_in("create", "today", "--recipient", recipient, **data).returncode == 0
    whole = (tmp_path / "today").read_bytes()
    middle = len(whole) // 2
    (tmp_path / "cut").write_bytes(whole[:middle])
    (tmp_path / "altered").write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
    elsewhere = {"FASTFLOW_DATA_DIR": str(tmp_path / "elsewhere")}
    for backup, key, expected in (
        ("today", "other.key", "made for another key"),
        ("cut", "stick.key", "damaged"),
        ("altered", "stick.key", "damaged"),
        ("missing", "stick.key", "no file missing"),
        ("today", "missing.key", "no file missing.key"),
        ("today", "today", "key"),
    ):
        for verb, variables in (("verify", {}), ("restore", elsewhere)):
            refused = type_in(verb, backup, "--key-file", key, **variables)
            assert refused.returncode not in (0, 1), refused
            assert expected in refused.stderr, refused.stderr
            assert "Traceback" not in refused.stderr
    assert not [path for path in tmp_path.iterdir() if "elsewhere" in path.name]
    for arguments, expected in (
        (("create", "today", "--recipient", recipient), "never overwritten"),
        (("create", "new", "--recipient", "age1nonsense"), "no recipient"),
        (("create", "new"), "--recipient"),
        (("key", "stick.key"), "never overwritten"),
        (("restore", "today", "--key-file", "stick.key"), "not empty"),
    ):
        refused = type_in(*arguments, **data)
        assert refused.returncode != 0
        assert expected in refused.stderr
    assert not (tmp_path / "new").exists()
    lived_in.terminate()
