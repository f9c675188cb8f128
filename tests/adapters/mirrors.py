"""Makes mirrors of test repositories, and says what is in them."""

from datetime import timedelta
from pathlib import Path

from fastflow.adapters.git.mirrors import GitMirrors
from fastflow.domain.ports import FoundPipeline
from fastflow.domain.repository import Credential, Remote

ALL_PROTOCOLS = frozenset({"file", "http", "https", "ssh"})
ID = "r1"


def mirrors_in(
    folder: Path,
    *,
    seconds: float = 60,
    size_limit_bytes: int = 1024**3,
    protocols: frozenset[str] = ALL_PROTOCOLS,
    ca_bundle: Path | None = None,
    git: str = "git",
) -> GitMirrors:
    return GitMirrors(
        folder / "repositories",
        allowed_protocols=protocols,
        time_limit=timedelta(seconds=seconds),
        size_limit_bytes=size_limit_bytes,
        ca_bundle=ca_bundle,
        git=git,
    )


def remote(url: str, branch: str | None = None, subdir: str = "", *, may_be_private: bool = True) -> Remote:
    return Remote(ID, url, branch, subdir, may_be_private)


async def fetched(
    mirrors: GitMirrors, url: str, subdir: str = "", credential: Credential = None
) -> dict[str, FoundPipeline]:
    """Fetch; return the pipelines of the newest commit by name."""
    where = remote(url, subdir=subdir)
    commit = await mirrors.fetch(where, credential)
    return {found.name: found for found in await mirrors.snapshot(where, commit.id, "main")}


def git_dir(folder: Path) -> Path:
    return folder / "repositories" / ID / "mirror.git"
