"""Says when a repository is looked at by itself: at the start, by its interval, later after failures."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from fastflow.domain.repository import SyncTrigger
from fastflow.store.tables import RepositoryRow

LONGEST_PAUSE: Final = timedelta(minutes=15)
SHORTEST_PAUSE: Final = timedelta(seconds=10)
"""After a failure; without an interval it is what the doubling begins with."""
JITTER: Final = 0.1
"""Part of a pause that chance adds, so that many servers don't ask a host that comes back all at once."""


@dataclass(slots=True)
class _State:
    changed_at: datetime
    """Of the settings that were seen last."""
    interval: timedelta
    next_due_at: datetime | None = None
    failures: int = 0
    checked_at: datetime | None = None


class SyncTimes:
    """Remembers of each repository when it was looked at; a restart begins anew."""

    def __init__(self, every: timedelta, chance: Callable[[], float]) -> None:
        """`every`: for repositories without an interval of their own; zero: only when asked.

        `chance` gives numbers from 0 to 1.
        """
        self._every = every
        self._chance = chance
        self._states: dict[str, _State] = {}
        self._looked_at: datetime | None = None
        self._has_started = False

    def next_due_at(self, repository_id: str) -> datetime | None:
        """Return when it is looked at next; None: only when asked."""
        state = self._states.get(repository_id)
        return state.next_due_at if state is not None else None

    def checked_at(self, repository_id: str) -> datetime | None:
        """Return when its remote was last looked at with success since the server started."""
        state = self._states.get(repository_id)
        return state.checked_at if state is not None else None

    def failures(self, repository_id: str) -> int:
        """Return how often in a row it has failed since the server started."""
        state = self._states.get(repository_id)
        return state.failures if state is not None else 0

    def due(self, rows: list[RepositoryRow], now: datetime) -> list[tuple[RepositoryRow, SyncTrigger]]:
        """Return those of the repositories to be synced now, and why; each is said once."""
        self._look_at_the_clock(now)
        found: list[tuple[RepositoryRow, SyncTrigger]] = []
        for row in rows:
            trigger = self._due(row, now)
            if trigger is not None:
                found.append((row, trigger))
        kept = {row.id for row in rows}
        self._states = {key: state for key, state in self._states.items() if key in kept}
        self._has_started = True
        return found

    def ended(self, repository_id: str, now: datetime, *, has_succeeded: bool) -> None:
        """Note how a sync ended."""
        state = self._states.get(repository_id)
        if state is None:
            return
        if has_succeeded:
            state.failures, state.checked_at = 0, now
            state.next_due_at = now + state.interval if state.interval else None
            return
        state.failures += 1
        pause = max(state.interval, SHORTEST_PAUSE)
        for _ in range(min(state.failures, 16) - 1):
            pause = min(pause * 2, max(state.interval, LONGEST_PAUSE))
        state.next_due_at = now + pause * (1 + JITTER * self._chance())

    def _look_at_the_clock(self, now: datetime) -> None:
        """Where it was set back, what is due is due that much earlier."""
        back = self._looked_at - now if self._looked_at is not None else timedelta()
        self._looked_at = now
        for state in self._states.values() if back > timedelta() else ():
            if state.next_due_at is not None:
                state.next_due_at -= back

    def _due(self, row: RepositoryRow, now: datetime) -> SyncTrigger | None:
        seconds = row.sync_interval_seconds
        interval = self._every if seconds is None else timedelta(seconds=seconds)
        state = self._states.get(row.id)
        if state is None or state.changed_at != row.changed_at:
            is_new = state is None
            self._states[row.id] = _State(row.changed_at, interval, now + interval if interval else None)
            if is_new and not self._has_started:
                # Whoever syncs only when asked does not expect a restart to bring new pipelines.
                return SyncTrigger.START if interval or row.commit is None else None
            return SyncTrigger.API
        state.interval = interval
        if state.next_due_at is None or state.next_due_at > now:
            return None
        state.next_due_at = now + interval if interval else None
        return SyncTrigger.INTERVAL
