"""Knows the pipelines: looks at their source, remembers what was seen, says what changed."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from fastflow.domain.environment import EnvironmentStatus
from fastflow.domain.errors import NotFound
from fastflow.domain.events import EventType
from fastflow.domain.manifest import Manifest, ManifestResult, Severity
from fastflow.domain.ports import Clock, FoundPipeline, PipelineSource
from fastflow.services.manifests import read_manifest
from fastflow.store import events, pipelines
from fastflow.store.database import Database
from fastflow.store.tables import PipelineRow


@dataclass(frozen=True, slots=True)
class Runnable:
    """A revision of a pipeline that can be started."""

    name: str
    revision: str
    manifest: Manifest
    repository: str | None = None
    commit: str | None = None


class Pipelines:
    """Discovery on top of one source."""

    def __init__(self, database: Database, source: PipelineSource, clock: Clock) -> None:
        self._database = database
        self._source = source
        self._clock = clock
        self._seen: dict[str, tuple[FoundPipeline, PipelineRow]] = {}

    async def refresh(self) -> int:
        """Look at the whole source; return how many pipelines changed, appeared or vanished."""
        found = {pipeline.name: pipeline for pipeline in await self._source.scan()}
        known = {row.name: row for row in await self._database.read(pipelines.every)}
        changed = 0
        for name, pipeline in found.items():
            if name not in known or not self._is_known(pipeline) or not known[name].is_present:
                await self._remember(pipeline)
                changed += 1
        for name, row in known.items():
            if name not in found and row.is_present:
                await self._forget(name)
                changed += 1
        return changed

    async def look(self, name: str) -> PipelineRow:
        """Look at one pipeline now, so that an edit counts from the next trigger on.

        Raises:
            NotFound: `pipeline_not_found`.
        """
        found = await self._source.look(name)
        if found is None:
            if name in self._seen:
                await self._forget(name)
            raise NotFound(
                "pipeline_not_found",
                f"There is no pipeline {name!r}: no folder of that name with a main.py. "
                "`fastflow pipelines` lists those there are.",
                {"pipeline_name": name},
            )
        return self._seen[name][1] if self._is_known(found) else await self._remember(found)

    async def every(self) -> Sequence[PipelineRow]:
        """Return all pipelines whose folder exists, by name."""
        rows = await self._database.read(pipelines.every)
        return [row for row in rows if row.is_present]

    def _is_known(self, found: FoundPipeline) -> bool:
        return found.name in self._seen and self._seen[found.name][0] == found

    async def _remember(self, found: FoundPipeline) -> PipelineRow:
        # On a thread: a manifest may be a hostile megabyte, and checking its schema imports a large library.
        result = await asyncio.to_thread(read_manifest, found)

        def work(session: Session) -> PipelineRow:
            row = _row(found, result, pipelines.get(session, found.name), self._clock)
            row = pipelines.save(session, row)
            self._announce(session, found.name, row)
            return row

        row = await self._database.write(work)
        self._seen[found.name] = (found, row)
        return row

    async def _forget(self, name: str) -> None:
        def work(session: Session) -> None:
            row = pipelines.get(session, name)
            if row is not None and row.is_present:
                row.is_present = False
                row.changed_at = self._clock.now()
                self._announce(session, name, row)

        await self._database.write(work)
        self._seen.pop(name, None)

    def _announce(self, session: Session, name: str, row: PipelineRow) -> None:
        events.append(
            session,
            EventType.PIPELINE_CHANGED,
            self._clock.now(),
            pipeline_name=name,
            payload={"revision": row.revision, "is_valid": row.is_valid, "is_present": row.is_present},
        )


def runnable(row: PipelineRow, *, last_valid: bool) -> Runnable | None:
    """Return what a trigger would start: the present revision, or on request the last valid one."""
    revision = row.valid_revision if last_valid else row.revision
    manifest = row.valid_manifest if last_valid else row.manifest
    if revision is None or manifest is None or not (row.is_valid or last_valid):
        return None
    commit = row.commit if revision == row.revision else None
    return Runnable(row.name, revision, Manifest.model_validate(manifest), row.repository, commit)


def _row(
    found: FoundPipeline, result: ManifestResult, before: PipelineRow | None, clock: Clock
) -> PipelineRow:
    problems = [problem.model_dump(mode="json") for problem in result.problems]
    has_errors = any(problem.severity is Severity.ERROR for problem in result.problems)
    manifest = result.manifest.model_dump(mode="json", exclude_unset=True) if result.manifest else None
    is_valid = manifest is not None and not has_errors and found.revision is not None
    if found.problem is not None:
        is_valid = False
    is_unchanged = before is not None and before.revision == found.revision
    kept = before if is_unchanged and before is not None else None
    return PipelineRow(
        name=found.name,
        is_present=True,
        is_valid=is_valid,
        is_enabled=result.manifest.enabled if result.manifest else True,
        revision=found.revision,
        manifest=manifest,
        problems=problems,
        hint=found.hint,
        valid_revision=found.revision if is_valid else (before.valid_revision if before else None),
        valid_manifest=manifest if is_valid else (before.valid_manifest if before else None),
        repository=found.repository,
        commit=kept.commit if kept and kept.repository == found.repository else found.commit,
        environment_status=kept.environment_status if kept else EnvironmentStatus.UNKNOWN,
        environment_revision=kept.environment_revision if kept else None,
        environment_reason=kept.environment_reason if kept else None,
        lockfile_key=kept.lockfile_key if kept else None,
        changed_at=clock.now(),
    )
