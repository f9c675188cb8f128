"""Stops an attempt when its time is over or somebody cancels it."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

import structlog

from fastflow.domain.errors import Unavailable
from fastflow.domain.ports import Clock, Executor

log = structlog.get_logger()

T = TypeVar("T")

_ASK_AGAIN_AFTER: Final = timedelta(seconds=1)


class Cancelled(Exception):
    """Somebody asked for the end before the work was done."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Guard:
    """Watches one attempt. What it did is read from it afterwards."""

    def __init__(self, executor: Executor, clock: Clock, grace: timedelta) -> None:
        self._executor = executor
        self._clock = clock
        self._grace = grace
        self._cancelled = asyncio.Event()
        self.cancel_reason: str | None = None
        """Set when a cancel was asked for before the end was seen."""
        self.has_timed_out = False

    def cancel(self, reason: str) -> None:
        """Ask for the end; the first reason stays."""
        if self.cancel_reason is None:
            self.cancel_reason = reason
            self._cancelled.set()

    async def unless_cancelled(self, work: Coroutine[Any, Any, T]) -> T:
        """Return what `work` returns; a cancel ends it early.

        Raises:
            Cancelled: a cancel was asked for.
        """
        working = asyncio.ensure_future(work)
        asked = asyncio.ensure_future(self._cancelled.wait())
        try:
            await asyncio.wait((working, asked), return_when=asyncio.FIRST_COMPLETED)
            if not self._cancelled.is_set():
                return working.result()
        finally:
            working.cancel()
            asked.cancel()
            await asyncio.gather(working, asked, return_exceptions=True)
        raise Cancelled(self.cancel_reason or "Cancelled.")

    @asynccontextmanager
    async def watching(self, reference: str, deadline: datetime | None) -> AsyncGenerator[None]:
        """Watch while the block runs; leaving it ends the watch, not the attempt."""
        tasks = [asyncio.create_task(self._on_cancel(reference))]
        if deadline is not None:
            tasks.append(asyncio.create_task(self._on_deadline(reference, deadline)))
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _on_cancel(self, reference: str) -> None:
        await self._cancelled.wait()
        await self._stop(reference)

    async def _on_deadline(self, reference: str, deadline: datetime) -> None:
        await self._clock.sleep(max(deadline - self._clock.now(), timedelta()))
        self.has_timed_out = True
        await self._stop(reference)

    async def _stop(self, reference: str) -> None:
        """Stop it, through an outage of the Engine if need be."""
        while True:
            try:
                return await self._executor.stop(reference, self._grace)
            except Unavailable as error:
                log.warning("can't stop it yet", reference=reference, reason=error.message)
                await self._clock.sleep(_ASK_AGAIN_AFTER)
