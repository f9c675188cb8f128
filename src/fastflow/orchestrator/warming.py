"""Prepares the environments of pipelines before their first run asks for them."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from fastflow.domain.environment import Environment, EnvironmentFailed, EnvironmentStatus
from fastflow.domain.environment_ports import Environments
from fastflow.domain.errors import FastFlowError, NotFound
from fastflow.domain.ports import Clock
from fastflow.services.pipelines import Pipelines, Runnable, runnable
from fastflow.services.sources import Sources
from fastflow.store.tables import PipelineRow

log = structlog.get_logger()

AT_ONCE: Final = 2
"""Environments that are made beside each other; runs that start meanwhile need the machine too."""
TRY_AGAIN_AFTER: Final = timedelta(seconds=30)
LONGEST_PAUSE: Final = timedelta(minutes=15)
_LOOK_AGAIN_SECONDS: Final = 5.0

_SETTLED: Final = frozenset({EnvironmentStatus.READY, EnvironmentStatus.FAILED})


@dataclass(frozen=True, slots=True)
class _Postponed:
    """A revision that the platform, not the pipeline, kept from being prepared."""

    revision: str
    until: datetime
    pause: timedelta


class Warming:
    """Goes through the pipelines: those that changed first, those that were ready before a restart last."""

    def __init__(
        self,
        pipelines: Pipelines,
        sources: Sources,
        environments: Environments,
        clock: Clock,
        *,
        default_python: str | None,
    ) -> None:
        self._pipelines = pipelines
        self._sources = sources
        self._environments = environments
        self._clock = clock
        self._default_python = default_python
        self._done: dict[str, str] = {}
        """The revision of each pipeline that this process has dealt with."""
        self._postponed: dict[str, _Postponed] = {}

    async def run(self) -> None:
        """Prepare what is due, then wait for changes, for ever."""
        while True:
            mark = self._pipelines.changed.mark
            try:
                has_worked = await self.tick()
            except FastFlowError as error:
                log.error("can't warm now", reason=error.message)
                has_worked = False
            if not has_worked:
                await self._pipelines.changed.wait(mark, _LOOK_AGAIN_SECONDS)

    async def tick(self) -> bool:
        """Prepare the environments that are most due, beside each other; False where none is."""
        due = await self._due()
        for chosen, row in due:
            if row.environment_revision != chosen.revision or row.environment_status not in _SETTLED:
                await self._note_waiting(chosen, row)
        batch = due[:AT_ONCE]
        async with asyncio.TaskGroup() as group:
            for chosen, row in batch:
                group.create_task(self._warm(chosen, row))
        return bool(batch)

    async def _due(self) -> list[tuple[Runnable, PipelineRow]]:
        now = self._clock.now()
        due: list[tuple[Runnable, PipelineRow]] = []
        for row in await self._pipelines.every():
            if self._done.get(row.name) == row.revision or not row.is_enabled:
                continue
            postponed = self._postponed.get(row.name)
            if postponed is not None and postponed.revision == row.revision and postponed.until > now:
                continue
            chosen = runnable(row, last_valid=False)
            if chosen is not None:
                due.append((chosen, row))
        due.sort(key=lambda pair: pair[1].changed_at, reverse=True)
        due.sort(key=lambda pair: pair[1].environment_revision == pair[0].revision)
        return due

    async def _note_waiting(self, chosen: Runnable, row: PipelineRow) -> None:
        if row.environment_status is not EnvironmentStatus.WAITING:
            await self._record(chosen, EnvironmentStatus.WAITING)

    async def _warm(self, chosen: Runnable, row: PipelineRow) -> None:
        """Prepare one; its failure is shown at the pipeline, and said again by the run that needs it."""
        is_check = row.environment_revision == chosen.revision and row.environment_status in _SETTLED
        if not is_check:
            await self._record(chosen, EnvironmentStatus.BUILDING)
        try:
            checkout = await self._sources.checkout(chosen.name, chosen.revision)
            version = chosen.manifest.python_version or self._default_python
            environment = (await self._environments.prepare(checkout, version)).environment
        except EnvironmentFailed as error:
            log.warning("environment can't be made", pipeline=chosen.name, reason=error.message)
            await self._record(chosen, EnvironmentStatus.FAILED, error.message)
        except NotFound:
            self._postpone(chosen)  # edited meanwhile: the next look finds the new revision
        except FastFlowError as error:
            log.info("not warmed yet", pipeline=chosen.name, reason=error.message)
            await self._record(chosen, EnvironmentStatus.WAITING, error.message)
            self._postpone(chosen)
        else:
            is_known = row.environment_status is EnvironmentStatus.READY and row.environment_key is not None
            if not (is_check and is_known):
                await self._record(chosen, EnvironmentStatus.READY, environment=environment)
            self._settle(chosen)
            return
        if (
            self._postponed.get(chosen.name) is None
            or self._postponed[chosen.name].revision != chosen.revision
        ):
            self._settle(chosen)

    async def _record(
        self,
        chosen: Runnable,
        status: EnvironmentStatus,
        reason: str | None = None,
        environment: Environment | None = None,
    ) -> None:
        await self._pipelines.record_environment(
            chosen.name,
            chosen.revision,
            status,
            reason,
            environment.lockfile_key if environment is not None else None,
            environment.key if environment is not None else None,
        )

    def _settle(self, chosen: Runnable) -> None:
        self._done[chosen.name] = chosen.revision
        self._postponed.pop(chosen.name, None)

    def _postpone(self, chosen: Runnable) -> None:
        before = self._postponed.get(chosen.name)
        is_again = before is not None and before.revision == chosen.revision
        pause = min(before.pause * 2, LONGEST_PAUSE) if before and is_again else TRY_AGAIN_AFTER
        self._postponed[chosen.name] = _Postponed(chosen.revision, self._clock.now() + pause, pause)
