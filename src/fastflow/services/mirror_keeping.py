"""Lets mirrors, and the log of syncs, forget what nothing needs any more."""

from typing import Final

from sqlmodel import Session

from fastflow.domain.ports import Clock
from fastflow.domain.repository_ports import Mirrors
from fastflow.services.retention import REPEATABLE_FOR
from fastflow.services.sync_queue import Phase, SyncQueue
from fastflow.store import pipelines, repositories, runs, syncs
from fastflow.store.database import Database

SYNCS_KEPT: Final = 1000
"""Of each repository."""
UNCHANGED_SYNCS_KEPT: Final = 100
"""Of those that found nothing new: many are asked for by a Git host that tells of every push."""


class MirrorKeeping:
    """Tidies up after syncs."""

    def __init__(self, database: Database, mirrors: Mirrors, queue: SyncQueue, clock: Clock) -> None:
        self._database = database
        self._mirrors = mirrors
        self._queue = queue
        self._clock = clock

    async def tidy(self) -> None:
        """Keep of each mirror what is in use; delete the mirrors of removed repositories, and old syncs.

        A repository that is being synced is waited for: its newest commit is in no row yet.

        Raises:
            Unavailable: the disk or the database.
        """
        ids = [row.id for row in await self._database.read(repositories.every)]
        for repository_id in ids:
            async with self._queue.held(repository_id, self._clock.now(), Phase.TIDYING):
                commits = await self._database.read(
                    lambda session, key=repository_id: self._kept(session, key)
                )
                if commits:
                    await self._mirrors.keep_only(repository_id, commits)
        for repository_id in await self._database.read(syncs.repositories_of_syncs):
            if repository_id not in ids:
                await self._mirrors.remove(repository_id)
            await self._database.write(
                lambda session, key=repository_id: syncs.trim(session, key, SYNCS_KEPT, UNCHANGED_SYNCS_KEPT)
            )

    def _kept(self, session: Session, repository_id: str) -> set[str]:
        """Return the commits that pipelines and repeatable runs stand on; none while nothing was synced."""
        row = repositories.get(session, repository_id)
        if row is None or row.commit is None:
            return set()
        commits = runs.commits_since(session, row.name, self._clock.now() - REPEATABLE_FOR)
        for pipeline in pipelines.every(session):
            if pipeline.repository == row.name:
                commits |= {
                    commit for commit in (pipeline.commit, pipeline.valid_commit) if commit is not None
                }
        return {row.commit, *commits}
