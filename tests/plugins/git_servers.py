"""Fixtures of real Git servers and of what stands in for GitHub."""

from pathlib import Path

import pytest

from tests.servers.repository import GitRepository


@pytest.fixture
def git_repository(tmp_path: Path) -> GitRepository:
    """An empty repository `acme/pipelines` with the branch `main`; its servers serve it by that path."""
    return GitRepository(tmp_path / "git", "acme/pipelines")
