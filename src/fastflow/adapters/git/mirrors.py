"""Git repositories fetched into bare mirrors on this host."""

import asyncio
import re
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Final

import structlog

from fastflow.adapters.git import mirror_files
from fastflow.adapters.git.addresses import locate
from fastflow.adapters.git.command import PINNING, GitCommand, require
from fastflow.adapters.git.credentials import Door
from fastflow.adapters.git.failures import MirrorBroken, disk_errors_told
from fastflow.adapters.git.host_keys import ask_host_keys
from fastflow.adapters.git.laid_out import lay_out_files
from fastflow.adapters.git.listing import list_files
from fastflow.adapters.git.mirror import Mirror
from fastflow.adapters.git.objects import ObjectMissing, ObjectReader
from fastflow.adapters.git.reading import read_objects
from fastflow.adapters.git.remote_refs import ask_branches, empty, find_branch
from fastflow.adapters.git.snapshot import Known, Snapshot, take_snapshot
from fastflow.adapters.git.tree_view import TreeView
from fastflow.domain.errors import Invalid, NotFound, Unavailable
from fastflow.domain.git_url import parse_url
from fastflow.domain.pipeline_files import Refused, revision_gone
from fastflow.domain.ports import FoundPipeline
from fastflow.domain.repository import Commit, Credential, HostKey, Remote

log = structlog.get_logger()

_REPOSITORY_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_REVISION: Final = re.compile(r"tree-([0-9a-f]{40})")
_HOME: Final = ".home"


@dataclass(frozen=True, slots=True)
class _Taken:
    """The last snapshot of a repository."""

    commit: str
    subdir: str
    repository: str
    pipelines: list[FoundPipeline]
    known: Known


