"""What tests may rely on when they talk to the stand-in for GitHub."""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

from tests.servers.app_jwt import EXPIRED, NOT_DECODED, NOT_ISSUED, TOO_FAR, AppKey
from tests.servers.git_command import GitError, client
from tests.servers.git_http import GitHttpServer
from tests.servers.github import ACCEPT, API_VERSION, StandInGitHub
from tests.servers.repository import GitRepository

_NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)
_ASKED_FOR = {"Accept": ACCEPT, "X-GitHub-Api-Version": API_VERSION, "User-Agent": "tests"}

Answered = tuple[int, Any, Message]


class Caller:
    """The app, as a program that calls the API."""

    def __init__(self, github: StandInGitHub, key: AppKey) -> None:
        self._github = github
        self._key = key

    def jwt(self, **changed: object) -> str:
        """Sign the claims of a good token, with what is to be different."""
        now = int(self._github.clock().timestamp())
        return self._key.sign({"iat": now - 60, "exp": now + 540, "iss": self._github.app_id, **changed})

    def call(
        self,
        path: str,
        authorization: str | None = None,
        body: object = None,
        method: str | None = None,
        headers: Mapping[str, str] = _ASKED_FOR,
    ) -> Answered:
        url = path if path.startswith("http") else f"{self._github.base_url}{path}"
        authorization = authorization or f"Bearer {self.jwt()}"
        request = urllib.request.Request(  # noqa: S310 - always http
            url,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={**headers, "Authorization": authorization},
        )
        try:
            answer = urllib.request.urlopen(request, timeout=30)  # noqa: S310
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            text = answer.read()
            return answer.status or 0, json.loads(text) if text else None, answer.headers

    def mint(self, installation: int, **wanted: object) -> Answered:
        return self.call(f"/app/installations/{installation}/access_tokens", body=wanted, method="POST")


@pytest.fixture
def caller(github: StandInGitHub, github_app_key: AppKey) -> Caller:
    github.clock = lambda: _NOW
    return Caller(github, github_app_key)


def test_an_app_that_signs_itself_gets_a_token_and_sees_its_repositories(
    github: StandInGitHub, caller: Caller
):
    installation = github.install("acme", ["pipelines", "other"])
    assert caller.call("/app")[1]["id"] == github.app_id
    _, found, _ = caller.call("/repos/acme/pipelines/installation")
    assert (found["id"], found["account"]["login"]) == (installation.id, "acme")
    status, minted, _ = caller.mint(installation.id)
    assert status == 201
    assert minted["token"].startswith("ghs_")
    assert minted["expires_at"] == "2030-01-01T13:00:00Z"
    assert minted["permissions"] == {"contents": "read", "metadata": "read"}
    assert "repositories" not in minted
    github.clone_base = "http://127.0.0.1:1"
    _, seen, _ = caller.call("/installation/repositories", f"Bearer {minted['token']}")
    assert seen["repositories"][0]["clone_url"] == "http://127.0.0.1:1/acme/pipelines.git"
    assert [x["full_name"] for x in seen["repositories"]] == ["acme/pipelines", "acme/other"]
    assert [token.value for token in github.minted] == [minted["token"]]
    assert github.count("access_tokens") == 1


def test_the_app_may_name_itself_by_its_client_id(github: StandInGitHub, caller: Caller):
    assert caller.call("/app", f"Bearer {caller.jwt(iss=github.client_id)}")[0] == 200


@pytest.mark.parametrize(
    ("changed", "status", "message"),
    [
        ({"exp": int(_NOW.timestamp())}, 401, EXPIRED),
        ({"exp": None}, 401, EXPIRED),
        ({"exp": int(_NOW.timestamp()) + 601}, 401, TOO_FAR),
        ({"iat": int(_NOW.timestamp()) + 1}, 401, NOT_ISSUED),
        ({"iat": None}, 401, NOT_ISSUED),
        ({"iss": "somebody"}, 404, "Integration not found"),
    ],
)
def test_a_bad_claim_is_refused_with_its_reason(
    caller: Caller, changed: dict[str, object], status: int, message: str
):
    answered, error, _ = caller.call("/app", f"Bearer {caller.jwt(**changed)}")
    assert (answered, error["message"], error["status"]) == (status, message, str(status))
    assert error["documentation_url"].startswith("https://docs.github.com/")


def test_a_foreign_or_forged_token_is_not_decoded(
    github: StandInGitHub, caller: Caller, github_app_key: AppKey
):
    foreign = Caller(github, AppKey()).jwt()
    good = caller.jwt()
    now = int(_NOW.timestamp())
    claims = {"iat": now, "exp": now + 60, "iss": github.app_id}
    forged = github_app_key.sign(claims, algorithm="none")
    for authorization in (
        f"Bearer {foreign}",
        f"Bearer {forged}",
        f"Bearer {good[:-4]}AAAA",
        f"token {good}",
        "Bearer x.y.z",
        "Bearer",
    ):
        assert caller.call("/app", authorization)[:2] == (
            401,
            {"message": NOT_DECODED, "documentation_url": "https://docs.github.com/rest", "status": "401"},
        )


