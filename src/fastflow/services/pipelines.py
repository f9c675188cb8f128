"""Knows the pipelines: looks at their sources, remembers what was seen, says what changed."""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, TypeVar

from sqlmodel import Session

from fastflow.domain.environment import EnvironmentStatus
from fastflow.domain.errors import NotFound
from fastflow.domain.events import EventType
from fastflow.domain.manifest import Manifest, ManifestResult
from fastflow.domain.ports import Clock, FoundPipeline
from fastflow.services.manifests import read_manifest
from fastflow.services.pipeline_rows import row_of, says_the_same
from fastflow.services.schedule_reconciliation import reconcile
from fastflow.services.sources import Scan, Sources
from fastflow.store import events, pipelines
from fastflow.store.database import Database
from fastflow.store.pipelines import Summary
from fastflow.store.signal import Signal
from fastflow.store.tables import PipelineRow

T = TypeVar("T")

BATCH: Final = 100
"""Pipelines that change in one transaction: thousands may come with one push."""


@dataclass(frozen=True, slots=True)
class Runnable:
    """A revision of a pipeline that can be started."""

    name: str
    revision: str
    manifest: Manifest
    repository: str | None = None
    commit: str | None = None


class Pipelines:
    """Discovery on top of all sources."""

    def __init__(self, database: Database, sources: Sources, clock: Clock, timezone: str) -> None:
        self._database = database
        self._sources = sources
        self._clock = clock
        self._timezone = timezone
        self._found: dict[str, FoundPipeline] = {}
        """What the rows were made from; of those not looked at since the start, nothing."""
        self._rows: dict[str, PipelineRow] | None = None
        """The present pipelines as they are stored; None: not read yet."""
        self._refreshing = asyncio.Lock()
        self.changed = Signal()
        """Set after each change that this process has made to a pipeline."""

    async def refresh(self) -> int:
        """Look at all sources; return how many pipelines changed, appeared or vanished.

        Those of a source that can't be looked at now stay as they are.

        Raises:
            Unavailable: `pipelines_unavailable`; the local folder can't be read. All else was refreshed.
        """
        async with self._refreshing:
            rows = await self._present()
            scan = await self._sources.scan()
            new = [found for found in scan.pipelines.values() if self._is_news(found, rows, scan)]
            gone = [
                name
                for name, row in rows.items()
                if name not in scan.pipelines and row.repository not in scan.unreadable
            ]
            changed = 0
            for batch in _batches(new):
                changed += (await self._remember(batch))[1]
            for names in _batches(gone):
                changed += await self._forget(names)
        if scan.trouble is not None:
            raise scan.trouble
        return changed

    async def look(self, name: str) -> PipelineRow:
        """Look at one pipeline now, so that an edit counts from the next trigger on.

        Raises:
            NotFound: `pipeline_not_found`.
        """
        rows = await self._present()
        found = await self._sources.look(name)
        row = rows.get(name)
        if row is not None and self._sources.is_unreadable(row.repository):
            return row
        if found is None:
            if row is not None:
                await self._forget([name])
            raise _not_found(name)
        if row is not None and self._found.get(name) == found:
            return row
        return (await self._remember([found]))[0][0]

    async def known(self, name: str) -> PipelineRow:
        """Return what was last seen of a pipeline, also of one whose folder has vanished.

        Raises:
            NotFound: `pipeline_not_found`; there was never one of that name.
        """
        row = await self._database.read(lambda session: pipelines.get(session, name))
        if row is None:
            raise _not_found(name)
        return row

    async def every(self) -> Sequence[PipelineRow]:
        """Return all pipelines whose folder exists, by name."""
        rows = await self._database.read(pipelines.every)
        return [row for row in rows if row.is_present]

    async def summaries(self, only: Collection[str] | None = None) -> list[Summary]:
        """Return what lists show of the pipelines whose folder exists, by name."""
        return await self._database.read(lambda session: pipelines.summaries(session, only))

    async def record_environment(
        self,
        name: str,
        revision: str,
        status: EnvironmentStatus,
        reason: str | None = None,
        lockfile_key: str | None = None,
        environment_key: str | None = None,
    ) -> bool:
        """Store how far a revision's environment is, and announce it; False if the pipeline has moved on."""

        def work(session: Session) -> PipelineRow | None:
            row = pipelines.get(session, name)
            if row is None or not row.is_present or row.revision != revision:
                return None
            row.environment_status, row.environment_revision = status, revision
            row.environment_reason = reason
            row.lockfile_key = lockfile_key if lockfile_key is not None else row.lockfile_key
            row.environment_key = environment_key or row.environment_key
            self._announce(session, row)
            return row

        row = await self._database.write(work)
        if row is not None and self._rows is not None:
            self._rows[name] = row
        return row is not None

    async def _present(self) -> dict[str, PipelineRow]:
        if self._rows is None:
            rows = await self.every()
            if self._rows is None:
                self._rows = {row.name: row for row in rows}
        return self._rows

    def _is_news(self, found: FoundPipeline, rows: dict[str, PipelineRow], scan: Scan) -> bool:
        row = rows.get(found.name)
        if row is None:
            return True
        return row.repository not in scan.unreadable and self._found.get(found.name) != found

    async def _remember(self, batch: Sequence[FoundPipeline]) -> tuple[list[PipelineRow], int]:
        """Store what was found; return the rows, and how many differ from what was stored."""
        # On a thread: a manifest may be a hostile megabyte, and checking its schema imports a large library.
        results = await asyncio.to_thread(lambda: [read_manifest(found) for found in batch])

        def work(session: Session) -> tuple[list[PipelineRow], int]:
            known = pipelines.named(session, [found.name for found in batch])
            stored = [
                self._store(session, found, result, known.get(found.name))
                for found, result in zip(batch, results, strict=True)
            ]
            return [row for row, _ in stored], sum(is_new for _, is_new in stored)

        rows, changed = await self._database.write(work)
        known = await self._present()
        for found, row in zip(batch, rows, strict=True):
            self._found[found.name], known[found.name] = found, row
        if changed:
            self.changed.set()
        return rows, changed

    def _store(
        self, session: Session, found: FoundPipeline, result: ManifestResult, before: PipelineRow | None
    ) -> tuple[PipelineRow, bool]:
        row = row_of(found, result, before, self._clock.now())
        if before is not None and says_the_same(row, before):
            return before, False
        row = pipelines.save(session, row, before)
        reconcile(session, row, result.manifest, self._clock.now(), self._timezone)
        self._announce(session, row)
        return row, True

    async def _forget(self, names: Sequence[str]) -> int:
        def work(session: Session) -> int:
            found = (pipelines.get(session, name) for name in names)
            rows = [row for row in found if row is not None and row.is_present]
            for row in rows:
                row.is_present = False
                row.changed_at = self._clock.now()
                reconcile(session, row, None, row.changed_at, self._timezone)
                self._announce(session, row)
            return len(rows)

        count = await self._database.write(work)
        known = await self._present()
        for name in names:
            self._found.pop(name, None)
            known.pop(name, None)
        self.changed.set()
        return count

    def _announce(self, session: Session, row: PipelineRow) -> None:
        events.append(
            session,
            EventType.PIPELINE_CHANGED,
            self._clock.now(),
            pipeline_name=row.name,
            payload={
                "revision": row.revision,
                "is_valid": row.is_valid,
                "is_present": row.is_present,
                "environment_status": row.environment_status.value,
            },
        )


def _not_found(name: str) -> NotFound:
    return NotFound(
        "pipeline_not_found",
        f"There is no pipeline {name!r}: no folder of that name with a main.py. "
        "`fastflow pipelines` lists those there are.",
        {"pipeline_name": name},
    )


def _batches(items: Iterable[T]) -> Iterable[list[T]]:
    iterator = iter(items)
    while batch := list(islice(iterator, BATCH)):
        yield batch


def runnable(row: PipelineRow, *, last_valid: bool) -> Runnable | None:
    """Return what a trigger would start: the present revision, or on request the last valid one."""
    revision = row.valid_revision if last_valid else row.revision
    manifest = row.valid_manifest if last_valid else row.manifest
    if revision is None or manifest is None or not (row.is_valid or last_valid):
        return None
    commit = row.valid_commit if last_valid else row.commit
    return Runnable(row.name, revision, Manifest.model_validate(manifest), row.repository, commit)
