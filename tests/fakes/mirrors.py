"""Git repositories that live in memory, with their mirrors."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from fastflow.domain.errors import FastFlowError, NotFound
from fastflow.domain.known_hosts import parse_known_hosts
from fastflow.domain.ports import FoundPipeline
from fastflow.domain.repository import Commit, Credential, HostKey, Remote
from fastflow.store.signal import Signal

Files = Mapping[str, str]
"""Path in the pipeline's folder and text of each file; `main.py` is added where it is missing."""

_HOST_KEY = "host ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
_FIRST_COMMIT_AT = datetime(2030, 1, 1, tzinfo=UTC)


@dataclass
class _Remote:
    """What a Git host would hold."""

    head: str | None = None
    commits: dict[str, tuple[Commit, dict[str, Files]]] = field(
        default_factory=dict[str, tuple[Commit, dict[str, Files]]]
    )


class FakeMirrors:
    """Fulfils `repository_ports.Mirrors`: remotes are what the test pushes, mirrors what was fetched."""

    def __init__(self) -> None:
        self.fetched: list[tuple[str, Credential]] = []
        """URL and credential of every fetch that was begun."""
        self.kept: dict[str, set[str]] = {}
        """What `keep_only` was told last, by repository id."""
        self.removed: list[str] = []
        self.at_once = 0
        """The largest number of fetches at the same time."""
        self._fetching = 0
        self._numbers = count(1)
        self._remotes: dict[str, _Remote] = {}
        self._mirrors: dict[str, dict[str, dict[str, Files]]] = {}
        self._errors: dict[str, Exception] = {}
        self._may_fetch = asyncio.Event()
        self._may_fetch.set()
        self._began = Signal()
        self.was_asked = asyncio.Event()
        """Set by every fetch that begins."""

    def push(self, url: str, pipelines: Mapping[str, Files], subject: str = "Change") -> str:
        """Let the remote's branch hold exactly these pipelines; return the commit."""
        number = next(self._numbers)
        commit = hashlib.sha1(f"{url} {number}".encode(), usedforsecurity=False).hexdigest()
        at = _FIRST_COMMIT_AT + timedelta(minutes=number)
        remote = self._remotes.setdefault(url, _Remote())
        full: dict[str, Files] = {name: {"main.py": "", **files} for name, files in pipelines.items()}
        remote.commits[commit] = (Commit(commit, at, "Ada", subject), full)
        remote.head = commit
        return commit

    def fail(self, url: str, error: FastFlowError) -> None:
        """Let every fetch of that URL raise this until `recover`."""
        self._errors[url] = error

    def break_down(self, url: str) -> None:
        """Let every fetch of that URL fail as no adapter should."""
        self._errors[url] = RuntimeError("the mirror is upside down")

    def recover(self, url: str) -> None:
        """Let fetches of that URL succeed again."""
        self._errors.pop(url, None)

    def hold(self) -> None:
        """Let every fetch block until `release`."""
        self._may_fetch.clear()

    def release(self) -> None:
        """Let blocked and later fetches go on."""
        self._may_fetch.set()

    async def until_fetched(self, times: int) -> None:
        """Block until that many fetches were begun."""
        while len(self.fetched) < times:
            await self._began.wait(self._began.mark)

    def lose(self, repository_id: str) -> None:
        """Delete a mirror behind the server's back."""
        self._mirrors.pop(repository_id, None)

    async def check(self, remote: Remote, credential: Credential) -> list[str]:
        """Name the one branch there is."""
        del credential
        self._raise(remote.url)
        return ["main"]

    async def fetch(self, remote: Remote, credential: Credential) -> Commit:
        """Take over the branch's newest commit."""
        self.fetched.append((remote.url, credential))
        self._fetching += 1
        self.at_once = max(self.at_once, self._fetching)
        self.was_asked.set()
        self._began.set()
        try:
            await self._may_fetch.wait()
        finally:
            self._fetching -= 1
        self._raise(remote.url)
        there = self._remotes.get(remote.url)
        if there is None or there.head is None:
            raise NotFound("repository_not_found", f"There is no repository {remote.url}.")
        commit, pipelines = there.commits[there.head]
        self._mirrors.setdefault(remote.repository_id, {})[commit.id] = pipelines
        return commit

    async def snapshot(self, remote: Remote, commit: str, repository: str) -> list[FoundPipeline]:
        """List the pipelines of a commit that was fetched."""
        pipelines = self._mirrors.get(remote.repository_id, {}).get(commit)
        if pipelines is None:
            raise NotFound("commit_gone", f"Commit {commit} is not in the mirror.")
        return [_found(name, pipelines[name], repository, commit) for name in sorted(pipelines)]

    async def lay_out(self, name: str, revision: str, into: Path, repository_ids: Sequence[str]) -> None:
        """Write the files of a pipeline, wherever that revision is found."""
        for repository_id in repository_ids:
            for pipelines in self._mirrors.get(repository_id, {}).values():
                if name in pipelines and _revision(pipelines[name]) == revision:
                    await asyncio.to_thread(_write, into, pipelines[name])
                    return
        raise NotFound("revision_gone", f"No mirror has {revision} of {name}.")

    async def keep_only(self, repository_id: str, commits: set[str]) -> None:
        """Forget all other commits."""
        self.kept[repository_id] = set(commits)
        mirror = self._mirrors.get(repository_id, {})
        self._mirrors[repository_id] = {commit: mirror[commit] for commit in mirror if commit in commits}

    async def remove(self, repository_id: str) -> None:
        """Forget the mirror."""
        self.removed.append(repository_id)
        self._mirrors.pop(repository_id, None)

    async def host_keys(self, url: str, *, may_be_private: bool = False) -> list[HostKey]:
        """Show one key."""
        self._raise(url)
        return parse_known_hosts(_HOST_KEY)

    def _raise(self, url: str) -> None:
        if url in self._errors:
            raise self._errors[url]


def _found(name: str, files: Files, repository: str, commit: str) -> FoundPipeline:
    manifest = files.get("pipeline.json")
    return FoundPipeline(
        name,
        Path(name),
        _revision(files),
        manifest_file="pipeline.json" if manifest is not None else None,
        manifest_text=manifest.encode() if manifest is not None else None,
        repository=repository,
        commit=commit,
    )


def _revision(files: Files) -> str:
    content = repr(sorted(files.items())).encode()
    return f"tree-{hashlib.sha1(content, usedforsecurity=False).hexdigest()}"


def _write(into: Path, files: Files) -> None:
    for file, text in files.items():
        target = into / file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
