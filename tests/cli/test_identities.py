"""`fastflow identities`: an admin lets people in who sign in by a provider."""

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import httpx2

from fastflow.cli.exit_codes import ExitCode
from tests.cli.conftest import Console
from tests.cli.live_server import LiveServer
from tests.fakes.provider import ALICE


def knock(live_server: LiveServer) -> str:
    """Sign in as whoever sits at the browser; return what the page says."""
    with httpx2.Client(base_url=live_server.address, trust_env=False) as browser:
        address = browser.get("/api/auth/oidc/start").headers["location"]
        state = parse_qs(urlsplit(address).query)["state"][0]
        return browser.get("/api/auth/oidc/callback", params={"code": "c", "state": state}).text


def test_who_waits_is_listed(live_server: LiveServer, console: Console) -> None:
    assert "Nobody" in console("identities").stderr
    assert "admission_pending" in knock(live_server)
    (line,) = console("identities", "--pending").stdout.splitlines()[1:]
    assert line.split()[:5] == ["oidc/alice", "Alice", "Adams", "alice@example.org", "pending"]


def test_the_first_user_is_nobody_who_signs_in_elsewhere(live_server: LiveServer, console: Console) -> None:
    """They could be locked out by the provider, and nobody else could let them in."""
    knock(live_server)
    answer = console("identities", "admit", "oidc/alice", "--role", "admin", "--name", "ada")
    assert (answer.exit_code, "the first user needs one" in answer.stderr) == (ExitCode.REFUSED, True)


def test_somebody_is_refused_and_forgotten(live_server: LiveServer, console: Console) -> None:
    knock(live_server)
    assert console("identities", "refuse", "oidc/alice").exit_code == ExitCode.USAGE, "asks first"
    assert "refused" in console("identities", "refuse", "oidc/alice", "--yes").stdout
    assert "access_refused" in knock(live_server)
    (found,) = console("identities", "--json").json["identities"]
    assert found["status"] == "refused"
    assert "forgotten" in console("identities", "forget", found["id"], "--yes").stdout
    assert "admission_pending" in knock(live_server)


def test_who_has_the_login_of_somebody_else_is_not_taken_for_them(
    live_server: LiveServer, console: Console
) -> None:
    knock(live_server)
    live_server.provider.somebody = replace(ALICE, subject="2")
    knock(live_server)
    answer = console("identities", "admit", "oidc/alice", "--role", "admin")
    assert answer.exit_code == ExitCode.USAGE
    assert "several people" in answer.stderr


def test_mistakes_are_named(live_server: LiveServer, console: Console) -> None:
    knock(live_server)
    for wrong in ([], ["--role", "viewer", "--user", "x"], ["--user", "x", "--name", "y"]):
        assert console("identities", "admit", "oidc/alice", *wrong).exit_code == ExitCode.USAGE
    assert console("identities", "admit", "oidc/bob", "--role", "viewer").exit_code == ExitCode.NOT_FOUND
    first = console("identities", "admit", "oidc/alice", "--role", "viewer")
    assert (first.exit_code, "must be an admin" in first.stderr) == (ExitCode.REFUSED, True)
