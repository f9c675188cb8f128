"""`fastflow users` and `fastflow tokens`: people, and what their programs send."""

from pathlib import Path

import pytest

from fastflow.cli.exit_codes import ExitCode
from tests.cli.accounts import in_file
from tests.cli.conftest import Console
from tests.cli.live_server import LiveServer


@pytest.fixture(autouse=True)
def anna(live_server: LiveServer, console: Console, tmp_path: Path) -> None:
    """The first administrator is signed in."""
    assert console("setup", "--name", "anna", "--password-file", in_file(tmp_path)).exit_code == 0


def test_somebody_is_admitted_changed_and_removed(console: Console, tmp_path: Path) -> None:
    added = console("users", "add", "ben", "--role", "operator", "--password-file", in_file(tmp_path))
    assert added.stdout == "ben (operator) is admitted\n"
    assert console("users", "role", "ben", "editor", "--json").json["role"] == "editor"
    assert console("users", "disable", "ben", "--json").json["is_enabled"] is False
    login = ("login", "--name", "ben", "--profile", "ben", "--password-file", in_file(tmp_path))
    assert "disabled" in console(*login).stderr
    assert "disabled" in console("users").stdout
    assert console("users", "enable", "ben").exit_code == 0
    other = in_file(tmp_path, "another long password")
    assert console("users", "password", "ben", "--password-file", other).exit_code == 0
    assert console(*login).exit_code == ExitCode.REFUSED
    assert console("users", "rm", "ben").exit_code == ExitCode.USAGE, "nobody has confirmed it"
    removed = console("users", "rm", "ben", "--yes", "--json").json
    assert (removed["name"], removed["role"]) == ("ben", "editor")
    assert console("users", "rm", "ben", "--yes").exit_code == ExitCode.NOT_FOUND
    assert [user["name"] for user in console("users", "--json").json["users"]] == ["anna"]


def test_who_may_not_is_told_which_role_it_needs(console: Console, tmp_path: Path) -> None:
    console("users", "add", "ben", "--password-file", in_file(tmp_path))
    assert console("login", "--name", "ben", "--password-file", in_file(tmp_path)).exit_code == 0
    refused = console("users")
    assert refused.exit_code == ExitCode.REFUSED
    assert "needs the role admin; ben is viewer" in refused.stderr


def test_a_token_is_shown_once_and_is_good_until_revoked(
    console: Console, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    live_server.source.put("report")
    live_server.scan()
    made = console("tokens", "add", "ci", "--role", "operator", "--pipeline", "report")
    token = made.stdout.strip()
    (entry,) = [one for one in console("tokens", "--json").json["tokens"] if one["name"] == "ci"]
    assert entry["id"] in made.stderr
    assert token not in console("tokens").stdout
    monkeypatch.setenv("FASTFLOW_TOKEN", token)
    assert console("trigger", "report").exit_code == 0
    me = console("whoami", "--json").json
    assert (me["name"], me["role"], me["pipelines"]) == ("anna/ci", "operator", ["report"])
    refused = console("tokens")
    assert refused.exit_code == ExitCode.REFUSED
    assert "Unset FASTFLOW_TOKEN" in refused.stderr
    monkeypatch.delenv("FASTFLOW_TOKEN")
    revoked = console("tokens", "revoke", entry["id"], "--json").json
    assert (revoked["id"], revoked["name"], "token" in revoked) == (entry["id"], "ci", False)
    monkeypatch.setenv("FASTFLOW_TOKEN", token)
    assert "does not open" in console("runs").stderr


def test_a_reset_outside_of_an_installation_names_the_setting(
    console: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FASTFLOW_DATA_DIR", str(tmp_path / "none"))
    ended = console("users", "reset-password", "anna", "--password-file", in_file(tmp_path))
    assert ended.exit_code == ExitCode.NOT_FOUND
    assert "FASTFLOW_DATA_DIR" in ended.stderr
