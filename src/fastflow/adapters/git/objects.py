"""Reads Git's objects through one long-lived `git cat-file`, never through a working tree."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import IO, Final

from fastflow.domain.pipeline_files import Refused

LARGEST_TREE_BYTES: Final = 2 * 1024**2
"""About 50,000 entries; git holds a tree in memory as a whole."""
_AT_ONCE: Final = 512
"""Questions asked before answers are read: few enough that both fit into the pipes (64 KiB)."""
_KEPT_TREES: Final = 4
_SMALL_BYTES: Final = 64 * 1024
_MOST_GATHERED_BYTES: Final = 16 * 1024**2
_CHUNK_BYTES: Final = 256 * 1024
_ENTRY: Final = re.compile(rb"([0-7]{5,6}) ([^\0]*)\0(.{20})", re.DOTALL)
_ID: Final = re.compile(r"[0-9a-f]{40}")


class ObjectMissing(Exception):
    """The mirror has no such object, or can't read it."""


class Kind(Enum):
    """What a tree's entry is, by its mode."""

    FOLDER = 0o040000
    FILE = 0o100000
    LINK = 0o120000
    SUBMODULE = 0o160000


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """One entry of a tree, as it was committed."""

    name: str
    """As stored; bytes that are no UTF-8 are escaped as in `os.fsdecode`."""
    kind: Kind
    mode: int
    id: str


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of an object before it is read."""

    type: str
    """`blob`, `tree`, `commit` or `tag`."""
    size_bytes: int


class ObjectReader:
    """Reads one mirror. Blocks; for one thread at a time, except `kill`."""

    def __init__(self, git_dir: Path, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start the two processes; `command` is git itself, without arguments."""
        self.entries_read = 0
        """Of all trees that were asked for: how much work it was."""
        self._known: dict[str, Found | None] = {}
        self._gathered: dict[str, bytes] = {}
        self._parsed = lru_cache(_KEPT_TREES)(self._read_tree)
        begin = [*command, f"--git-dir={git_dir}", "cat-file"]
        self._content = _start([*begin, "--batch"], environment)
        try:
            self._check = _start([*begin, "--batch-check"], environment)
        except OSError:
            _stop(self._content)
            raise

    def look(self, ids: Sequence[str]) -> list[Found | None]:
        """Say what these objects are; None for those that are not there.

        Raises:
            ObjectMissing: git ended.
        """
        unknown = [id for id in dict.fromkeys(ids) if id not in self._known]
        if len(self._known) > 100_000:  # so that a hostile tree can't fill our memory with sizes
            self._known = {id: found for id in ids if (found := self._known.get(id)) is not None}
            unknown = [id for id in dict.fromkeys(ids) if id not in self._known]
        for start in range(0, len(unknown), _AT_ONCE):
            some = unknown[start : start + _AT_ONCE]
            _ask(self._check, some)
            self._known |= {id: _header(self._check, id) for id in some}
        return [self._known[id] for id in ids]

    def tree(self, id: str) -> tuple[TreeEntry, ...]:
        """Return the entries of a tree, as stored.

        Raises:
            ObjectMissing: there is no such tree.
            Refused: it is too large, or malformed.
        """
        entries = self._parsed(id)
        self.entries_read += len(entries)
        return entries

    def blob(self, id: str, most_bytes: int) -> bytes:
        """Return the first bytes of a file's content.

        Raises:
            ObjectMissing: there is no such file.
        """
        kept = bytearray()
        for chunk in self.content(id):
            kept += chunk[: most_bytes - len(kept)]
        return bytes(kept)

    def content(self, id: str) -> Iterator[bytes]:
        """Yield an object's content piece by piece. Has to be read to its end.

        Raises:
            ObjectMissing: there is no such object, or git ended.
        """
        if id in self._gathered:
            yield self._gathered[id]
            return
        _ask(self._content, [id])
        yield from self._answer(id)

    def gather(self, ids: Sequence[str]) -> None:
        """Read small objects, many at once, so that asking for each of them costs nothing until `forget`.

        Raises:
            ObjectMissing: git ended.
        """
        room = _MOST_GATHERED_BYTES - sum(len(content) for content in self._gathered.values())
        small: list[str] = []
        for id, found in zip(ids, self.look(ids), strict=True):
            if found is not None and found.size_bytes <= min(_SMALL_BYTES, room) and id not in self._gathered:
                room -= found.size_bytes
                small.append(id)
        small = list(dict.fromkeys(small))
        for start in range(0, len(small), _AT_ONCE):
            some = small[start : start + _AT_ONCE]
            _ask(self._content, some)
            self._gathered |= {id: b"".join(self._answer(id)) for id in some}

    def is_gathered(self, id: str) -> bool:
        """Whether it costs nothing to ask for that object."""
        return id in self._gathered

    def forget(self) -> None:
        """Let go of what was gathered."""
        self._gathered.clear()

    def _answer(self, id: str) -> Iterator[bytes]:
        found = _header(self._content, id)
        if found is None:
            raise ObjectMissing(id)
        left = found.size_bytes
        stdout = _pipe(self._content.stdout)
        while left:
            chunk = stdout.read(min(left, _CHUNK_BYTES))
            if not chunk:
                raise ObjectMissing(id)
            left -= len(chunk)
            yield chunk
        stdout.read(1)  # the line end behind it

    def kill(self) -> None:
        """End git, so that whoever reads gets `ObjectMissing`. Does not block; from any thread."""
        for process in (self._content, self._check):
            _kill(process)

    def close(self) -> None:
        """End git and give up its pipes."""
        for process in (self._content, self._check):
            _stop(process)

    def _read_tree(self, id: str) -> tuple[TreeEntry, ...]:
        found = self.look([id])[0]
        if found is None or found.type != "tree":
            raise ObjectMissing(id)
        if found.size_bytes > LARGEST_TREE_BYTES:
            raise Refused("A folder in it has too many entries. Keep data outside of the pipeline's folder.")
        return _parse(b"".join(self.content(id)))


