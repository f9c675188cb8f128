"""One bare mirror: what was fetched, under names of our own, until nobody needs it."""

import asyncio
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from fastflow.adapters.git import mirror_files
from fastflow.adapters.git.command import Ended, GitCommand
from fastflow.adapters.git.credentials import Door
from fastflow.adapters.git.failures import MirrorBroken, failure, said
from fastflow.adapters.git.resolved_tree import NewObject, store_object
from fastflow.domain.errors import Invalid, NotFound
from fastflow.domain.limits import format_bytes
from fastflow.domain.repository import Commit

_REFS: Final = "refs/fastflow"
_INCOMING: Final = f"{_REFS}/incoming"
_COMMITS: Final = f"{_REFS}/commits"
_RESOLVED: Final = f"{_REFS}/resolved"
"""`<commit>/<tree>`: trees that were made up, kept as long as that commit."""
_COMMIT: Final = re.compile(r"[0-9a-f]{40}")
_LOOK_SECONDS: Final = 0.2
"""From one look at a growing mirror to the next."""
MOST_PACKS: Final = 10
_LOCAL_LIMIT: Final = timedelta(seconds=60)
"""For commands that read or write a few small files."""
_LONGEST_SUBJECT: Final = 200
_LONGEST_AUTHOR: Final = 100