class GitMirrors:
    """The `Mirrors` below `<root>/<repository id>/mirror.git`, by the git command line.

    `git` is the program; `ca_bundle` a PEM file of authorities, by default those the server itself was told.
    """

    def __init__(
        self,
        root: Path,
        *,
        allowed_protocols: frozenset[str],
        time_limit: timedelta,
        size_limit_bytes: int,
        ca_bundle: Path | None = None,
        git: str = "git",
    ) -> None:
        self._root = root
        self._allowed_protocols = allowed_protocols
        self._time_limit = time_limit
        self._size_limit_bytes = size_limit_bytes
        self._git = GitCommand(git, root / _HOME, ca_bundle)
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._taken: dict[str, _Taken] = {}

    async def check(self, remote: Remote, credential: Credential) -> list[str]:
        """Ask the remote for its branches without fetching; the default one comes first.

        Raises: as `fetch`.
        """
        door = await self._door(remote, credential)
        found = await ask_branches(self._git, door, self._time_limit)
        if not found.commits:
            raise empty(door.url)
        return sorted(found.commits, key=lambda name: (name != found.default, name))

    async def fetch(self, remote: Remote, credential: Credential) -> Commit:
        """Fetch the newest commit of the branch into the mirror, making it if need be.

        Raises:
            Invalid, Forbidden, NotFound, Unavailable: as `Mirrors.fetch`.
        """
        ends_at = time.monotonic() + self._time_limit.total_seconds()
        door = await self._door(remote, credential)
        with disk_errors_told():
            return await self._fetch_by(door, remote, ends_at)

    async def snapshot(self, remote: Remote, commit: str, repository: str) -> list[FoundPipeline]:
        """List the pipelines below the remote's `subdir` at a commit that was fetched; reads no network.

        Folders that the last snapshot has seen are not read again.

        Raises:
            NotFound: `commit_gone`, `subdir_missing`.
            Invalid: `repository_too_large`; there are more than can be looked at.
            Unavailable: `git_timeout`, `git_missing`.
        """
        taken = self._taken.get(remote.repository_id)
        is_same = (commit, remote.subdir, repository)
        if taken is None or (taken.commit, taken.subdir, taken.repository) != is_same:
            known = taken.known if taken is not None and taken.subdir == remote.subdir else {}
            with disk_errors_told():
                taken = await self._take(remote, commit, repository, known)
            self._taken[remote.repository_id] = taken
        return list(taken.pipelines)

    async def lay_out(self, name: str, revision: str, into: Path, repository_ids: Sequence[str]) -> None:
        """Write a pipeline's files into the new directory `into`, from whichever mirror has that revision.

        Raises:
            NotFound: `revision_gone`; no mirror has it.
            OSError: writing failed.
        """
        match = _REVISION.fullmatch(revision)
        if match is None:
            raise revision_gone(name, revision)
        tree = match[1]

        def work(reader: ObjectReader) -> bool:
            found = reader.look([tree])[0]
            if found is None or found.type != "tree":
                return False
            lay_out_files(reader, list_files(TreeView(reader, tree), ()), into)
            return True

        for repository_id in repository_ids:
            mirror = self._mirror(repository_id)
            if not await asyncio.to_thread(mirror_files.is_sound, mirror.git_dir):
                continue
            try:
                if await read_objects(self._git, mirror.git_dir, work, self._time_limit):
                    return
            except Refused as error:
                raise revision_gone(name, revision) from error
            except ObjectMissing as error:
                await self._give_up(repository_id)
                raise revision_gone(name, revision) from error
        raise revision_gone(name, revision)

    async def keep_only(self, repository_id: str, commits: set[str]) -> None:
        """Let go of the objects that no commit of these needs, at the latest when many have gathered."""
        mirror = self._mirror(repository_id)
        async with self._locks[repository_id]:
            taken = self._taken.get(repository_id)
            if taken is not None and taken.commit not in commits:
                self._taken.pop(repository_id)  # what was made up for it goes too
            if await asyncio.to_thread(mirror_files.is_sound, mirror.git_dir):
                try:
                    await mirror.keep_only(commits, self._time_limit)
                except MirrorBroken as error:
                    log.warning("a mirror can't be cleaned", repository=repository_id, reason=str(error))
                    await self._give_up(repository_id)

    async def remove(self, repository_id: str) -> None:
        """Delete the mirror."""
        mirror = self._mirror(repository_id)
        async with self._locks[repository_id]:
            self._taken.pop(repository_id, None)
            with disk_errors_told():
                await asyncio.to_thread(mirror_files.delete, mirror.git_dir.parent)

    async def host_keys(self, url: str, *, may_be_private: bool = False) -> list[HostKey]:
        """Ask the SSH server at that URL which host keys it has.

        Raises:
            Invalid: `url_invalid`, `address_not_allowed`.
            Unavailable: `git_host_unreachable`.
        """
        return await ask_host_keys(self._git, await locate(parse_url(url), may_be_private=may_be_private))

    def _mirror(self, repository_id: str) -> Mirror:
        if not _REPOSITORY_ID.fullmatch(repository_id):
            raise ValueError(f"{repository_id!r} is no id of a repository")
        git_dir = self._root / repository_id / "mirror.git"
        return Mirror(git_dir, self._git, self._size_limit_bytes)

    async def _door(self, remote: Remote, credential: Credential) -> Door:
        url = parse_url(remote.url)
        if url.scheme not in self._allowed_protocols:
            raise Invalid(
                "protocol_not_allowed",
                f"{url} can't be fetched by {url.scheme}: GIT_ALLOWED_PROTOCOLS has only "
                f"{', '.join(sorted(self._allowed_protocols))}.",
                {"protocol": url.scheme},
            )
        place = await locate(url, may_be_private=remote.may_be_private)
        if place.addresses and url.scheme != "ssh":
            require(await self._git.version(), PINNING, "hosts on private networks can be refused")
        return Door(place, credential)

    async def _fetch_by(self, door: Door, remote: Remote, ends_at: float) -> Commit:
        async with self._locks[remote.repository_id]:
            branch, newest = await find_branch(self._git, door, remote.branch, self._time_limit)
            try:
                return await self._fetch(remote.repository_id, door, branch, newest, ends_at)
            except MirrorBroken as error:
                log.warning("a mirror is made anew", repository=remote.repository_id, reason=str(error))
            await self._give_up(remote.repository_id)
            try:
                return await self._fetch(remote.repository_id, door, branch, newest, ends_at)
            except MirrorBroken as error:
                raise Unavailable("git_failed", f"{door.url} can't be fetched: {error}.") from error

    async def _fetch(
        self, repository_id: str, door: Door, branch: str, newest: str, ends_at: float
    ) -> Commit:
        mirror = self._mirror(repository_id)
        if await mirror.make_ready():
            self._taken.pop(repository_id, None)
        if not await mirror.has(newest):
            left = timedelta(seconds=max(1.0, ends_at - time.monotonic()))
            try:
                newest = await mirror.fetch(door, branch, left)
            except Invalid:
                await mirror.forget_incoming(self._time_limit)
                raise
        return await mirror.commit(newest)

    async def _take(self, remote: Remote, commit: str, repository: str, known: Known) -> _Taken:
        mirror = self._mirror(remote.repository_id)
        if not await asyncio.to_thread(mirror_files.is_sound, mirror.git_dir):
            raise _never_fetched(commit)
        tree = await mirror.tree_of(commit)

        def work(reader: ObjectReader) -> tuple[Snapshot, list[FoundPipeline]]:
            snapshot = take_snapshot(reader, tree, remote.subdir, known)
            named = [replace(found, repository=repository, commit=commit) for found in snapshot.pipelines]
            return snapshot, named

        try:
            snapshot, named = await read_objects(self._git, mirror.git_dir, work, self._time_limit)
            if snapshot.resolved:
                async with self._locks[remote.repository_id]:
                    await mirror.keep_resolved(commit, snapshot.resolved)
        except (ObjectMissing, MirrorBroken) as error:
            await self._give_up(remote.repository_id)
            raise _never_fetched(commit) from error
        return _Taken(commit, remote.subdir, repository, named, snapshot.known)

    async def _give_up(self, repository_id: str) -> None:
        """Let the next fetch make the mirror anew, and the next snapshot read it."""
        self._taken.pop(repository_id, None)
        await asyncio.to_thread(mirror_files.mark_broken, self._mirror(repository_id).git_dir)


def _never_fetched(commit: str) -> NotFound:
    return NotFound(
        "commit_gone",
        f"Commit {commit[:40]} is not in the mirror, or the mirror is damaged. Sync the repository.",
        {"commit": commit[:40]},
    )
