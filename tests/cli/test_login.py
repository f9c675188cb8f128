"""`fastflow setup`, `login`, `logout` and `whoami`: being known to a server."""

import json
from pathlib import Path

import pytest

from fastflow.cli.exit_codes import ExitCode
from tests.cli.accounts import PASSWORD, in_file, piped
from tests.cli.conftest import Console, Ended
from tests.cli.live_server import LiveServer

AWAY = "http://127.0.0.1:1"


@pytest.fixture
def signed_in(live_server: LiveServer, console: Console, tmp_path: Path) -> Ended:
    """The first administrator, anna, whom the console knows."""
    ended = console("setup", "--name", "anna", "--password-file", in_file(tmp_path))
    assert ended.exit_code == 0, ended.stderr
    return ended


def test_a_server_without_accounts_says_so_and_how_to_make_the_first(
    live_server: LiveServer, console: Console
) -> None:
    assert console("whoami", "--json").json["kind"] == "local"
    refused = console("login", "--name", "anna")
    assert refused.exit_code == ExitCode.REFUSED
    assert f"fastflow setup --server {live_server.address}" in refused.stderr


def test_the_first_administrator_is_signed_in_and_set_up_once(
    signed_in: Ended, live_server: LiveServer, console: Console
) -> None:
    assert signed_in.stdout == f"signed in at {live_server.address} as anna (admin)\n"
    me = console("whoami", "--json").json
    assert (me["kind"], me["name"], me["role"]) == ("user", "anna", "admin")
    again = console("setup", "--name", "eve")
    assert again.exit_code == ExitCode.REFUSED
    assert "fastflow login" in again.stderr


def test_what_is_remembered_is_for_its_owner_alone_and_holds_no_password(
    signed_in: Ended, profiles_file: Path
) -> None:
    assert profiles_file.stat().st_mode & 0o777 == 0o600
    assert PASSWORD not in profiles_file.read_text()
    assert [file.name for file in profiles_file.parent.iterdir()] == ["profiles.json"]


def test_commands_without_a_server_ask_the_one_of_the_last_login(
    signed_in: Ended, console: Console, monkeypatch: pytest.MonkeyPatch, live_server: LiveServer
) -> None:
    monkeypatch.delenv("FASTFLOW_SERVER")
    assert console("whoami", "--json").json["server"] == live_server.address
    assert console("pipelines").exit_code == 0


def test_a_token_goes_to_no_other_server(signed_in: Ended, console: Console, profiles_file: Path) -> None:
    profiles = json.loads(profiles_file.read_text())
    (profile,) = profiles["profiles"].values()
    profile["server"] = AWAY  # as if one had signed in there only
    profiles_file.write_text(json.dumps(profiles))
    refused = console("runs")
    assert refused.exit_code == ExitCode.REFUSED
    assert "wants to know who you are" in refused.stderr


def test_after_signing_out_nothing_is_left_of_it(
    signed_in: Ended, console: Console, profiles_file: Path
) -> None:
    kept = profiles_file.read_text()
    assert console("logout").exit_code == 0
    assert console("runs").exit_code == ExitCode.REFUSED
    assert "ff_" not in profiles_file.read_text()
    profiles_file.write_text(kept)  # the server has forgotten it, too
    ended = console("runs")
    assert ended.exit_code == ExitCode.REFUSED
    assert "Sign in again with: fastflow login" in ended.stderr
    assert console("logout").exit_code == 0, "what has ended at the server can be forgotten"
    assert "not signed in" in console("logout").stderr


def test_signing_in_again_ends_the_token_before(signed_in: Ended, console: Console, tmp_path: Path) -> None:
    ended = console("login", "--name", "Anna", "--password-file", in_file(tmp_path), "--json")
    assert ended.json["user"] == "anna"
    assert "ff_" not in ended.stdout
    actions = [entry["action"] for entry in console("audit", "--json").json["entries"]]
    assert actions.count("token.created") == 2
    assert actions.count("token.revoked") == 1


def test_a_wrong_password_is_refused_and_what_was_known_stays(
    signed_in: Ended, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = piped(console, monkeypatch, "wrong horse battery\n", "login", "--name", "anna")
    assert refused.exit_code == ExitCode.REFUSED
    assert refused.stderr == "error: Name or password is wrong.\n"
    assert console("whoami").exit_code == 0


def test_a_pipe_gives_the_password(
    signed_in: Ended, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert piped(console, monkeypatch, f"{PASSWORD}\n", "login", "--name", "anna").exit_code == 0
    empty = piped(console, monkeypatch, "", "login", "--name", "anna")
    assert empty.exit_code == ExitCode.USAGE
    assert "--password-file: there is no password in standard input" in empty.stderr
    nameless = piped(console, monkeypatch, f"{PASSWORD}\n", "login")
    assert "--name is missing" in nameless.stderr


def test_a_profile_is_chosen_by_name(
    signed_in: Ended, console: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    login = ("login", "--name", "anna", "--password-file", in_file(tmp_path))
    assert console(*login, "--profile", "other", "--json").json["profile"] == "other"
    monkeypatch.setenv("FASTFLOW_PROFILE", "other")
    assert console("whoami", "--json").json["profile"] == "other"
    assert console("logout").exit_code == 0
    missing = console("whoami")
    assert missing.exit_code == ExitCode.USAGE
    assert "fastflow login --profile other" in missing.stderr
    monkeypatch.delenv("FASTFLOW_PROFILE")
    assert console("whoami").exit_code == 0


def test_the_variables_token_wins_and_a_wrong_one_is_named(
    signed_in: Ended, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FASTFLOW_TOKEN", "ff_wrong")
    refused = console("runs")
    assert refused.exit_code == ExitCode.REFUSED
    assert refused.stderr.startswith("error: FASTFLOW_TOKEN does not open")


@pytest.mark.parametrize("command", ["runs", "login", "setup"])
def test_nothing_secret_is_sent_in_the_open(
    command: str, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FASTFLOW_TOKEN", "ff_secret")
    refused = console(command, "--server", "http://fastflow.example.org")
    assert refused.exit_code == ExitCode.USAGE
    assert "not sent" in refused.stderr
    assert "https" in refused.stderr
    assert "ff_secret" not in refused.stderr


def test_a_server_that_is_away_leaves_one_signed_in_unless_one_insists(
    signed_in: Ended, console: Console, live_server: LiveServer, profiles_file: Path
) -> None:
    live_server.stop()
    away = console("logout")
    assert away.exit_code == ExitCode.UNREACHABLE
    assert "--only-here" in away.stderr
    assert console("logout", "--only-here").exit_code == 0
    assert "ff_" not in profiles_file.read_text()
    live_server.start()


def test_signing_out_everywhere_ends_the_other_consoles(
    signed_in: Ended, console: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    console("login", "--name", "anna", "--password-file", in_file(tmp_path), "--profile", "other")
    left = console("logout", "--everywhere", "--json").json
    assert (left["user"], left["everywhere"], "token" in left) == ("anna", True, False)
    assert console("whoami").exit_code == ExitCode.REFUSED


def test_a_damaged_file_is_named(console: Console, profiles_file: Path) -> None:
    profiles_file.parent.mkdir(parents=True)
    profiles_file.write_text("[]")
    ended = console("runs")
    assert ended.exit_code == ExitCode.USAGE
    assert str(profiles_file) in ended.stderr
