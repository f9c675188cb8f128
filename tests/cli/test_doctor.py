"""`fastflow doctor`: verdicts, remedies, exit code."""

import socket
from pathlib import Path
from typing import Any

import pytest

from fastflow.cli.exit_codes import ExitCode
from tests.cli.conftest import Console
from tests.cli.live_server import LiveServer


@pytest.fixture(autouse=True)
def of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings that do not depend on the machine: no Engine, a free port, a directory of the test's."""
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("PIPELINES_DIR", str(tmp_path))
    monkeypatch.setenv("DOCKER_PROXY_URL", f"unix://{tmp_path}/no.sock")
    monkeypatch.setenv("PORT", str(_free_port()))


def _free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return trial.getsockname()[1]


def _checks(console: Console) -> dict[str, dict[str, Any]]:
    return {check["name"]: check for check in console("doctor", "--json").json["checks"]}


def test_a_sound_machine_without_an_engine_is_told_that_attempts_are_not_isolated(
    console: Console, tmp_path: Path
) -> None:
    ended = console("doctor")
    assert ended.exit_code == 0
    checks = _checks(console)
    assert {name for name, check in checks.items() if check["verdict"] == "ok"} == {
        "settings",
        "python",
        "uv",
        "disk",
        "uv store",
        "pipelines",
        "encryption key",
        "port",
    }
    assert "not isolated" in checks["engine"]["message"]
    assert not (tmp_path / "data").exists()


def test_an_engine_that_is_demanded_and_away_fails_with_a_remedy(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXECUTOR", "docker")
    assert console("doctor").exit_code == ExitCode.FAILED
    engine = _checks(console)["engine"]
    assert engine["verdict"] == "fail"
    assert "EXECUTOR=process" in engine["remedy"]


def test_a_port_that_another_program_has_fails(
    console: Console, monkeypatch: pytest.MonkeyPatch, other_server: str
) -> None:
    monkeypatch.setenv("PORT", other_server.rpartition(":")[2])
    port = _checks(console)["port"]
    assert port["verdict"] == "fail"
    assert "PORT" in port["remedy"]


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])  # noqa: S104 - nobody listens there
def test_our_own_server_at_the_port_is_recognised(
    console: Console, monkeypatch: pytest.MonkeyPatch, live_server: LiveServer, host: str
) -> None:
    monkeypatch.setenv("HOST", host)
    monkeypatch.setenv("PORT", live_server.address.rpartition(":")[2])
    port = _checks(console)["port"]
    assert port["verdict"] == "ok"
    assert "Fast-Flow" in port["message"]


def test_a_missing_folder_of_pipelines_warns(
    console: Console, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PIPELINES_DIR", str(tmp_path / "nowhere"))
    check = _checks(console)["pipelines"]
    assert (check["verdict"], "fastflow new" in check["remedy"]) == ("warn", True)


def test_a_setting_that_can_not_be_right_fails_and_is_named(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORT", "many")
    ended = console("doctor", "--json")
    assert ended.exit_code == ExitCode.FAILED
    assert "PORT=many" in ended.json["checks"][0]["message"]


def test_a_cache_on_another_filesystem_warns(
    console: Console, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    store.mkdir()
    (store / "env").symlink_to("/dev/shm", target_is_directory=True)  # noqa: S108 - another filesystem
    (store / "cache").mkdir()
    monkeypatch.setenv("UV_CACHE_DIR", str(store))
    check = _checks(console)["uv store"]
    assert check["verdict"] == "warn"
    assert list((store / "cache").iterdir()) == []
