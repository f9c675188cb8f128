"""Story: a token, a deploy key or a GitHub App opens a private repository, and none of these shows."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.server_process import ServerProcess, servers_on
from tests.servers.app_jwt import AppKey
from tests.servers.git_http import GitHttpServer
from tests.servers.git_ssh import GitSshServer
from tests.servers.github import StandInGitHub
from tests.servers.repository import GitRepository
from tests.services.repository_house import bytes_of

TOKEN = "secret-token-0123456789"  # noqa: S105 - opens a server of this test
BASE = "/api/repositories"
_SETTINGS = {
    "FASTFLOW_EXECUTOR": "process",
    "FASTFLOW_PIPELINES_DIR": "",
    "FASTFLOW_UV_PRE_HEAT": "0",
    "FASTFLOW_GIT_ALLOWED_PROTOCOLS": "http,ssh",
    "FASTFLOW_ALLOW_PRIVATE_ADDRESSES": "1",
    "FASTFLOW_AUTO_SYNC_INTERVAL": "0",
}


@pytest.fixture
def pushed(git_repository: GitRepository) -> GitRepository:
    git_repository.write("report/main.py", "print('private')")
    git_repository.commit_and_push("Add report")
    return git_repository


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    """`fastflow up` without any repository, and without a local folder."""
    with servers_on(tmp_path) as make:
        server = make(_SETTINGS)
        server.start()
        server.until_ready()
        yield server
        server.terminate()


def sync(server: ServerProcess) -> Any:
    (row,) = server.call("POST", "/api/sync", {"wait": True})["syncs"]
    return row


def assert_runs(server: ServerProcess) -> None:
    row = sync(server)
    assert row["status"] == "SUCCESS", row["message"]
    run = server.until_status(server.run("report"), "SUCCESS", "FAILED")
    assert server.raw_log(run["id"]) == b"private\n", run["reason"]


def assert_hidden(server: ServerProcess, secret: str) -> None:
    """Find it neither in the data directory nor in the server's log nor in what the API says."""
    assert secret.encode() not in bytes_of(server.data)
    assert secret not in server.log()
    for path in (BASE, "/api/github-apps", "/api/sync/status", "/api/sync/log", "/api/settings"):
        assert secret not in str(server.get(path))


def test_a_token_that_is_given_over_the_api_opens_a_repository(
    server: ServerProcess, pushed: GitRepository, git_http: GitHttpServer
) -> None:
    del pushed
    git_http.accept("bot", TOKEN)
    body = {"name": "acme", "url": git_http.url("acme/pipelines"), "username": "bot", "token": "wrong"}
    assert server.call("POST", BASE, body)["has_secret"]
    assert server.call("POST", f"{BASE}/acme/check")["code"] == "authentication_failed"
    assert sync(server)["code"] == "authentication_failed"
    server.call("PATCH", f"{BASE}/acme", {"token": TOKEN})
    assert server.call("POST", f"{BASE}/acme/check") == {"branches": ["main"]}
    assert_runs(server)
    assert_hidden(server, TOKEN)


def test_a_deploy_key_that_the_server_made_opens_a_repository_whose_host_was_confirmed(
    server: ServerProcess, pushed: GitRepository, git_ssh: GitSshServer
) -> None:
    del pushed
    created = server.call("POST", BASE, {"name": "acme", "url": git_ssh.url("acme/pipelines")})
    git_ssh.authorize(created["public_key"])
    assert sync(server)["code"] == "host_key_unknown"
    (shown,) = server.get(f"{BASE}/acme/host-keys")["host_keys"]
    assert shown["fingerprint"] == git_ssh.fingerprint
    server.call("POST", f"{BASE}/acme/host-keys", {"fingerprints": [shown["fingerprint"]]})
    assert_runs(server)
    git_ssh.change_host_key()
    assert sync(server)["code"] == "host_key_changed"
    assert_hidden(server, "OPENSSH PRIVATE KEY")


