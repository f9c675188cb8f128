"""`fastflow login --provider`: the browser comes back to the console, and only with what it asked for."""

import html
import json
import re
import subprocess
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from fastflow.cli.browser_sign_in import sign_in_by_browser
from fastflow.cli.credential import Place, read_address
from fastflow.cli.exit_codes import ExitCode
from fastflow.cli.failures import CommandFailed
from tests.cli.accounts import in_file
from tests.cli.conftest import Console, Ended
from tests.cli.live_server import LiveServer
from tests.cli.program import FASTFLOW, PATIENCE_SECONDS

LOGIN = ("login", "--provider", "oidc", "--no-browser", "--json")
MANNERS = ("content-security-policy", "cache-control", "referrer-policy")


class Login:
    """The console in a process of its own, waiting for a browser."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [*FASTFLOW, *LOGIN], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self._process.stderr is not None
        self.said = ""
        """Up to the address that is to be opened."""
        while (found := re.search(r"http\S+/console\?\S+", self.said)) is None:
            line = self._process.stderr.readline()
            assert line, self.said
            self.said += line
        self.address = found[0]

    @property
    def listens_at(self) -> str:
        return parse_qs(urlsplit(self.address).query)["address"][0]

    def join(self) -> Ended:
        stdout, stderr = self._process.communicate(timeout=PATIENCE_SECONDS)
        return Ended(self._process.returncode, stdout, stderr)

    def close(self) -> None:
        self._process.kill()
        self._process.communicate(timeout=PATIENCE_SECONDS)


class Person:
    """Sits at a browser."""

    def __init__(self, server: str) -> None:
        self.browser = httpx2.Client(trust_env=False, timeout=30)
        self._server = server

    def question(self, login: Login) -> str:
        """Go where the console says, through the provider; return the page."""
        # PUBLIC_URL names another port than the one where this server listens.
        address = f"{self._server}{login.address.removeprefix('http://127.0.0.1:8000')}"
        state = parse_qs(urlsplit(self.browser.get(address).headers["location"]).query)["state"][0]
        callback = f"{self._server}/api/auth/oidc/callback"
        return self.browser.get(callback, params={"code": "c", "state": state}).text

    def answer(self, page: str, word: str) -> str:
        """Click on a button; return the page that follows."""
        ticket = re.search(r'name="ticket" value="([^"]+)"', page)
        assert ticket is not None, page
        form = {"ticket": ticket[1], "answer": word}
        return self.browser.post(f"{self._server}/api/auth/console/answer", data=form).text

    def back(self, page: str) -> httpx2.Response:
        """Let the page go on to the console."""
        found = re.search(r'content="0; url=([^"]+)"', page)
        assert found is not None, page
        return self.browser.get(html.unescape(found[1]))


@pytest.fixture(autouse=True)
def anna(live_server: LiveServer, console: Console, tmp_path: Path) -> None:
    """The first administrator is signed in."""
    assert console("setup", "--name", "anna", "--password-file", in_file(tmp_path)).exit_code == 0


@pytest.fixture
def person(live_server: LiveServer) -> Iterator[Person]:
    person = Person(live_server.address)
    yield person
    person.browser.close()


@pytest.fixture
def login(live_server: LiveServer) -> Iterator[Callable[[], Login]]:
    logins: list[Login] = []

    def begin() -> Login:
        logins.append(Login())
        return logins[-1]

    yield begin
    for each in logins:
        each.close()


def test_somebody_waits_is_admitted_and_signs_the_console_in(
    login: Callable[[], Login], person: Person, console: Console, profiles_file: Path
) -> None:
    waiting = login()
    shown = person.back(person.question(waiting))
    assert "An admin has to admit you" in shown.text
    refused = waiting.join()
    assert refused.exit_code == ExitCode.REFUSED
    assert "An admin has to admit you" in refused.stderr
    assert refused.stderr.endswith("--provider oidc\n")
    assert console("identities", "admit", "oidc/alice", "--role", "operator").exit_code == 0

    going_on = login()
    page = person.question(going_on)
    letters = re.search(r"letters ([A-Z2-7-]{9})", going_on.said)
    assert letters is not None
    assert letters[1] in page
    shown = person.back(person.answer(page, "yes"))
    assert (shown.status_code, "The console goes on" in shown.text) == (200, True)
    assert all(name in shown.headers for name in MANNERS)
    ended = going_on.join()
    assert (ended.exit_code, json.loads(ended.stdout)["user"]) == (0, "alice"), ended.stderr
    me = console("whoami", "--json").json
    assert (me["kind"], me["name"], me["role"]) == ("user", "alice", "operator")
    (token,) = console("tokens", "--json").json["tokens"]
    assert token["kind"] == "console"
    assert profiles_file.stat().st_mode & 0o777 == 0o600


def test_who_says_no_is_not_signed_in(login: Callable[[], Login], person: Person, console: Console) -> None:
    person.back(person.question(login()))
    console("identities", "admit", "oidc/alice", "--role", "operator")
    asked = login()
    assert "did not allow it" in person.back(person.answer(person.question(asked), "no")).text
    refused = asked.join()
    assert (refused.exit_code, refused.stdout) == (ExitCode.REFUSED, "")
    assert "You did not allow it in the browser." in refused.stderr
    assert console("whoami", "--json").json["name"] == "anna", "what was known stays"


def test_the_console_takes_nothing_that_it_has_not_asked_for(
    login: Callable[[], Login], person: Person
) -> None:
    waiting = login()
    assert waiting.listens_at.startswith("http://127.0.0.1:")
    for path in ("", "?code=evil", "?code=evil&state=", "?code=evil&state=x", "favicon.ico"):
        assert person.browser.get(f"{waiting.listens_at}{path}").status_code == 404
    state = parse_qs(urlsplit(waiting.address).query)["state"][0]
    assert person.browser.post(f"{waiting.listens_at}?code=x&state={state}").status_code == 404
    attack = {"error": "x", "error_description": "<b>\x1b[31m", "state": state}
    shown = person.browser.get(waiting.listens_at, params=attack)
    assert "<b>" not in shown.text
    ended = waiting.join()
    assert ended.exit_code == ExitCode.REFUSED
    assert "\x1b" not in ended.stderr


def test_a_code_that_is_made_up_is_refused(login: Callable[[], Login], person: Person) -> None:
    waiting = login()
    state = parse_qs(urlsplit(waiting.address).query)["state"][0]
    person.browser.get(waiting.listens_at, params={"code": "made-up", "state": state})
    refused = waiting.join()
    assert (refused.exit_code, "code is not good" in refused.stderr) == (ExitCode.REFUSED, True)


def test_a_browser_that_does_not_come_back_is_not_waited_for_for_ever(
    live_server: LiveServer, capsys: pytest.CaptureFixture[str]
) -> None:
    place = Place(read_address(live_server.address), None)
    with pytest.raises(CommandFailed, match="Nobody came back from the browser") as failure:
        sign_in_by_browser(place, "oidc", opens_browser=False, patience=timedelta())
    assert failure.value.exit_code == ExitCode.UNAVAILABLE
    assert "http://127.0.0.1:8000/api/auth/oidc/console?" in capsys.readouterr().err


def test_mistakes_are_named(console: Console) -> None:
    unknown = console("login", "--provider", "github")
    assert unknown.exit_code == ExitCode.NOT_FOUND
    assert "There is no provider 'github'" in unknown.stderr
    assert "oidc (Acme)" in unknown.stderr
    for wrong in (("--provider", "oidc", "--name", "x"), ("--no-browser",)):
        assert console("login", *wrong).exit_code == ExitCode.USAGE