class Mirror:
    """A repository's mirror. One writer at a time: the caller sees to it."""

    def __init__(self, git_dir: Path, git: GitCommand, size_limit_bytes: int) -> None:
        self.git_dir = git_dir
        self._git = git
        self._size_limit_bytes = size_limit_bytes

    async def make_ready(self) -> bool:
        """Make it if it is missing or broken, and clear what a killed git left; say whether it is new."""
        is_new = not await asyncio.to_thread(mirror_files.is_sound, self.git_dir)
        if is_new:
            await asyncio.to_thread(mirror_files.delete, self.git_dir)
            await asyncio.to_thread(self.git_dir.parent.mkdir, parents=True, exist_ok=True)
            begin = ["init", "--quiet", "--bare", "--template=", "--object-format=sha1"]
            ended = await self._git.run([*begin, "--", str(self.git_dir)], _LOCAL_LIMIT)
            self._expect(ended)
        await asyncio.to_thread(mirror_files.clear_leftovers, self.git_dir)
        return is_new

    async def has(self, commit: str) -> bool:
        """Whether that commit was fetched, and is readable."""
        ended = await self._run("rev-parse", "--verify", "--quiet", f"{_COMMITS}/{commit}^{{tree}}")
        return ended.exit_code == 0

    async def fetch(self, door: Door, branch: str, time_limit: timedelta) -> str:
        """Fetch the newest commit of a branch; return it.

        Raises:
            MirrorBroken: it has to be made anew.
            FastFlowError: as `Mirrors.fetch`.
        """
        begin = ["fetch", "--depth=1", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head"]
        # Progress is written so that a git that lost its server ends when it writes.
        begin += ["--force", "--progress", "--no-auto-maintenance", "--"]
        command = [f"--git-dir={self.git_dir}", *begin, str(door.url), f"+refs/heads/{branch}:{_INCOMING}"]
        async with door.open() as access:
            ended = await self._git.run(command, time_limit, access=access, guard=self._watch_size)
        if ended.exit_code != 0:
            raise failure(ended, door.url)
        await self._check_size()
        return await self._take_incoming()

    async def commit(self, commit: str) -> Commit:
        """Describe a commit that was fetched.

        Raises:
            NotFound: `commit_gone`.
        """
        layout = f"%ct%x00%<({_LONGEST_AUTHOR},trunc)%an%x00%<({_LONGEST_SUBJECT},trunc)%s"
        begin = ["-c", "i18n.logOutputEncoding=UTF-8", "log", "-1", "--no-show-signature", "--no-color"]
        ended = await self._run(*begin, f"--format={layout}", self._checked(commit), "--")
        parts = ended.stdout.decode(errors="replace").rstrip("\n").split("\0")
        if ended.exit_code != 0 or len(parts) != 3:
            raise _gone(commit)
        return Commit(commit, _moment(parts[0]), parts[1].strip(), parts[2].strip())

    async def tree_of(self, commit: str) -> str:
        """Return the tree of a commit that was fetched.

        Raises:
            NotFound: `commit_gone`.
        """
        ended = await self._run("rev-parse", "--verify", "--quiet", f"{self._checked(commit)}^{{tree}}")
        if ended.exit_code != 0:
            raise _gone(commit)
        return ended.stdout.decode().strip()

    async def keep_resolved(self, commit: str, trees: Sequence[Sequence[NewObject]]) -> None:
        """Store trees that were made up for a commit, as long as it is kept."""
        for objects in trees:
            for new in objects:
                await asyncio.to_thread(store_object, new, self.git_dir)
        lines = [f"update {_RESOLVED}/{commit}/{objects[-1].id} {objects[-1].id}" for objects in trees]
        await self._update(lines)

    async def keep_only(self, commits: set[str], time_limit: timedelta) -> None:
        """Let go of other commits; their objects go when enough has gathered."""
        ended = await self._run("for-each-ref", "--format=%(refname)", f"{_REFS}/")
        refs = ended.stdout.decode(errors="replace").splitlines()
        gone = [ref for ref in refs if ref.split("/")[3] not in commits]
        await self._update([f"delete {ref}" for ref in gone])
        packs = await asyncio.to_thread(mirror_files.pack_count, self.git_dir)
        size = await asyncio.to_thread(mirror_files.size_bytes, self.git_dir)
        if packs > MOST_PACKS or (gone and packs > 1 and size > self._size_limit_bytes // 2):
            await self._clean(time_limit)

    async def forget_incoming(self, time_limit: timedelta) -> None:
        """Give back the room of a fetch that was refused."""
        await asyncio.to_thread(mirror_files.clear_leftovers, self.git_dir)
        refs = (await self._run("for-each-ref", "--format=%(refname)", f"{_COMMITS}/")).stdout
        if not refs:
            await asyncio.to_thread(mirror_files.delete, self.git_dir)
            return
        await self._update([f"delete {_INCOMING}"])
        await self._clean(time_limit)

    async def _clean(self, time_limit: timedelta) -> None:
        """Leave one pack with what is needed. Readers go on: git looks again where a pack has vanished."""
        for command in (["repack", "-a", "-d", "-q"], ["prune", "--expire=now"]):
            arguments = [f"--git-dir={self.git_dir}", *command]
            self._expect(await self._git.run(arguments, time_limit))

    async def _take_incoming(self) -> str:
        ended = await self._run("rev-parse", "--verify", "--quiet", f"{_INCOMING}^{{commit}}")
        self._expect(ended)
        commit = ended.stdout.decode().strip()
        await self._update([f"update {_COMMITS}/{commit} {commit}", f"delete {_INCOMING}"])
        return commit

    async def _watch_size(self) -> None:
        while True:
            await self._check_size()
            await asyncio.sleep(_LOOK_SECONDS)

    async def _check_size(self) -> None:
        size = await asyncio.to_thread(mirror_files.size_bytes, self.git_dir)
        if size > self._size_limit_bytes:
            limit = format_bytes(self._size_limit_bytes)
            raise Invalid(
                "repository_too_large",
                f"Its newest commit takes more than {limit}. Keep data out of the repository, or set "
                "GIT_MAX_SIZE_MB higher.",
                {"limit_bytes": self._size_limit_bytes},
            )

    async def _update(self, lines: Sequence[str]) -> None:
        if lines:
            stdin = "".join(f"{line}\n" for line in lines).encode()
            self._expect(await self._run("update-ref", "--stdin", stdin=stdin))

    async def _run(self, *arguments: str, stdin: bytes = b"") -> Ended:
        return await self._git.run([f"--git-dir={self.git_dir}", *arguments], _LOCAL_LIMIT, stdin=stdin)

    def _expect(self, ended: Ended) -> None:
        if ended.exit_code != 0:
            raise MirrorBroken(said(ended))

    def _checked(self, commit: str) -> str:
        if not _COMMIT.fullmatch(commit):
            raise _gone(commit)
        return commit


def _gone(commit: str) -> NotFound:
    return NotFound(
        "commit_gone",
        f"Commit {commit[:40]} is not in the mirror any more. Sync the repository.",
        {"commit": commit[:40]},
    )


def _moment(seconds: str) -> datetime:
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)  # a commit may claim any time
