"""Joins the places that pipelines come from: the local folder and the snapshots of Git repositories."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import structlog

from fastflow.domain.errors import FastFlowError, NotFound, Unavailable
from fastflow.domain.names import is_pipeline_name
from fastflow.domain.ports import Checkouts, FoundPipeline, PipelineSource
from fastflow.domain.repository import Remote
from fastflow.domain.repository_ports import Mirrors
from fastflow.store.tables import PipelineRow, RepositoryRow

log = structlog.get_logger()

LONGEST_NAME: Final = 64
"""What the database takes. Longer folder names can't be pipelines and are listed shortened."""

Layer = Mapping[str, FoundPipeline]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A repository's pipelines at one commit. Never changed: a newer one takes its place."""

    repository_id: str
    repository: str
    subdir: str
    commit: str
    pipelines: Layer


@dataclass(frozen=True, slots=True)
class Scan:
    """What was seen in one look at everything."""

    pipelines: Layer
    unreadable: frozenset[str | None]
    """Repositories (None: the local folder) that can't be looked at now: what was known of them stays."""
    trouble: Unavailable | None = None
    """Why the local folder is one of them."""


class Sources:
    """Every source behind one face. Of two pipelines with one name the first wins: local, then oldest."""

    def __init__(self, local: PipelineSource | None, mirrors: Mirrors, checkouts: Checkouts) -> None:
        self._local = local
        self._mirrors = mirrors
        self._checkouts = checkouts
        self._rows: tuple[RepositoryRow, ...] | None = None
        self._snapshots: dict[str, Snapshot] = {}
        self._unread: set[tuple[str, ...]] = set()
        """What could not be read from a mirror: a sync brings it back, looking again does not."""
        self._local_found: Layer = {}
        self._last: Layer = {}

    async def follow(self, rows: Sequence[RepositoryRow]) -> None:
        """Take these repositories, in their order, for those there are; read the snapshots not known yet.

        They are read from the mirrors at the rows' commits, without network. Where that fails the
        repository counts as unreadable until a sync brings it back.
        """
        read: dict[str, Snapshot | None] = {}
        for row in rows:
            if row.commit is not None and not self._is_current(row) and _key(row) not in self._unread:
                read[row.id] = await self._read_kept(row, row.commit)
        # A sync may have swapped one in meanwhile: from here to the end nothing is awaited.
        snapshots: dict[str, Snapshot] = {}
        for row in rows:
            known = self._snapshots[row.id] if self._is_current(row) else read.get(row.id)
            if known is not None:
                snapshots[row.id] = known
        self._rows, self._snapshots = tuple(rows), snapshots

    async def read(self, row: RepositoryRow, remote: Remote, commit: str) -> Snapshot:
        """Read the repository's pipelines at a commit that was fetched; nothing sees them yet.

        Raises:
            NotFound: `commit_gone`, `subdir_missing`.
        """
        found = await self._mirrors.snapshot(remote, commit, row.name)
        return Snapshot(row.id, row.name, row.subdir, commit, _by_name(found))

    def swap(self, snapshot: Snapshot) -> None:
        """From now on this is what the repository holds."""
        self._snapshots[snapshot.repository_id] = snapshot

    def has(self, repository_id: str, commit: str) -> bool:
        """Whether that commit's pipelines are the ones in force."""
        snapshot = self._snapshots.get(repository_id)
        return snapshot is not None and snapshot.commit == commit

    async def preview(
        self, snapshot: Snapshot, rows: Mapping[str, PipelineRow]
    ) -> dict[str, FoundPipeline | None]:
        """Return what would be found of the pipelines that a swap concerns; None: it would be gone.

        `rows` are the present pipelines. What another source has under the same name is part of it: a
        pipeline may come to light, or stay behind another one.
        """
        with suppress(Unavailable):
            await self._scan_local()
        before = self._snapshots.get(snapshot.repository_id)
        names = {*snapshot.pipelines, *(before.pipelines if before else ())}
        names |= {name for name, row in rows.items() if row.repository == snapshot.repository}
        after = _merge(
            [self._local_found, *(s.pipelines for s in self._ordered({snapshot.repository_id: snapshot}))],
            names,
        )
        others = self._unreadable(has_local=True) - {snapshot.repository}
        return {
            name: after.get(name) for name in names if name not in rows or rows[name].repository not in others
        }

    async def scan(self) -> Scan:
        """Look at everything; unchanged folders cost a stat, snapshots nothing."""
        trouble = None
        try:
            await self._scan_local()
        except Unavailable as error:
            trouble = error
        snapshots = self._ordered()
        found = _merge([self._local_found, *(snapshot.pipelines for snapshot in snapshots)])
        self._last = found
        return Scan(found, self._unreadable(has_local=trouble is None), trouble)

    async def look(self, name: str) -> FoundPipeline | None:
        """Return one pipeline as it is now; None where no source has it.

        Raises:
            Unavailable: `pipelines_unavailable`; the local folder can't be read and nothing else has it.
        """
        if not is_pipeline_name(name):
            return self._last.get(name)
        layers: list[Layer] = []
        trouble = None
        if self._local is not None:
            try:
                local = await self._local.look(name)
            except Unavailable as error:
                trouble = error
            else:
                layers += [{name: local}] if local is not None else []
        layers += [snapshot.pipelines for snapshot in self._ordered()]
        found = _merge(layers, {name}).get(name)
        if found is None and trouble is not None:
            raise trouble
        return found

    def is_unreadable(self, repository: str | None) -> bool:
        """Whether what was known of that repository has to do for now."""
        return repository in self._unreadable(has_local=True)

    async def checkout(self, name: str, revision: str) -> Path:
        """Return the immutable copy of that pipeline at that revision, making it if need be.

        A `tree-` revision is found in whichever mirror still has it, however old it is.

        Raises:
            NotFound: `revision_gone`; it is neither kept nor to be had.
            Unavailable: `disk_full`, `disk_failed`.
        """
        if self._local is not None and not revision.startswith("tree-"):
            return await self._local.checkout(name, revision)
        if not is_pipeline_name(name):
            raise NotFound("pipeline_not_found", "There is no such pipeline.", {"pipeline_name": name[:64]})

        async def fill(into: Path) -> None:
            ids = [row.id for row in self._rows or ()]
            await self._mirrors.lay_out(name, revision, into, ids)

        return await self._checkouts.get(name, revision, fill)

    async def collect(self, keep: set[tuple[str, str]]) -> int:
        """Delete checkouts not in `keep` (name, revision); return how many."""
        removed = await self._local.collect(keep) if self._local is not None else 0
        return removed + await asyncio.to_thread(self._checkouts.collect, keep)

    async def _scan_local(self) -> None:
        if self._local is not None:
            self._local_found = _by_name(await self._local.scan())

    def _ordered(self, instead: Mapping[str, Snapshot] | None = None) -> list[Snapshot]:
        snapshots = {**self._snapshots, **(instead or {})}
        return [snapshots[row.id] for row in self._rows or () if row.id in snapshots]

    def _unreadable(self, *, has_local: bool) -> frozenset[str | None]:
        missing: set[str | None] = set() if has_local else {None}
        for row in self._rows or ():
            if row.commit is not None and row.id not in self._snapshots:
                missing.add(row.name)
        return frozenset(missing)

    def _is_current(self, row: RepositoryRow) -> bool:
        known = self._snapshots.get(row.id)
        return known is not None and (known.repository, known.subdir) == (row.name, row.subdir)

    async def _read_kept(self, row: RepositoryRow, commit: str) -> Snapshot | None:
        remote = Remote(row.id, row.url, row.branch, row.subdir)
        try:
            return await self.read(row, remote, commit)
        except FastFlowError as error:
            log.error("its pipelines stay as they were", repository=row.name, reason=error.message)
            self._unread.add(_key(row))
            return None