@pytest.mark.parametrize(("missing", "status"), [("Accept", 415), ("X-GitHub-Api-Version", 400)])
def test_the_headers_of_the_documentation_are_required(caller: Caller, missing: str, status: int):
    headers = {name: value for name, value in _ASKED_FOR.items() if name != missing}
    assert caller.call("/app", headers=headers)[0] == status


def test_a_token_is_cut_down_to_what_was_asked_for(github: StandInGitHub, caller: Caller):
    installation = github.install("acme", ["pipelines", "other"])
    _, minted, _ = caller.mint(installation.id, repositories=["other"], permissions={"contents": "read"})
    assert minted["permissions"] == {"contents": "read"}
    assert [x["full_name"] for x in minted["repositories"]] == ["acme/other"]
    assert github.accepts("x-access-token", minted["token"], "acme/other")
    assert not github.accepts("x-access-token", minted["token"], "acme/pipelines")
    assert not github.accepts("somebody", minted["token"], "acme/other")
    assert caller.mint(installation.id, repositories=["foreign"])[0] == 422
    assert caller.mint(installation.id, permissions={"contents": "write"})[0] == 422
    assert caller.mint(installation.id, permissions={"issues": "read"})[0] == 422


def test_a_token_ends_by_time_by_revocation_and_with_its_installation(github: StandInGitHub, caller: Caller):
    installation = github.install("acme", ["pipelines"])
    tokens = [caller.mint(installation.id)[1]["token"] for _ in range(4)]

    def statuses() -> list[int]:
        return [caller.call("/installation/repositories", f"token {token}")[0] for token in tokens]

    assert statuses() == [200] * 4
    github.revoke(tokens[0])
    assert caller.call("/installation/token", f"Bearer {tokens[1]}", method="DELETE")[0] == 204
    assert statuses() == [401, 401, 200, 200]
    github.suspend(installation)
    assert statuses() == [401] * 4
    status, error, _ = caller.mint(installation.id)
    assert (status, error["message"]) == (403, "This installation has been suspended")
    assert caller.call(f"/app/installations/{installation.id}")[1]["suspended_at"] == "2030-01-01T12:00:00Z"
    github.unsuspend(installation)
    github.clock = lambda: _NOW + timedelta(minutes=59, seconds=59)
    assert statuses() == [401, 401, 200, 200]
    github.clock = lambda: _NOW + timedelta(hours=1)
    assert statuses() == [401] * 4
    github.uninstall(installation)
    assert caller.mint(installation.id)[0] == 404
    assert caller.call("/repos/acme/pipelines/installation")[0] == 404


def test_lists_come_in_pages_that_link_to_each_other(github: StandInGitHub, caller: Caller):
    for number in range(35):
        github.install(f"account-{number}", ["pipelines"])
    _, first, headers = caller.call("/app/installations")
    assert len(first) == 30
    links = {
        part.split('"')[1]: part[part.index("<") + 1 : part.index(">")] for part in headers["Link"].split(",")
    }
    assert set(links) == {"next", "last"}
    _, second, headers = caller.call(links["next"])
    assert [x["account"]["login"] for x in second] == [f"account-{number}" for number in range(30, 35)]
    assert 'rel="prev"' in headers["Link"]
    assert 'rel="next"' not in headers["Link"]
    assert len(caller.call("/app/installations?per_page=100")[1]) == 35


def test_it_fails_and_limits_as_often_as_told(github: StandInGitHub, caller: Caller):
    github.fail(2)
    assert [caller.call("/app")[0] for _ in range(3)] == [502, 502, 200]
    for status in (403, 429):
        github.limit_rate(timedelta(seconds=30), status=status)
        answered, error, headers = caller.call("/app")
        assert (answered, headers["Retry-After"]) == (status, "30")
        assert "rate limit" in error["message"]
        assert caller.call("/app")[0] == 200
    github.exhaust_rate(_NOW)
    answered, _, headers = caller.call("/app")
    assert (answered, headers["Retry-After"]) == (403, None)
    assert (headers["X-RateLimit-Remaining"], headers["X-RateLimit-Reset"]) == (
        "0",
        str(int(_NOW.timestamp())),
    )
    assert caller.call("/app")[0] == 200


@pytest.mark.parametrize(("is_long", "dots"), [(True, 2), (False, 0)])
def test_a_token_opens_a_repository_over_https(
    github: StandInGitHub,
    caller: Caller,
    git_https: GitHttpServer,
    git_repository: GitRepository,
    tmp_path: Path,
    is_long: bool,
    dots: int,
):
    github.has_long_tokens = is_long
    installation = github.install("acme", ["pipelines"])
    git_repository.commit_and_push()
    git_https.authenticator = github.accepts
    token = caller.mint(installation.id)[1]["token"]
    assert token.count(".") == dots
    assert git_https.authority is not None
    git = client(tmp_path / "client", GIT_SSL_CAINFO=str(git_https.authority.file))
    url = git_https.url("acme/pipelines", f"x-access-token:{token}")
    assert "refs/heads/main" in git("ls-remote", url)
    github.revoke(token)
    with pytest.raises(GitError, match="Authentication failed"):
        git("ls-remote", url)