def test_a_github_app_of_the_settings_opens_a_repository_with_tokens_that_are_renewed(
    tmp_path: Path,
    pushed: GitRepository,
    git_http: GitHttpServer,
    github: StandInGitHub,
    github_app_key: AppKey,
) -> None:
    installation = github.install("acme", ["pipelines"])
    git_http.authenticator = github.accepts
    github.token_life = timedelta(minutes=5)  # too short to be handed out twice
    key = tmp_path / "app.pem"
    key.write_text(github_app_key.pem)
    with servers_on(tmp_path) as make:
        server = make(
            {
                **_SETTINGS,
                "FASTFLOW_GIT_REPO_URL": git_http.url("acme/pipelines"),
                "FASTFLOW_GITHUB_API_URL": github.base_url,
                "FASTFLOW_GITHUB_APP_ID": str(github.app_id),
                "FASTFLOW_GITHUB_APP_PRIVATE_KEY_FILE": str(key),
            }
        )
        server.start()
        server.until_ready()
        assert_runs(server)
        minted = len(github.minted)
        pushed.write("more/main.py", "print('more')")
        pushed.commit_and_push("Add more")
        assert sync(server)["message"].startswith("1 pipeline added")
        assert len(github.minted) == minted + 1
        (found,) = server.get("/api/github-apps/settings/installations")["installations"]
        assert (found["account"], found["repositories"]) == ("acme", ["acme/pipelines"])

        github.suspend(installation)
        assert sync(server)["code"] == "github_app_refused"
        github.unsuspend(installation)
        assert sync(server)["status"] == "SUCCESS"
        for token in github.minted:
            assert_hidden(server, token.value)
        assert_hidden(server, "PRIVATE KEY")
        server.terminate()


def test_a_token_that_github_withdrew_is_replaced_at_once(
    server: ServerProcess,
    pushed: GitRepository,
    git_http: GitHttpServer,
    github: StandInGitHub,
    github_app_key: AppKey,
) -> None:
    del pushed
    github.install("acme", ["pipelines"])
    git_http.authenticator = github.accepts
    app = {"name": "mine", "app_id": "1234", "api_url": github.base_url, "private_key": github_app_key.pem}
    assert server.call("POST", "/api/github-apps", app)["name"] == "mine"
    server.call("POST", BASE, {"name": "acme", "url": git_http.url("acme/pipelines"), "github_app": "mine"})
    assert_runs(server)
    github.revoke(github.minted[-1].value)
    assert sync(server)["status"] == "SUCCESS"
    assert len(github.minted) == 2


def test_one_app_opens_the_repositories_of_several_accounts(
    server: ServerProcess,
    pushed: GitRepository,
    git_http: GitHttpServer,
    github: StandInGitHub,
    github_app_key: AppKey,
    tmp_path: Path,
) -> None:
    other = GitRepository(tmp_path / "git", "umbrella/jobs")
    other.write("load/main.py", "print('umbrella')")
    other.commit_and_push("Add load")
    first, second = github.install("acme", ["pipelines"]), github.install("umbrella", ["jobs"])
    git_http.authenticator = github.accepts
    app = {"name": "mine", "app_id": "1234", "api_url": github.base_url, "private_key": github_app_key.pem}
    server.call("POST", "/api/github-apps", app)
    for name, repository in (("acme", pushed.name), ("umbrella", other.name)):
        body = {"name": name, "url": git_http.url(repository), "github_app": "mine"}
        server.call("POST", BASE, body)
    rows = server.call("POST", "/api/sync", {"wait": True})["syncs"]
    assert {(row["repository"], row["status"]) for row in rows} == {
        ("acme", "SUCCESS"),
        ("umbrella", "SUCCESS"),
    }
    assert {token.installation for token in github.minted} == {first.id, second.id}
    for name, output in (("report", b"private\n"), ("load", b"umbrella\n")):
        run = server.until_status(server.run(name), "SUCCESS", "FAILED")
        assert server.raw_log(run["id"]) == output, run["reason"]

    github.suspend(second)
    found = {row["repository"]: row for row in server.call("POST", "/api/sync", {"wait": True})["syncs"]}
    assert found["acme"]["status"] == "SUCCESS", "what befalls one account is not the other's"
    assert found["umbrella"]["code"] == "github_app_refused"


def test_settings_that_can_not_be_end_the_start_with_their_names(tmp_path: Path) -> None:
    with servers_on(tmp_path) as make:
        server = make({**_SETTINGS, "FASTFLOW_GIT_REPO_URL": "https://u:hunter2@h.example/p"})
        server.start()
        assert server.process is not None
        assert server.process.wait(60) != 0
        server.process = None
        assert "GIT_REPO_URL" in server.log()
        assert "hunter2" not in server.log()
