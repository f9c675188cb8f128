"""Fires schedules when they are due, and paces what is caught up."""

from datetime import datetime, timedelta
from typing import Final

import structlog

from fastflow.domain.errors import FastFlowError
from fastflow.domain.ports import AlarmClock, Clock
from fastflow.services.catching_up import CatchingUp
from fastflow.services.firing import Firing
from fastflow.services.pipelines import Pipelines
from fastflow.services.schedules import Schedules
from fastflow.store.signal import Signal

log = structlog.get_logger()

LOOK_AGAIN: Final = timedelta(seconds=5)
"""A clock that jumps, and another process that changes a schedule, are noticed after this time."""


class Scheduler:
    """The table of schedules says what is due; the alarm clock only says when to look."""

    def __init__(
        self,
        pipelines: Pipelines,
        schedules: Schedules,
        firing: Firing,
        catching_up: CatchingUp,
        alarm: AlarmClock,
        clock: Clock,
        *,
        schedules_changed: Signal,
        queue_changed: Signal,
    ) -> None:
        self._pipelines = pipelines
        self._schedules = schedules
        self._firing = firing
        self._catching_up = catching_up
        self._alarm = alarm
        self._clock = clock
        self._schedules_changed = schedules_changed
        self._queue_changed = queue_changed
        self._has_begun = False
        self._looked_at: datetime | None = None
        self._failure: str | None = None

    @property
    def ticked_at(self) -> datetime | None:
        """When it looked at the clock last; None: not yet."""
        return self._looked_at

    async def run(self) -> None:
        """Fire what is due, for ever."""
        try:
            while True:
                self._alarm.set(await self.tick())
                await self._alarm.wait(LOOK_AGAIN)
        finally:
            await self._alarm.close()

    async def tick(self) -> datetime | None:
        """Fire what is due now; return when the next occurrence is. The same trouble is logged once."""
        try:
            if not self._has_begun:
                await self._begin()
            await self._look_at_the_clock()
            await self._firing.fire()
            due = await self._firing.next_due()
        except FastFlowError as error:
            if self._failure != error.message:
                log.error("can't fire schedules now", reason=error.message)
            self._failure = error.message
            return None
        self._failure = None
        return due

    async def listen(self) -> None:
        """Wake the scheduler when a schedule has changed, for ever."""
        mark = self._schedules_changed.mark
        while True:
            await self._schedules_changed.wait(mark)
            mark = self._schedules_changed.mark
            self._alarm.wake()

    async def catch_up(self) -> None:
        """Start what was missed as slots become free, for ever."""
        while True:
            queue, changed = self._queue_changed.mark, self._schedules_changed.mark
            try:
                is_waiting = await self._catching_up.pace()
            except FastFlowError as error:
                log.error("can't catch up now", reason=error.message)
                is_waiting = False
            if is_waiting:
                await self._queue_changed.wait(queue, LOOK_AGAIN.total_seconds())
            else:
                await self._schedules_changed.wait(changed, LOOK_AGAIN.total_seconds())

    async def _begin(self) -> None:
        """See what changed while nobody looked, so that nothing is fired as it was before."""
        try:
            await self._pipelines.refresh()
        except FastFlowError as error:
            log.warning("schedules are fired as they were last seen", reason=error.message)
        await self._schedules.reconcile_all()
        self._has_begun = True

    async def _look_at_the_clock(self) -> None:
        now, before = self._clock.now(), self._looked_at
        self._looked_at = now
        if before is None or now < before:
            opened = await self._firing.reopen()
            if opened:
                log.warning("the clock was set back; schedules count from now", schedules=opened)