def _key(row: RepositoryRow) -> tuple[str, ...]:
    return row.id, row.name, row.subdir, row.commit or ""


def _by_name(found: Iterable[FoundPipeline]) -> dict[str, FoundPipeline]:
    named: dict[str, FoundPipeline] = {}
    for pipeline in found:
        short = pipeline.name
        if len(short) > LONGEST_NAME:
            short = f"{short[: LONGEST_NAME - 1]}…"
            pipeline = replace(pipeline, name=short)
        named[short] = pipeline
    return named


def _merge(layers: Sequence[Layer], names: Iterable[str] | None = None) -> dict[str, FoundPipeline]:
    """Put layers over each other: the first wins, and says whom it hides."""
    merged: dict[str, FoundPipeline] = {}
    for layer in layers:
        for name in layer if names is None else names:
            found = layer.get(name)
            if found is None:
                continue
            first = merged.get(name)
            merged[name] = found if first is None else _hiding(first, found)
    return merged


def _hiding(first: FoundPipeline, hidden: FoundPipeline) -> FoundPipeline:
    hint = (
        f"{_place(hidden).capitalize()} has a pipeline of this name too; the one of {_place(first)} counts. "
        "Rename one of the folders."
    )
    return replace(first, hint=f"{first.hint} {hint}" if first.hint else hint)


def _place(found: FoundPipeline) -> str:
    return f"repository {found.repository}" if found.repository is not None else "the local folder"
