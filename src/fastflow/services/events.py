"""Lets others listen to what happened."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from itertools import takewhile
from typing import Final

from fastflow.domain.events import Event
from fastflow.store import events
from fastflow.store.database import Database
from fastflow.store.signal import Signal

_BATCH: Final = 500
_KEPT: Final = 2_000
_LOOK_AGAIN_SECONDS: Final = 5.0
"""Another process on the same PostgreSQL can't wake us, so we look now and then."""


class Events:
    """The outbox as a stream: nothing that was committed is missed, also across a restart.

    One pump reads the table; listeners are served from the newest events in memory, and from the table
    where they start further back.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._recent: deque[Event] = deque(maxlen=_KEPT)
        self._arrived = Signal()
        self._position = 0

    @property
    def position(self) -> int:
        """The sequence of the newest event that listeners were given."""
        return self._position

    async def begin(self) -> None:
        """Take the newest event there is as the starting point; call it once before `pump`."""
        self._position = await self._database.read(events.newest)

    async def pump(self) -> None:
        """Carry events from the table to the listeners, for ever."""
        signal = self._database.events_written
        while True:
            mark = signal.mark
            batch = await self._after(self._position)
            if batch:
                self._recent.extend(batch)
                self._position = batch[-1].sequence
                self._arrived.set()
            if len(batch) < _BATCH:
                await signal.wait(mark, _LOOK_AGAIN_SECONDS)

    async def follow(
        self, sequence: int, *, run_id: str | None = None, quiet_seconds: float = 15.0
    ) -> AsyncIterator[Sequence[Event]]:
        """Yield what follows that position in order, for ever; an empty batch when all is quiet.

        The empty batch lets the caller see whether its own listener is still there; it comes after
        `quiet_seconds` without an event that was asked for.
        """
        loop = asyncio.get_running_loop()
        quiet_until = loop.time() + quiet_seconds
        while True:
            mark = self._arrived.mark
            batch = await self._next(sequence)
            if batch:
                sequence = batch[-1].sequence
            wanted = [event for event in batch if run_id is None or event.run_id == run_id]
            if wanted or loop.time() >= quiet_until:
                yield wanted
                quiet_until = loop.time() + quiet_seconds
            elif not batch:
                await self._arrived.wait(mark, quiet_until - loop.time())

    async def _next(self, sequence: int) -> Sequence[Event]:
        if sequence >= self._position:
            return ()
        if self._recent and self._recent[0].sequence <= sequence + 1:
            # From the newest on: who keeps up needs the last few of thousands, and there may be many.
            newer = takewhile(lambda event: event.sequence > sequence, reversed(self._recent))
            return [*newer][::-1]
        return await self._after(sequence)

    async def _after(self, sequence: int) -> Sequence[Event]:
        return await self._database.read(lambda session: events.after(session, sequence, _BATCH))
