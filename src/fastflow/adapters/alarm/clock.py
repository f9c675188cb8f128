"""Rings at a given moment, by one date job of APScheduler.

Only one job, in memory, and never its cron parser: what is due is in our own table, so that nothing is
lost with the process, and a job store can't fire a second time what another process has fired.
"""

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger

_JOB: Final = "alarm"


class AlarmClock:
    """Fulfils `ports.AlarmClock`. Belongs to the event loop that uses it first."""

    def __init__(self) -> None:
        # It tells of every job that it adds, runs and removes.
        logging.getLogger("apscheduler").setLevel(logging.WARNING)
        self._scheduler: Any = None  # the library has no types
        self._ringing = asyncio.Event()

    def set(self, at: datetime | None) -> None:
        """Ring at that moment, instead of at the one set before; None: not at all."""
        if self._scheduler is None:
            self._scheduler = AsyncIOScheduler(timezone=UTC)
            self._scheduler.start()
        if at is None:
            self._scheduler.remove_all_jobs()
            return
        self._scheduler.add_job(
            self._ring,
            DateTrigger(at, timezone=UTC),
            id=_JOB,
            replace_existing=True,
            misfire_grace_time=None,  # however late it is noticed
        )

    async def wait(self, at_most: timedelta) -> None:
        """Block until it rings or `wake` is called, or the time is over."""
        waiter = asyncio.ensure_future(self._ringing.wait())
        try:
            await asyncio.wait((waiter,), timeout=at_most.total_seconds())
        finally:
            waiter.cancel()
        self._ringing.clear()

    def wake(self) -> None:
        """Ring now; who waits later finds that it has rung."""
        self._ringing.set()

    async def close(self) -> None:
        """Ring no more; setting it begins anew."""
        if self._scheduler is not None:
            # It stops at the loop's next turn; who sets an alarm before gets another one.
            self._scheduler.shutdown(wait=False)
            self._scheduler = None
            await asyncio.sleep(0)

    async def _ring(self) -> None:
        # A coroutine, because APScheduler hands plain functions to threads.
        self._ringing.set()
