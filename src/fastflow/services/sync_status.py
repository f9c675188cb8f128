"""Says how each repository stands: what was synced, what goes on, what comes next."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from fastflow.domain.environment import EnvironmentStatus
from fastflow.domain.repository import SyncStatus
from fastflow.services.sync_queue import Phase, SyncQueue
from fastflow.services.sync_times import SyncTimes
from fastflow.store import pipelines, repositories, syncs
from fastflow.store.database import Database
from fastflow.store.pipelines import Count
from fastflow.store.tables import RepositoryRow, SyncRow


@dataclass(frozen=True, slots=True)
class RepositoryStatus:
    """One repository at this moment."""

    repository: RepositoryRow
    phase: Phase | None
    """What its sync is doing; None: none goes on."""
    is_waiting: bool
    """Another sync was asked for and waits behind it."""
    last: SyncRow | None
    last_success: SyncRow | None
    checked_at: datetime | None
    """When its remote was last looked at with success; looks that find nothing new leave no row."""
    next_due_at: datetime | None
    failures: int
    """How often in a row it has failed since the server started."""
    pipelines: int
    invalid_pipelines: int
    environments: dict[EnvironmentStatus, int]


class SyncStatuses:
    """Reads the status of repositories and their past syncs."""

    def __init__(self, database: Database, queue: SyncQueue, times: SyncTimes) -> None:
        self._database = database
        self._queue = queue
        self._times = times

    async def every(self) -> list[RepositoryStatus]:
        """Return the status of all repositories, in their order."""

        def work(session: Session) -> list[RepositoryStatus]:
            counts = pipelines.count(session)
            return [
                self._status(session, row, [count for count in counts if count.repository == row.name])
                for row in repositories.every(session)
            ]

        return await self._database.read(work)

    async def log(
        self, repository: str | None, limit: int, before_id: str | None
    ) -> tuple[Sequence[SyncRow], str | None]:
        """Return the newest syncs, and the cursor of the next page or None."""
        rows = await self._database.read(
            lambda session: syncs.page(session, repository, limit + 1, before_id)
        )
        return rows[:limit], rows[limit - 1].id if len(rows) > limit else None

    def _status(self, session: Session, row: RepositoryRow, counts: Sequence[Count]) -> RepositoryStatus:
        environments: Counter[EnvironmentStatus] = Counter()
        for count in counts:
            environments[count.environment_status] += count.pipelines
        running = self._queue.running(row.id)
        waiting = self._queue.waiting(row.id)
        going_on = running or waiting
        return RepositoryStatus(
            repository=row,
            phase=going_on.phase if going_on is not None else None,
            is_waiting=waiting is not None,
            last=syncs.newest(session, row.id),
            last_success=syncs.newest(session, row.id, SyncStatus.SUCCESS),
            checked_at=self._times.checked_at(row.id),
            next_due_at=self._times.next_due_at(row.id),
            failures=self._times.failures(row.id),
            pipelines=environments.total(),
            invalid_pipelines=sum(count.pipelines for count in counts if not count.is_valid),
            environments=dict(environments),
        )
