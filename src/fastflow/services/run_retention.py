"""Deletes runs that have become too old, with all that is kept of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog
from sqlmodel import Session

from fastflow.domain.errors import Conflict
from fastflow.domain.manifest import Manifest
from fastflow.domain.ports import Clock, LogStore
from fastflow.store import old_runs, pipelines
from fastflow.store.database import Database

log = structlog.get_logger()

KEPT_IN_ANY_CASE: Final = timedelta(hours=1)
"""Whoever started it looks at it, and other pipelines may be about to follow it."""
_AT_ONCE: Final = 200
"""In a transaction of a few milliseconds: others write between two of them."""


@dataclass(frozen=True, slots=True)
class RunLimits:
    """How long runs are kept where their pipeline says nothing."""

    newest: int = 0
    """Of each pipeline; 0: all of them."""
    days: float = 0
    """0: for ever."""


class RunRetention:
    """Looks through the pipelines, one after the other."""

    def __init__(self, database: Database, clock: Clock, logs: LogStore, limits: RunLimits) -> None:
        self._database = database
        self._clock = clock
        self._logs = logs
        self._limits = limits

    async def delete_old(self) -> int:
        """Delete the runs that are beyond a limit; return how many.

        Logs go first: where this breaks off, their runs are still found the next time. A pipeline's newest
        run stays in any case, and so do those that have not ended.
        """
        deleted, name = 0, ""
        while following := await self._database.read(lambda s, after=name: old_runs.next_pipeline(s, after)):
            name = following
            deleted += await self._delete_of(name)
        if deleted:
            log.info("deleted old runs", runs=deleted)
        return deleted

    async def _delete_of(self, name: str) -> int:
        limits = await self._limits_of(name)
        if not limits.newest and not limits.days:
            return 0
        deleted = 0
        while run_ids := await self._due(name, limits):
            gone = [run_id for run_id in run_ids if await self._forget_log(run_id)]
            await self._database.write(lambda session, ids=gone: old_runs.remove(session, ids))
            deleted += len(gone)
            if len(gone) < len(run_ids) or len(run_ids) < _AT_ONCE:
                break
        return deleted

    async def _due(self, name: str, limits: RunLimits) -> Sequence[str]:
        now = self._clock.now()
        return await self._database.read(
            lambda session: old_runs.due(
                session,
                name,
                newest_kept=limits.newest or None,
                made_before=now - timedelta(days=limits.days) if limits.days else None,
                untouched_since=now - KEPT_IN_ANY_CASE,
                limit=_AT_ONCE,
            )
        )

    async def _forget_log(self, run_id: str) -> bool:
        """Delete what it has printed; False where that is still being written down."""
        try:
            await self._logs.delete(run_id)
        except Conflict:
            return False
        return True

    async def _limits_of(self, name: str) -> RunLimits:
        """Return those of the pipeline's manifest, and the server's for what it leaves open."""

        def work(session: Session) -> Manifest:
            row = pipelines.get(session, name)
            return Manifest.model_validate(row.manifest) if row is not None and row.manifest else Manifest()

        manifest = await self._database.read(work)
        newest, days = manifest.log_retention_runs, manifest.log_retention_days
        return RunLimits(
            self._limits.newest if newest is None else newest, self._limits.days if days is None else days
        )
