"""What tests may rely on when they use Git over HTTP."""

import base64
import os
import threading
from pathlib import Path

import pytest

from tests.servers.git_command import Git, GitError, client
from tests.servers.git_http import GitHttpServer
from tests.servers.repository import GitRepository

_NAME = "acme/pipelines"


@pytest.fixture
def git(tmp_path: Path) -> Git:
    return client(tmp_path / "client")


@pytest.fixture
def filled(git_repository: GitRepository) -> GitRepository:
    git_repository.write("report/main.py", "print(1)\n")
    git_repository.commit_and_push("First")
    return git_repository


def test_a_repository_is_cloned_fetched_and_pushed_to(
    git: Git, git_http: GitHttpServer, filled: GitRepository
):
    git("clone", "--quiet", git_http.url(_NAME), "copy")
    assert (git.folder / "copy/report/main.py").read_text() == "print(1)\n"
    filled.write("report/main.py", "print(2)\n")
    second = filled.commit_and_push("Second")
    git("-C", "copy", "fetch", "--quiet")
    assert git("-C", "copy", "rev-parse", "origin/main") == second
    git("-C", "copy", "merge", "--quiet", "origin/main")
    # More than the buffer goes out in chunks of unknown length.
    (git.folder / "copy/large").write_bytes(os.urandom(300_000))
    git("-C", "copy", "add", "large")
    git("-C", "copy", "commit", "--quiet", "-m", "Third")
    git("-C", "copy", "-c", "http.postBuffer=65536", "push", "--quiet")
    assert filled.tip_of("main") == git("-C", "copy", "rev-parse", "HEAD")
    pushed = next(seen for seen in reversed(git_http.requests) if seen.path.endswith("/git-receive-pack"))
    assert pushed.headers["transfer-encoding"] == "chunked"
    assert git_http.said() == ""


def test_protocol_2_is_spoken_and_compressed_bodies_are_read(
    git: Git, git_http: GitHttpServer, filled: GitRepository
):
    for number in range(40):
        filled.branch(f"branch-{number}")
        filled.commit_and_push(f"Commit {number}")
    git(
        "clone",
        "--quiet",
        git_http.url(_NAME),
        "copy",
        variables={"GIT_TRACE_PACKET": str(git.home / "trace")},
    )
    assert "version 2" in (git.home / "trace").read_text()
    bodies = [seen for seen in git_http.requests if seen.method == "POST"]
    assert "gzip" in {seen.headers.get("content-encoding") for seen in bodies}


def test_a_shallow_and_filtered_clone_is_served(git: Git, git_http: GitHttpServer, filled: GitRepository):
    filled.commit_and_push("Second")
    git("clone", "--quiet", "--bare", "--depth=1", "--filter=blob:none", git_http.url(_NAME), "copy")
    assert git("-C", "copy", "rev-list", "--count", "main") == "1"
    assert git("-C", "copy", "rev-list", "--objects", "--missing=print", "main").count("?") == 1


@pytest.mark.usefixtures("filled")
def test_only_the_right_password_comes_in(git: Git, git_http: GitHttpServer):
    git_http.accept("ada", "s3cret:colon")
    for user in (None, "ada:wrong", "eve:s3cret%3Acolon"):
        with pytest.raises(GitError, match=r"could not read Username|Authentication failed"):
            git("ls-remote", git_http.url(_NAME, user))
    assert "refs/heads/main" in git("ls-remote", git_http.url(_NAME, "ada:s3cret%3Acolon"))
    expected = base64.b64encode(b"ada:s3cret:colon").decode()
    assert git_http.authorizations[-1] == f"Basic {expected}"
    git_http.forget("ada")
    with pytest.raises(GitError, match="Authentication failed"):
        git("ls-remote", git_http.url(_NAME, "ada:s3cret%3Acolon"))


@pytest.mark.usefixtures("filled")
def test_an_authenticator_sees_who_asks_for_what(git: Git, git_http: GitHttpServer):
    asked: list[tuple[str, str, str]] = []

    def remember(user: str, password: str, repository: str) -> bool:
        asked.append((user, password, repository))
        return True

    git_http.authenticator = remember
    git("ls-remote", git_http.url(_NAME, "x-access-token:ghs_1"))
    assert set(asked) == {("x-access-token", "ghs_1", _NAME)}


@pytest.mark.usefixtures("filled")
def test_tls_is_trusted_only_with_its_authority(git: Git, git_https: GitHttpServer):
    assert git_https.authority is not None
    with pytest.raises(GitError, match="certificate"):
        git("ls-remote", git_https.url(_NAME))
    trusted = {"GIT_SSL_CAINFO": str(git_https.authority.file)}
    assert "refs/heads/main" in git("ls-remote", git_https.url(_NAME), variables=trusted)


def test_an_unknown_repository_is_not_found(git: Git, git_http: GitHttpServer):
    with pytest.raises(GitError, match="not found"):
        git("ls-remote", git_http.url("acme/other"))


@pytest.mark.usefixtures("filled")
def test_a_stalled_request_is_answered_when_it_is_released(git: Git, git_http: GitHttpServer):
    git_http.faults.stall(only="git-upload-pack")
    said: list[str] = []
    listing = threading.Thread(target=lambda: said.append(git("ls-remote", git_http.url(_NAME))))
    listing.start()
    git_http.faults.until_stalled()
    assert not said
    git_http.faults.release()
    listing.join(30)
    assert "refs/heads/main" in said[0]


@pytest.mark.usefixtures("filled")
def test_a_fetch_can_hang_in_the_middle_and_the_server_still_stops(git: Git, git_http: GitHttpServer):
    git_http.faults.stall(only="/git-upload-pack", after_bytes=100)
    errors: list[GitError] = []

    def clone() -> None:
        try:
            git("clone", "--quiet", git_http.url(_NAME), "copy")
        except GitError as error:
            errors.append(error)

    cloning = threading.Thread(target=clone)
    cloning.start()
    git_http.faults.until_stalled()
    git_http.stop()
    cloning.join(30)
    assert errors


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("n_bytes", [0, 1, 100])
def test_a_connection_that_breaks_fails_the_clone(git: Git, git_http: GitHttpServer, n_bytes: int):
    git_http.faults.cut_after(n_bytes, only="/git-upload-pack")
    with pytest.raises(GitError):
        git("clone", "--quiet", git_http.url(_NAME), "copy")
    git_http.faults.heal()
    git("clone", "--quiet", git_http.url(_NAME), "copy")


@pytest.mark.usefixtures("filled")
def test_a_status_is_answered_as_often_as_told(git: Git, git_http: GitHttpServer):
    git_http.faults.answer(503, "Try later", {"Retry-After": "1"}, times=1)
    with pytest.raises(GitError, match="503"):
        git("ls-remote", git_http.url(_NAME))
    assert "refs/heads/main" in git("ls-remote", git_http.url(_NAME))
    assert git_http.count("/info/refs") == 2


@pytest.mark.usefixtures("filled")
def test_a_redirect_leads_to_the_same_path_elsewhere(
    git: Git, git_http: GitHttpServer, git_https: GitHttpServer
):
    git_http.faults.redirect_to(git_https.base_url)
    assert git_https.authority is not None
    trusted = {"GIT_SSL_CAINFO": str(git_https.authority.file)}
    assert "refs/heads/main" in git("ls-remote", git_http.url(_NAME), variables=trusted)
    assert git_https.count(f"/{_NAME}.git/info/refs") == 1