def _start(command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - git, and arguments of our own
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=dict(environment),
        start_new_session=True,
    )


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)


def _stop(process: subprocess.Popen[bytes]) -> None:
    _kill(process)
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(BrokenPipeError):
                pipe.close()


def _ask(process: subprocess.Popen[bytes], ids: Sequence[str]) -> None:
    if not all(_ID.fullmatch(id) for id in ids):
        raise ObjectMissing(ids)
    stdin = _pipe(process.stdin)
    try:
        stdin.write("".join(f"{id}\n" for id in ids).encode())
        stdin.flush()
    except BrokenPipeError as error:
        raise ObjectMissing(ids) from error


def _header(process: subprocess.Popen[bytes], id: str) -> Found | None:
    line = _pipe(process.stdout).readline().decode(errors="replace").split()
    if line == [id, "missing"]:
        return None
    if len(line) != 3 or line[0] != id:
        raise ObjectMissing(id)
    return Found(line[1], int(line[2]))


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise RuntimeError("git was started without its pipes")
    return stream


def _parse(content: bytes) -> tuple[TreeEntry, ...]:
    """Take a tree object apart; git-scm.com/book, "Git Internals - Git Objects"."""
    entries: list[TreeEntry] = []
    at = 0
    while at < len(content):
        match = _ENTRY.match(content, at)
        if match is None:
            raise Refused("A folder in it is malformed in the repository. Commit its files anew.")
        at = match.end()
        mode = int(match[1], 8)
        name = match[2].decode("utf-8", "surrogateescape")
        entries.append(TreeEntry(name, _kind(mode), mode, match[3].hex()))
    return tuple(entries)


def _kind(mode: int) -> Kind:
    # As git's canon_mode: whatever is nothing else is a submodule.
    try:
        return Kind(mode & 0o170000)
    except ValueError:
        return Kind.SUBMODULE
