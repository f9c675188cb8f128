"""Story: people sign in by the company's provider or by GitHub, and an admin decides who stays."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from tests.server_process import FASTFLOW, PATIENCE_SECONDS, ServerProcess, servers_on
from tests.servers.app_jwt import AppKey
from tests.servers.github import StandInGitHub
from tests.servers.github_people import GitHubPerson
from tests.servers.openid import ALICE, StandInOpenId

PASSWORD = "correct horse battery"  # noqa: S105 - opens nothing


@dataclass
class Town:
    """A server, and the two providers whose people come to it."""

    server: ServerProcess
    openid: StandInOpenId
    github: StandInGitHub

    def browser(self) -> httpx2.Client:
        """A browser with no cookies yet, which follows where it is sent."""
        return httpx2.Client(base_url=self.server.url, follow_redirects=True, trust_env=False, timeout=30)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """`fastflow up` with both providers in its settings, and a first admin."""
    folder: Path = tmp_path_factory.mktemp("town")
    (folder / "oidc-secret").write_text("s:ecret%/\n")
    with (
        StandInOpenId() as openid,
        StandInGitHub(AppKey().public) as github,
        servers_on(folder) as make,
    ):
        server = make({})
        server.settings = {
            "FASTFLOW_EXECUTOR": "process",
            "FASTFLOW_UV_PRE_HEAT": "0",
            "FASTFLOW_PUBLIC_URL": server.url,
            "FASTFLOW_OIDC_ISSUER": openid.issuer,
            "FASTFLOW_OIDC_CLIENT_ID": openid.client_id,
            "FASTFLOW_OIDC_CLIENT_SECRET_FILE": str(folder / "oidc-secret"),
            "FASTFLOW_OIDC_NAME": "Acme",
            "FASTFLOW_GITHUB_CLIENT_ID": github.people.client_id,
            "FASTFLOW_GITHUB_CLIENT_SECRET": github.people.client_secret,
            "FASTFLOW_GITHUB_API_URL": github.base_url,
            "FASTFLOW_GITHUB_ALLOWED_ORGANISATIONS": "Acme",
        }
        openid.redirect_uris = {f"{server.url}/api/auth/oidc/callback"}
        github.people.redirect_uris = {f"{server.url}/api/auth/github/callback"}
        server.add("report", "print('hello')")
        server.start()
        server.until_ready()
        made = server.call("POST", "/api/setup", {"name": "root", "password": PASSWORD})
        assert made["role"] == "admin", made
        yield Town(server, openid, github)
        server.terminate()


@pytest.fixture(autouse=True)
def alice_sits_there(town: Town) -> None:
    """Whoever sat at the provider in another story has gone."""
    town.openid.person, town.openid.token_claims, town.openid.error = dict(ALICE), {}, None


def bearer(browser: httpx2.Client) -> dict[str, str]:
    """What a page of the server gets by the cookie, and sends with every call."""
    return {"Authorization": f"Bearer {browser.post('/api/auth/refresh').json()['access_token']}"}


def admin(town: Town) -> dict[str, str]:
    with town.browser() as browser:
        answer = browser.post("/api/auth/login", json={"name": "root", "password": PASSWORD})
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def click(browser: httpx2.Client, provider: str) -> httpx2.Response:
    """Click on the button of a provider and go wherever that leads."""
    return browser.get(f"/api/auth/{provider}/start", params={"next": "/api/auth/providers"})


def test_somebody_of_the_company_waits_is_admitted_and_reads(town: Town) -> None:
    with town.browser() as browser:
        labels = [each["label"] for each in browser.get("/api/auth/providers").json()["providers"]]
        assert labels == ["GitHub", "Acme"]
        waiting = click(browser, "oidc")
        assert (waiting.status_code, "An admin has to admit you" in waiting.text) == (403, True)
        assert browser.get("/api/pipelines").status_code == 401

        rights = admin(town)
        identities = browser.get("/api/identities", headers=rights).json()["identities"]
        (identity,) = [each for each in identities if each["login"] == "alice"]
        assert (identity["login"], identity["email"], identity["status"]) == (
            "alice",
            "alice@example.org",
            "pending",
        )
        browser.post(f"/api/identities/{identity['id']}/admit", json={"role": "viewer"}, headers=rights)

        arrived = click(browser, "oidc")
        assert (arrived.status_code, arrived.url.path) == (200, "/api/auth/providers")
        alice = bearer(browser)
        assert browser.get("/api/auth/me", headers=alice).json()["name"] == "alice"
        names = [each["name"] for each in browser.get("/api/pipelines", headers=alice).json()["pipelines"]]
        assert names == ["report"]
        assert browser.post("/api/pipelines/report/run", json={}, headers=alice).status_code == 403

        browser.delete("/api/users/alice", headers=rights)
        assert browser.get("/api/pipelines", headers=alice).status_code == 401
        assert "taken your access away" in click(browser, "oidc").text


def test_github_lets_in_who_is_in_the_organisation_and_nobody_else(town: Town) -> None:
    rights = admin(town)
    with town.browser() as member:
        assert "An admin has to admit you" in click(member, "github").text
        identities = member.get("/api/identities", headers=rights).json()["identities"]
        (identity,) = [each for each in identities if each["provider"] == "github"]
        assert identity["subject"] == "583231"
        member.post(f"/api/identities/{identity['id']}/admit", json={"role": "operator"}, headers=rights)
        assert click(member, "github").status_code == 200
        started = member.post("/api/pipelines/report/run", json={}, headers=bearer(member))
        assert started.status_code == 201, started.text

    town.github.people.person = GitHubPerson(7, "octocat", organisations={"acme": "pending"})
    with town.browser() as outsider:
        answer = click(outsider, "github")
        assert (answer.status_code, "not_allowed_here" in answer.text) == (403, True)
        assert outsider.post("/api/auth/refresh").status_code == 401


def test_a_console_is_signed_in_by_the_browser(town: Town, tmp_path: Path) -> None:
    shown, script = tmp_path / "page.html", Path(__file__).with_name("console_browser.py")
    environment = os.environ | {
        "BROWSER": f"{sys.executable} {script} %s",
        "CONSOLE_BROWSER_PAGE": str(shown),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "FASTFLOW_SERVER": town.server.url,
    }

    def fastflow(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [FASTFLOW, *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
        )

    town.openid.person = {**ALICE, "sub": "bella", "preferred_username": "bella"}
    waiting = fastflow("login", "--provider", "oidc")
    assert waiting.returncode == 5, waiting.stderr
    assert "An admin has to admit you" in waiting.stderr
    rights = admin(town)
    with town.browser() as browser:
        identities = browser.get("/api/identities", headers=rights).json()["identities"]
        (identity,) = [each for each in identities if each["login"] == "bella"]
        browser.post(f"/api/identities/{identity['id']}/admit", json={"role": "operator"}, headers=rights)

    entered = fastflow("login", "--provider", "oidc", "--json")
    assert entered.returncode == 0, entered.stderr
    assert json.loads(entered.stdout)["user"] == "bella"
    assert json.loads(fastflow("whoami", "--json").stdout)["role"] == "operator"
    assert json.loads(fastflow("trigger", "report", "--json").stdout)["pipeline_name"] == "report"

    town.openid.error = "access_denied"
    refused = fastflow("login", "--provider", "oidc")
    assert refused.returncode == 5
    assert "Acme was not allowed to say who you are" in refused.stderr


def test_a_provider_that_vouches_wrongly_lets_nobody_in(town: Town) -> None:
    town.openid.person = {**ALICE, "sub": "mallory"}
    town.openid.token_claims = {"nonce": "of another sign-in"}
    with town.browser() as browser:
        answer = click(browser, "oidc")
        assert (answer.status_code, "sign_in_refused" in answer.text) == (403, True)
        assert browser.post("/api/auth/refresh").status_code == 401
    assert town.openid.client_secret not in town.server.log()
