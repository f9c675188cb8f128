"""`fastflow profiles` and `fastflow passwd`: where one is signed in, and by what."""

from pathlib import Path

import pytest

from fastflow.cli.exit_codes import ExitCode
from tests.cli.accounts import PASSWORD, in_file, piped
from tests.cli.conftest import Console
from tests.cli.live_server import LiveServer

NEW = "another long password"


@pytest.fixture(autouse=True)
def anna(live_server: LiveServer, console: Console, tmp_path: Path) -> None:
    """The first administrator is signed in."""
    assert console("setup", "--name", "anna", "--password-file", in_file(tmp_path)).exit_code == 0


@pytest.fixture
def own(live_server: LiveServer) -> str:
    """The name of the profile that is there."""
    return live_server.address.removeprefix("http://")


@pytest.fixture
def other(console: Console, tmp_path: Path) -> str:
    """Another profile, which is the current one."""
    login = ("login", "--name", "anna", "--password-file", in_file(tmp_path), "--profile", "other")
    assert console(*login).exit_code == 0
    return "other"


def current_of(console: Console) -> list[str]:
    return [each["name"] for each in console("profiles", "--json").json["profiles"] if each["is_current"]]


def test_profiles_are_listed_without_their_tokens(console: Console, own: str, other: str) -> None:
    (first, second) = console("profiles", "--json").json["profiles"]
    assert (first["name"], first["user"], first["is_current"]) == (own, "anna", False)
    assert (second["name"], second["is_current"]) == (other, True)
    shown = console("profiles").stdout
    assert "current" in shown.splitlines()[2]
    assert "ff_" not in shown


def test_another_profile_is_used_from_now_on(
    console: Console, own: str, other: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert console("profiles", "use", own).exit_code == 0
    assert console("whoami", "--json").json["profile"] == own
    monkeypatch.setenv("FASTFLOW_PROFILE", other)
    assert current_of(console) == [other], "the variable says so"
    assert "unset it" in console("profiles", "use", own).stderr
    assert console("profiles", "use", "none").exit_code == ExitCode.USAGE


def test_a_profile_that_is_removed_ends_at_its_server(console: Console, own: str, other: str) -> None:
    removed = console("profiles", "rm", other, "--json")
    assert (removed.json["name"], "ff_" in removed.stdout) == (other, False)
    assert "profiles use NAME" in removed.stderr
    assert console("profiles", "use", own).exit_code == 0
    assert len(console("tokens", "--json").json["tokens"]) == 1
    assert console("profiles", "rm", own).exit_code == 0
    assert "signed in nowhere" in console("profiles").stderr


def test_a_profile_whose_server_is_gone_is_forgotten_on_this_machine(
    console: Console, own: str, live_server: LiveServer
) -> None:
    live_server.stop()
    assert console("profiles", "rm", own).exit_code == ExitCode.UNREACHABLE
    assert current_of(console) == [own]
    assert console("profiles", "rm", own, "--only-here").exit_code == 0
    assert current_of(console) == []
    live_server.start()


def test_a_new_password_leaves_one_signed_in_here_and_nowhere_else(
    console: Console, own: str, other: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FASTFLOW_PROFILE", own)
    changed = piped(console, monkeypatch, f"{PASSWORD}\n{NEW}\n", "passwd", "--json")
    assert changed.exit_code == 0, changed.stderr
    assert changed.json["name"] == "anna"
    assert console("whoami").exit_code == 0
    monkeypatch.delenv("FASTFLOW_PROFILE")
    assert current_of(console) == [other], "which is used has not changed"
    assert "Sign in again" in console("profiles", "list").stderr + console("runs").stderr
    for secret, exit_code in ((PASSWORD, ExitCode.REFUSED), (NEW, ExitCode.OK)):
        login = ("login", "--name", "anna", "--password-file", in_file(tmp_path, secret))
        assert console(*login).exit_code == exit_code


def test_a_wrong_or_weak_password_changes_nothing(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = piped(console, monkeypatch, f"wrong horse battery\n{NEW}\n", "passwd")
    assert (wrong.exit_code, "is not right" in wrong.stderr) == (ExitCode.REFUSED, True)
    weak = piped(console, monkeypatch, f"{PASSWORD}\nshort\n", "passwd")
    assert (weak.exit_code, "password" in weak.stderr) == (ExitCode.REFUSED, True)
    assert console("whoami").exit_code == 0


def test_who_is_signed_in_nowhere_has_no_password_to_change(console: Console, own: str) -> None:
    console("profiles", "rm", own)
    assert "fastflow login" in console("passwd").stderr
