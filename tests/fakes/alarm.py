"""An alarm clock that rings when a test says so."""

import asyncio
from datetime import datetime, timedelta


class FakeAlarm:
    """Fulfils `ports.AlarmClock`. Never rings by itself: time is the test's."""

    def __init__(self) -> None:
        self.set_to: datetime | None = None
        """What the scheduler waits for."""
        self.is_closed = False
        self._ringing = asyncio.Event()

    def set(self, at: datetime | None) -> None:
        """Note the moment."""
        self.set_to = at

    async def wait(self, at_most: timedelta) -> None:
        """Block until `wake` is called."""
        del at_most
        await self._ringing.wait()
        self._ringing.clear()

    def wake(self) -> None:
        """Ring now; who waits later finds that it has rung."""
        self._ringing.set()

    async def close(self) -> None:
        """Note that nobody will wait any more."""
        self.is_closed = True
