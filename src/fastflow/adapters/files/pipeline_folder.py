"""Finds the pipelines in a local folder."""

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from fastflow.adapters.files.beneath import Changed
from fastflow.adapters.files.checkouts import copy_entries
from fastflow.adapters.files.pipeline_content import read_pipeline
from fastflow.adapters.files.pipeline_tree import (
    Entry,
    Signature,
    list_entries,
)
from fastflow.domain.errors import NotFound, Unavailable
from fastflow.domain.names import is_pipeline_name
from fastflow.domain.pipeline_files import (
    ENTRY_POINTS,
    Refused,
    bad_name,
    dangling_entry_point,
    folder_as_entry_point,
    is_ignored,
    revision_gone,
    shown,
)
from fastflow.domain.ports import Checkouts, FoundPipeline

_LOOKS: Final = 3
_UNSETTLED_NS: Final = 2_000_000_000
"""A file changed this recently may change again within one tick of its file system's clock."""


class PipelineFolder:
    """A `PipelineSource`: each folder in `root` that has an entry point is a pipeline.

    Copies of revisions are kept in `checkouts`, with those of other sources.
    """

    def __init__(self, root: Path, checkouts: Checkouts, *, now_ns: Callable[[], int] = time.time_ns) -> None:
        self._root = root
        self._now_ns = now_ns
        self._checkouts = checkouts
        self._known: dict[str, tuple[tuple[Signature, ...], FoundPipeline]] = {}

    async def scan(self) -> list[FoundPipeline]:
        """List the pipelines as they are now, by name; unchanged ones are not read again.

        Raises:
            Unavailable: `pipelines_unavailable`; the folder does not exist or can't be read.
        """
        return await asyncio.to_thread(self._scan)

    async def look(self, name: str) -> FoundPipeline | None:
        """Return one pipeline as it is now; None where no such folder has an entry point.

        Raises:
            Unavailable: `pipelines_unavailable`; the folder does not exist or can't be read.
        """
        return await asyncio.to_thread(self._look, name)

    async def checkout(self, name: str, revision: str) -> Path:
        """Return the immutable copy of that pipeline at that revision, making it if need be.

        Callers that ask for the same one at the same time share one copy.

        Raises:
            NotFound: `revision_gone`; the content is neither kept nor current.
            Unavailable: `disk_full`, `disk_failed`.
        """
        if not is_pipeline_name(name):
            raise NotFound(
                "pipeline_not_found", f"There is no pipeline {shown(name)!r}.", {"pipeline_name": name}
            )

        async def fill(into: Path) -> None:
            await asyncio.to_thread(self._copy, name, revision, into)

        return await self._checkouts.get(name, revision, fill)

    async def collect(self, keep: set[tuple[str, str]]) -> int:
        """Delete checkouts not in `keep` (name, revision), and what a crash left; return how many.

        Those handed out within the last minute stay: they may be needed by runs younger than `keep`.

        Raises:
            Unavailable: `disk_failed`; something could not be deleted.
        """
        return await asyncio.to_thread(self._checkouts.collect, keep)

    def _copy(self, name: str, revision: str, into: Path) -> None:
        try:
            copied = copy_entries(list_entries(self._root, name), into)
        except (Refused, Changed, FileNotFoundError, NotADirectoryError) as error:
            raise revision_gone(name, revision) from error
        if copied != revision:
            raise revision_gone(name, revision)

    def _scan(self) -> list[FoundPipeline]:
        names = self._names()
        for vanished in self._known.keys() - set(names):
            self._known.pop(vanished, None)
        found = (self._find(name) for name in names)
        return [pipeline for pipeline in found if pipeline is not None]

    def _look(self, name: str) -> FoundPipeline | None:
        if is_pipeline_name(name):
            if not self._root.is_dir():
                raise self._unavailable(None)
            return self._find(name)
        # Never joined to a path: an odd name is only compared to those there are.
        return next((self._find(other) for other in self._names() if shown(other) == name), None)

    def _names(self) -> list[str]:
        """List the folders that may be pipelines, and links to such."""
        try:
            with os.scandir(self._root) as entries:
                return sorted(
                    entry.name
                    for entry in entries
                    if not is_ignored(entry.name) and (entry.is_symlink() or entry.is_dir())
                )
        except OSError as error:
            raise self._unavailable(error) from error

    def _unavailable(self, error: OSError | None) -> Unavailable:
        reason = (error.strerror if error else None) or "no such folder"
        return Unavailable(
            "pipelines_unavailable",
            f"The folder of pipelines {self._root} can't be read: {reason}. "
            "Create it, or set PIPELINES_DIR to the right one.",
            {"pipelines_dir": str(self._root)},
        )

    def _find(self, name: str) -> FoundPipeline | None:
        folder = self._root / name
        try:
            if not any(_is_there(folder / entry_point) for entry_point in ENTRY_POINTS):
                return None
            _check(folder, name)
            return self._read(folder, name)
        except (FileNotFoundError, NotADirectoryError):
            return None  # deleted meanwhile, or not a folder
        except Refused as refusal:
            problem = str(refusal)
        except OSError as error:
            place = os.path.relpath(error.filename, self._root) if error.filename else name
            problem = f"{shown(place)} can't be read: {error.strerror}. Mend its permissions."
        return FoundPipeline(shown(name), folder, None, problem=problem)

    def _read(self, folder: Path, name: str) -> FoundPipeline:
        for _ in range(_LOOKS):
            try:
                entries = list_entries(self._root, name)
            except Changed:
                continue
            signature = tuple(entry.signature for entry in entries)
            known = self._known.get(name)
            if known is not None and known[0] == signature:
                return known[1]
            looked_at_ns = self._now_ns()
            try:
                found = read_pipeline(folder, entries)
            except (Changed, FileNotFoundError):
                continue
            if all(_changed_at_ns(entry) < looked_at_ns - _UNSETTLED_NS for entry in entries):
                self._known[name] = (signature, found)
            return found
        raise Refused("Its files keep changing while they are read. Wait until they are complete.")


def _is_there(path: Path) -> bool:
    # Unlike `lexists`, which takes a folder that can't be looked into for one without the file.
    try:
        path.lstat()
    except FileNotFoundError:
        return False
    return True


def _check(folder: Path, name: str) -> None:
    if not is_pipeline_name(name):
        raise bad_name()
    for entry_point in ENTRY_POINTS:
        if os.path.isdir(folder / entry_point):
            raise folder_as_entry_point(entry_point)
        if os.path.islink(folder / entry_point) and not os.path.exists(folder / entry_point):
            raise dangling_entry_point(entry_point)


def _changed_at_ns(entry: Entry) -> int:
    return max(entry.status.st_mtime_ns, entry.status.st_ctime_ns)
