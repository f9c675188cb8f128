"""Stands where the Git adapter will be, and says that it is not there."""

from collections.abc import Sequence
from pathlib import Path

from fastflow.domain.errors import Unavailable
from fastflow.domain.ports import FoundPipeline
from fastflow.domain.repository import Commit, Credential, HostKey, Remote

_MISSING = Unavailable("git_missing", "This build can't fetch Git repositories.")


class NoMirrors:
    """Fulfils `Mirrors` by refusing."""

    async def check(self, remote: Remote, credential: Credential) -> list[str]:
        """Refuse."""
        raise _MISSING

    async def fetch(self, remote: Remote, credential: Credential) -> Commit:
        """Refuse."""
        raise _MISSING

    async def snapshot(self, remote: Remote, commit: str, repository: str) -> list[FoundPipeline]:
        """Refuse."""
        raise _MISSING

    async def lay_out(self, name: str, revision: str, into: Path, repository_ids: Sequence[str]) -> None:
        """Refuse."""
        raise _MISSING

    async def keep_only(self, repository_id: str, commits: set[str]) -> None:
        """Refuse."""
        raise _MISSING

    async def remove(self, repository_id: str) -> None:
        """Refuse."""
        raise _MISSING

    async def host_keys(self, url: str) -> list[HostKey]:
        """Refuse."""
        raise _MISSING
