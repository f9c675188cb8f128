"""A Git repository to push to: a bare one that servers serve, and a working clone beside it."""

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Final

from tests.servers.git_command import Git, client

FILE: Final = "100644"
EXECUTABLE: Final = "100755"
LINK: Final = "120000"
FOLDER: Final = "40000"
SUBMODULE: Final = "160000"
"""Modes of tree entries; git-scm.com/book, "Git Internals - Git Objects"."""

_FIRST_COMMIT_AT: Final = 1_900_000_000
"""Seconds since 1970; every commit is one second younger, so that equal histories have equal ids."""

_BARE_SETTINGS: Final = {
    # What the public hosts allow a client to ask for.
    "uploadpack.allowFilter": "true",
    "uploadpack.allowAnySHA1InWant": "true",
    "receive.denyDeleteCurrent": "ignore",
    # No process outlives its command.
    "gc.auto": "0",
    "gc.autoDetach": "false",
    "maintenance.auto": "false",
    "receive.autogc": "false",
}


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """One line of a tree as it is stored, sane or not."""

    mode: str
    name: bytes
    oid: str


class GitRepository:
    """Write, commit and push as a user would; or put any bytes straight into the bare repository."""

    def __init__(self, folder: Path, name: str = "pipelines") -> None:
        """Make an empty repository; `name` may have an owner before it (`acme/pipelines`).

        Several repositories may share a folder; `root` is then what a server serves.
        """
        self.name = name
        self.root = folder / "served"
        self.bare = self.root / f"{name}.git"
        self.work = folder / "work" / name
        self._seconds = count(_FIRST_COMMIT_AT)
        self.bare.mkdir(parents=True)
        self._git_bare = client(folder)
        self._git_bare("init", "--quiet", "--bare", "--initial-branch=main", str(self.bare))
        self._git_bare = Git(self.bare, self._git_bare.home, self._git_bare.variables)
        for key, value in _BARE_SETTINGS.items():
            self._git_bare("config", key, value)
        self.work.mkdir(parents=True)
        self._git = Git(self.work, self._git_bare.home, self._git_bare.variables)
        self._git("init", "--quiet", "--initial-branch=main")
        self._git("config", "gc.auto", "0")
        self._git("remote", "add", "origin", str(self.bare))

    @property
    def head(self) -> str:
        """The commit that the working clone stands on."""
        return self._git("rev-parse", "HEAD")

    @property
    def file_url(self) -> str:
        """The bare repository's `file://` address."""
        return self.bare.as_uri()

    def write(self, path: str, content: str | bytes, *, executable: bool = False) -> None:
        """Write a file of the working clone."""
        target = self.work / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
        target.chmod(0o755 if executable else 0o644)

    def link(self, path: str, target: str) -> None:
        """Make a symbolic link in the working clone, wherever it leads."""
        place = self.work / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.unlink(missing_ok=True)
        place.symlink_to(target)

    def delete(self, path: str) -> None:
        """Remove a file or folder of the working clone."""
        target = self.work / path
        if target.is_dir() and not target.is_symlink():
            shutil.rmtree(target)
        else:
            target.unlink()

    def move(self, source: str, target: str) -> None:
        """Rename a file or folder of the working clone."""
        (self.work / target).parent.mkdir(parents=True, exist_ok=True)
        (self.work / source).rename(self.work / target)

    def commit(self, message: str = "Change") -> str:
        """Commit whatever the working clone holds, even if nothing changed; return the commit."""
        self._git("add", "--all")
        self._git("commit", "--quiet", "--allow-empty", "--message", message, variables=self._dates())
        return self.head

    def push(self, *, force: bool = False) -> None:
        """Push the current branch into the bare repository.

        Raises:
            GitError: it is no fast-forward and `force` is false.
        """
        self._git("push", "--quiet", *(["--force"] if force else []), "origin", "HEAD")

    def commit_and_push(self, message: str = "Change", *, force: bool = False) -> str:
        """Commit, push; return the commit."""
        commit = self.commit(message)
        self.push(force=force)
        return commit

    def branch(self, name: str) -> None:
        """Switch the working clone to a branch; a new one starts at the current commit."""
        exists = bool(self._git("branch", "--list", name))
        self._git("switch", "--quiet", *([] if exists else ["--create"]), name)

    def delete_branch(self, name: str) -> None:
        """Delete a branch of the bare repository."""
        self._git_bare("update-ref", "-d", f"refs/heads/{name}")

    def reset(self, revision: str) -> None:
        """Move the current branch and the files to another commit: what precedes a force-push."""
        self._git("reset", "--quiet", "--hard", revision)

    def tag(self, name: str, message: str | None = None) -> None:
        """Tag the current commit and push the tag; with a message it is an annotated one."""
        annotation = [] if message is None else ["--annotate", "--message", message]
        self._git("tag", *annotation, name, variables=self._dates())
        self._git("push", "--quiet", "origin", f"refs/tags/{name}")

    def tree_of(self, path: str = "", revision: str = "HEAD") -> str:
        """Return the id of a folder's tree, as the working clone has committed it."""
        return self._git("rev-parse", f"{revision}:{path}")

    def tip_of(self, branch: str) -> str:
        """Return the commit that a branch of the bare repository stands on."""
        return self._git_bare("rev-parse", f"refs/heads/{branch}")

    def blob(self, content: str | bytes) -> str:
        """Store a file's content in the bare repository; return its id."""
        stdin = content.encode() if isinstance(content, str) else content
        return self._git_bare("hash-object", "-t", "blob", "-w", "--stdin", stdin=stdin)

    def write_tree_raw(self, entries: Iterable[TreeEntry]) -> str:
        """Store a tree in the bare repository exactly as given: order, doubles, names; return its id.

        Git makes no such trees itself (`..`, `.git`, `a/b`), but takes and serves them unless a side has
        set `transfer.fsckObjects`; only an entry without a name is never served.
        """
        stored = b"".join(
            entry.mode.encode() + b" " + entry.name + b"\0" + bytes.fromhex(entry.oid) for entry in entries
        )
        return self._git_bare("hash-object", "-t", "tree", "-w", "--literally", "--stdin", stdin=stored)

    def commit_raw(self, tree: str, branch: str = "main", message: str = "Raw") -> str:
        """Commit a tree onto a branch of the bare repository; return the commit."""
        tip = self._git_bare("for-each-ref", "--format=%(objectname)", f"refs/heads/{branch}")
        parents = ["-p", tip] if tip else []
        commit = self._git_bare("commit-tree", tree, *parents, "-m", message, variables=self._dates())
        self._git_bare("update-ref", f"refs/heads/{branch}", commit)
        return commit

    def _dates(self) -> dict[str, str]:
        at = f"{next(self._seconds)} +0000"
        return {"GIT_AUTHOR_DATE": at, "GIT_COMMITTER_DATE": at}


def entry(mode: str, name: str | bytes, oid: str) -> TreeEntry:
    """Make a tree entry; a name in bytes need not be UTF-8."""
    return TreeEntry(mode, os.fsencode(name) if isinstance(name, str) else name, oid)
