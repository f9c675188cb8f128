"""Fixtures of real Git servers and of what stands in for GitHub."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.app_jwt import AppKey
from tests.servers.certificates import TestAuthority
from tests.servers.git_http import GitHttpServer
from tests.servers.git_ssh import GitSshServer
from tests.servers.github import StandInGitHub
from tests.servers.repository import GitRepository


@pytest.fixture
def git_repository(tmp_path: Path) -> GitRepository:
    """An empty repository `acme/pipelines` with the branch `main`; its servers serve it by that path."""
    return GitRepository(tmp_path / "git", "acme/pipelines")


@pytest.fixture
def git_http(git_repository: GitRepository) -> Iterator[GitHttpServer]:
    """That repository by HTTP, open to anybody until it is told whom to accept."""
    with GitHttpServer(git_repository.root) as server:
        yield server


@pytest.fixture
def git_https(git_repository: GitRepository, tmp_path: Path) -> Iterator[GitHttpServer]:
    """That repository by HTTPS; only `server.authority.file` vouches for the server."""
    with GitHttpServer(git_repository.root, TestAuthority(tmp_path)) as server:
        yield server


@pytest.fixture
def git_ssh(git_repository: GitRepository, tmp_path: Path) -> Iterator[GitSshServer]:
    """That repository by SSH; nobody comes in before `authorize`."""
    with GitSshServer(git_repository.root, tmp_path / "sshd") as server:
        yield server


@pytest.fixture(scope="session")
def github_app_key() -> AppKey:
    """The keys of the app that `github` knows; made once, for making them takes a while."""
    return AppKey()


@pytest.fixture
def github(github_app_key: AppKey) -> Iterator[StandInGitHub]:
    """An API like GitHub's, with one app that nobody has installed yet."""
    with StandInGitHub(github_app_key.public) as server:
        yield server
