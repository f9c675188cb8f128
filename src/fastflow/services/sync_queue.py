"""Lets syncs of one repository come one after the other, and joins those that would do the same."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from fastflow.domain.repository import SyncTrigger
from fastflow.store.signal import Signal


class Phase(StrEnum):
    """What a sync is doing now."""

    WAITING = "waiting"
    FETCHING = "fetching"
    READING = "reading"
    APPLYING = "applying"
    PLANNING = "planning"
    """A dry run looks what would change."""
    TIDYING = "tidying"
    """Its mirror forgets what nothing needs."""


@dataclass(slots=True, eq=False)
class Ticket:
    """One sync that is asked for, until its end."""

    repository_id: str
    repository_name: str
    trigger: SyncTrigger
    began_at: datetime
    sync_id: str | None = None
    """Its row; None for a look by the interval, which leaves a row only if it has something to say."""
    phase: Phase = Phase.WAITING
    ended: asyncio.Event = field(default_factory=asyncio.Event)


class SyncQueue:
    """At most one sync of a repository runs, and at most one waits behind it."""

    def __init__(self) -> None:
        self._waiting: dict[str, Ticket] = {}
        self._running: dict[str, Ticket] = {}
        self.arrived = Signal()
        """Set when there may be something to take."""

    def waiting(self, repository_id: str) -> Ticket | None:
        """Return the one to join: it has not looked at the remote yet."""
        return self._waiting.get(repository_id)

    def running(self, repository_id: str) -> Ticket | None:
        """Return the one that runs now."""
        return self._running.get(repository_id)

    @asynccontextmanager
    async def held(self, repository_id: str, now: datetime, phase: Phase) -> AsyncGenerator[None]:
        """Have a repository's mirror to oneself; a sync that runs is waited for, a later one waits."""
        while (running := self._running.get(repository_id)) is not None:
            await running.ended.wait()
        ticket = Ticket(repository_id, "", SyncTrigger.API, now, phase=phase)
        self._running[repository_id] = ticket
        try:
            yield
        finally:
            self.end(ticket)

    def add(self, ticket: Ticket) -> None:
        """Let it wait, instead of one that waited."""
        self._waiting[ticket.repository_id] = ticket
        self.arrived.set()

    def take(self) -> Ticket | None:
        """Take the next one whose repository is not being synced; it counts as running until `end`."""
        for repository_id, ticket in self._waiting.items():
            if repository_id not in self._running:
                del self._waiting[repository_id]
                self._running[repository_id] = ticket
                return ticket
        return None

    def end(self, ticket: Ticket) -> None:
        """Let go of it; whoever waits for its end goes on."""
        if self._running.get(ticket.repository_id) is ticket:
            del self._running[ticket.repository_id]
        ticket.ended.set()
        self.arrived.set()
