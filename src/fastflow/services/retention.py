"""Says what must be kept on disk because a run may still need it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlmodel import Session

from fastflow.domain.ports import Clock
from fastflow.store import attempts, events, occurrences, pipelines, runs
from fastflow.store.database import Database

REPEATABLE_FOR: Final = timedelta(days=30)
"""How long the code of a run that has ended is kept for an exact retry; its lockfile is for a year."""

EVENTS_KEPT_FOR: Final = timedelta(days=7)
"""How far back a listener that was away can catch up."""

LEDGER_KEPT_FOR: Final = timedelta(days=90)
"""How far back can be asked what became of an occurrence."""

_AT_ONCE: Final = 1_000


@dataclass(frozen=True, slots=True)
class InUse:
    """What may not be deleted."""

    revisions: set[tuple[str, str]]
    """Pipeline and revision."""
    attempts: set[tuple[str, int]]
    """Run and number, of those that hold a slot."""
    environments: set[str]
    """Of the present pipelines and of attempts that hold a slot; any other can be built again."""


class Retention:
    """Reads what is in use."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def in_use(self) -> InUse:
        """Return what the present pipelines, the active runs and the repeatable runs refer to."""
        since = self._clock.now() - REPEATABLE_FOR

        def work(session: Session) -> InUse:
            revisions = runs.revisions_since(session, since)
            environments = attempts.environments_in_use(session)
            for row in pipelines.every(session):
                revisions |= {(row.name, r) for r in (row.revision, row.valid_revision) if r is not None}
                if row.is_present and row.environment_key is not None:
                    environments.add(row.environment_key)
            return InUse(revisions, attempts.holding_slots(session), environments)

        return await self._database.read(work)

    async def trim_ledger(self) -> int:
        """Delete old rows of the ledger, a few in each transaction; return how many."""
        before, deleted = self._clock.now() - LEDGER_KEPT_FOR, 0
        while True:
            count = await self._database.write(lambda session: occurrences.trim(session, before, _AT_ONCE))
            deleted += count
            if count < _AT_ONCE:
                return deleted

    async def trim_events(self) -> int:
        """Delete the events that no listener will ask for any more; return how many."""
        before = self._clock.now() - EVENTS_KEPT_FOR
        return await self._database.write(lambda session: events.trim(session, before))
