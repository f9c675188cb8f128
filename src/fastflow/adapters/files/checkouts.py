"""Keeps immutable copies of pipelines, one for each revision that is needed."""

import asyncio
import errno
import os
import re
import secrets
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO, Final

from fastflow.adapters.files.hostile_tree import remove_tree
from fastflow.adapters.files.pipeline_tree import Entry
from fastflow.adapters.files.revision import content_revision
from fastflow.domain.errors import Unavailable
from fastflow.domain.pipeline_files import revision_gone
from fastflow.domain.ports import Fill

_MAKING: Final = ".making-"
_REMOVING: Final = ".removing-"
_DIRECTORY_MODE: Final = 0o755
"""Attempts run as other users than the server, whatever its umask is."""

_REVISION: Final = re.compile(r"(content|tree)-[0-9a-f]{40}")
"""Of a local folder, and of a folder in Git. Not to be confused with a commit."""
_COLLECT_GRACE: Final = timedelta(minutes=1)


class Checkouts:
    """The directories `<root>/<name>/<revision>`: complete from the moment they exist, then never written."""

    def __init__(self, root: Path, collect_grace: timedelta = _COLLECT_GRACE) -> None:
        self._root = root
        self._grace_seconds = collect_grace.total_seconds()
        self._making: dict[tuple[str, str], asyncio.Task[Path]] = {}
        self._temporary: set[str] = set()
        self._handed_out: dict[tuple[str, str], float] = {}

    async def get(self, name: str, revision: str, fill: Fill) -> Path:
        """Return the copy, making it if need be. It goes on being made when the caller is cancelled.

        Callers that ask for the same one at the same time share one copy.

        Raises:
            NotFound: `revision_gone`; it is not kept, and `fill` can't get it either.
            Unavailable: `disk_full`, `disk_failed`, or what `fill` raises.
        """
        if not _REVISION.fullmatch(revision):
            raise revision_gone(name, revision)
        key = (name, revision)
        self._handed_out[key] = time.monotonic()
        task = self._making.get(key)
        if task is None:
            work = self._find_or_make(name, revision, fill)
            task = self._making[key] = asyncio.create_task(work, name=f"checkout {name}")
            task.add_done_callback(lambda done: self._forget(key, done))
        return await asyncio.shield(task)

    def collect(self, keep: set[tuple[str, str]]) -> int:
        """Delete copies not in `keep` (name, revision) and what a crash left. Blocks on files.

        Raises:
            Unavailable: `disk_failed`; something could not be deleted. The rest was.
        """
        removed, failure = 0, None
        for path, key in self._deletable(keep):
            try:
                self._remove(path)
            except OSError as error:  # one stubborn directory does not keep the others
                failure = error
            else:
                if key is not None:
                    self._handed_out.pop(key, None)
                    removed += 1
        if failure is not None:
            raise _unavailable(failure) from failure
        return removed

    def _forget(self, key: tuple[str, str], done: asyncio.Task[Path]) -> None:
        self._making.pop(key, None)
        if not done.cancelled():
            done.exception()  # seen, even where every caller was cancelled

    async def _find_or_make(self, name: str, revision: str, fill: Fill) -> Path:
        path = self._root / name / revision
        if await asyncio.to_thread(path.is_dir):
            return path
        making = f"{_MAKING}{secrets.token_hex(8)}"
        self._temporary.add(making)
        try:
            await asyncio.to_thread(self._root.mkdir, parents=True, exist_ok=True)
            await fill(self._root / making)
            return await asyncio.to_thread(_put, self._root / making, path)
        except OSError as error:
            raise _unavailable(error) from error
        finally:
            await asyncio.to_thread(self._clear, making)

    def _clear(self, making: str) -> None:
        try:
            if (self._root / making).is_dir():
                remove_tree(self._root / making)
        finally:
            self._temporary.discard(making)

    def _deletable(self, keep: set[tuple[str, str]]) -> list[tuple[Path, tuple[str, str] | None]]:
        found: list[tuple[Path, tuple[str, str] | None]] = []
        if not self._root.is_dir():
            return found
        handed_out_before = time.monotonic() - self._grace_seconds
        for folder in list(self._root.iterdir()):
            if folder.name.startswith((_MAKING, _REMOVING)):
                found += [(folder, None)] if folder.name not in self._temporary else []
                continue
            for path in list(folder.iterdir()):
                key = (folder.name, path.name)
                is_recent = self._handed_out.get(key, float("-inf")) > handed_out_before
                if key not in keep and not is_recent and key not in self._making:
                    found.append((path, key))
        return found

    def _remove(self, path: Path) -> None:
        removing = self._root / f"{_REMOVING}{secrets.token_hex(8)}"
        path.rename(removing)  # at once gone under its own name; the rest can be taken up after a crash
        remove_tree(removing)


def _put(made: Path, path: Path) -> Path:
    """Move a complete copy to its place, unless another process was first with the same content."""
    path.parent.mkdir(exist_ok=True)
    path.parent.chmod(_DIRECTORY_MODE)
    try:
        made.rename(path)
    except OSError as error:
        if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
            raise
    return path


def copy_entries(entries: Sequence[Entry], to: Path) -> str:
    """Copy a pipeline's files into the new directory `to`; return the revision of what was copied.

    Files get the modes 0644 and 0755, whatever they had. Blocks on files.

    Raises:
        Changed: a file was written to meanwhile.
        OSError: reading or writing failed.
    """
    to.mkdir()
    to.chmod(_DIRECTORY_MODE)
    made = {to}
    with ExitStack() as open_files:
        current: list[tuple[Entry, BinaryIO]] = []

        def write(entry: Entry, content: bytes) -> None:
            path = to / entry.path
            _make_parents(path.parent, made)
            if entry.link is not None:
                path.symlink_to(entry.link)
                return
            if not current or current[-1][0] is not entry:
                open_files.close()
                file = open_files.enter_context(path.open("xb"))
                os.fchmod(file.fileno(), 0o755 if entry.is_executable else 0o644)
                current[:] = [(entry, file)]
            current[-1][1].write(content)

        return content_revision(entries, write)


def _make_parents(directory: Path, made: set[Path]) -> None:
    if directory not in made:
        _make_parents(directory.parent, made)
        directory.mkdir()
        directory.chmod(_DIRECTORY_MODE)
        made.add(directory)


def _unavailable(error: OSError) -> Unavailable:
    code = "disk_full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "disk_failed"
    return Unavailable(code, f"A checkout can't be made or deleted: {error.strerror or error}.")
