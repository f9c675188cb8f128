"""Says how the server's parts do, for those who look after it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from fastflow.domain.errors import Unavailable
from fastflow.domain.ports import Clock
from fastflow.domain.repository import SyncStatus
from fastflow.domain.server_ports import DataDirectory, Space
from fastflow.services.sync_times import SyncTimes
from fastflow.services.system import Check, System
from fastflow.store import repositories, syncs
from fastflow.store.database import Database
from fastflow.store.tables import RepositoryRow, SyncRow

ALIVE: Final = timedelta(seconds=30)
"""Six times as long as the scheduler ever waits between two looks."""


@dataclass(frozen=True, slots=True)
class FailedSync:
    """A repository whose newest sync failed."""

    repository: RepositoryRow
    sync: SyncRow
    failures: int
    """How often in a row since the server started."""


@dataclass(frozen=True, slots=True)
class Health:
    """How it does at this moment."""

    checks: list[Check]
    scheduler_ticked_at: datetime | None
    is_scheduler_alive: bool
    disk: Space | None
    """None: it can't be read."""
    failed_syncs: list[FailedSync]


class HealthWatch:
    """Looks at everything that may need somebody."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        system: System,
        data: DataDirectory,
        times: SyncTimes,
        scheduler_ticked_at: Callable[[], datetime | None],
    ) -> None:
        self._database = database
        self._clock = clock
        self._system = system
        self._data = data
        self._times = times
        self._scheduler_ticked_at = scheduler_ticked_at

    async def now(self) -> Health:
        """Look at all of it."""
        ticked_at = self._scheduler_ticked_at()
        return Health(
            await self._system.checks(),
            ticked_at,
            ticked_at is not None and self._clock.now() - ticked_at <= ALIVE,
            await self._space(),
            await self._database.read(self._failed_syncs),
        )

    async def _space(self) -> Space | None:
        try:
            return await self._data.space()
        except Unavailable:  # the overview says so, and goes on with the rest
            return None

    def _failed_syncs(self, session: Session) -> list[FailedSync]:
        newest = ((row, syncs.newest(session, row.id)) for row in repositories.every(session))
        return [
            FailedSync(row, sync, self._times.failures(row.id))
            for row, sync in newest
            if sync is not None and sync.status is SyncStatus.FAILED
        ]
