"""Does the syncs of Git repositories: those that are due by the clock, and those that were asked for."""

import asyncio
from datetime import timedelta
from typing import Final

import structlog

from fastflow.domain.errors import FastFlowError, Unavailable
from fastflow.domain.ports import Clock
from fastflow.services.sync import Sync
from fastflow.services.sync_queue import Ticket

log = structlog.get_logger()

AT_ONCE: Final = 2
"""Repositories that are fetched beside each other."""
LOOK_EVERY: Final = timedelta(seconds=2)
"""How soon a new or changed repository is noticed."""


class RepositorySync:
    """Holds the syncs that go on; ended, it lets go of them."""

    def __init__(self, sync: Sync, clock: Clock) -> None:
        self._sync = sync
        self._clock = clock

    async def run(self) -> None:
        """Sync what is due and what is asked for, for ever."""
        async with asyncio.TaskGroup() as group:
            going: set[asyncio.Task[None]] = set()
            while True:
                mark = self._sync.queue.arrived.mark
                await self.look()
                while len(going) < AT_ONCE and (ticket := self._sync.queue.take()) is not None:
                    task = group.create_task(self.see_through(ticket), name=f"sync {ticket.repository_name}")
                    going.add(task)
                    task.add_done_callback(going.discard)
                await self._wait(mark)

    async def look(self) -> None:
        """Ask for the syncs that are due by now."""
        try:
            rows = [row for row in await self._sync.follow() if row.is_enabled]
            for row, trigger in self._sync.times.due(rows, self._clock.now()):
                await self._sync.request(row, trigger)
        except FastFlowError as error:
            log.error("can't look for repositories to sync", reason=error.message)

    async def tick(self) -> int:
        """Do everything that is due or asked for, one after the other; return how many syncs that were."""
        await self.look()
        count = 0
        while (ticket := self._sync.queue.take()) is not None:
            await self.see_through(ticket)
            count += 1
        return count

    async def see_through(self, ticket: Ticket) -> None:
        """Do one sync to its end; what nobody foresaw fails it and not the others."""
        try:
            await self._sync.perform(ticket)
        except Unavailable as error:
            # The database is away: the row can't be closed, the next start will.
            log.error("a sync could not be written down", reason=error.message)
        except Exception as error:
            log.exception("unforeseen", repository=ticket.repository_name)
            reason = f"Fast-Flow failed: {type(error).__name__}: {error}"
            await self._give_up(ticket, FastFlowError("internal_error", reason))
        finally:
            self._sync.queue.end(ticket)

    async def _give_up(self, ticket: Ticket, error: FastFlowError) -> None:
        try:
            await self._sync.fail(ticket, error)
        except FastFlowError as unwritten:
            log.error("a sync could not be written down", reason=unwritten.message)

    async def _wait(self, mark: int) -> None:
        """Block until something is asked for or ends, or until it is time to look again."""
        asked = asyncio.ensure_future(self._sync.queue.arrived.wait(mark))
        slept = asyncio.ensure_future(self._clock.sleep(LOOK_EVERY))
        try:
            await asyncio.wait((asked, slept), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (asked, slept):
                task.cancel()
            await asyncio.gather(asked, slept, return_exceptions=True)
