"""A clock that stands still until a test moves it."""

import asyncio
import heapq
from datetime import UTC, datetime, timedelta
from itertools import count

_TURNS_TO_SETTLE = 20
"""How often the event loop runs after each wake-up, so that a chain of woken tasks gets to its end."""


class FakeClock:
    """Fulfils `ports.Clock`. Time passes only in `advance`; sleepers wake in the order of their dues."""

    def __init__(self, start: datetime = datetime(2030, 1, 1, tzinfo=UTC)) -> None:
        self._now = start
        self._order = count()
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._fell_asleep = asyncio.Event()

    def now(self) -> datetime:
        """Return the moment the test has moved to."""
        return self._now

    async def sleep(self, duration: timedelta) -> None:
        """Suspend the caller until `advance` has covered `duration`."""
        if duration <= timedelta():
            await asyncio.sleep(0)
            return
        wake = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now + duration, next(self._order), wake))
        self._fell_asleep.set()
        await wake

    @property
    def sleepers(self) -> int:
        """How many callers wait for time to pass."""
        return sum(not wake.done() for _, _, wake in self._sleepers)

    async def until_sleeping(self, callers: int = 1) -> None:
        """Block until that many callers are asleep: what to await before `advance`."""
        while self.sleepers < callers:
            self._fell_asleep.clear()
            await self._fell_asleep.wait()

    async def advance(self, duration: timedelta) -> None:
        """Move the clock, stopping at each due moment so that whoever wakes sees exactly that time.

        Who falls asleep again on the way and is due before the end wakes again. Work in threads is not
        waited for: await what it brings about.
        """
        target = self._now + duration
        while self._sleepers and self._sleepers[0][0] <= target:
            due, _, wake = heapq.heappop(self._sleepers)
            if wake.done():
                continue
            self._now = max(self._now, due)
            wake.set_result(None)
            await self._settle()
        self._now = target
        await self._settle()

    def set_back(self, duration: timedelta) -> None:
        """Show an earlier time from now on, as when somebody sets the clock; wakes nobody."""
        self._now -= duration

    @staticmethod
    async def _settle() -> None:
        for _ in range(_TURNS_TO_SETTLE):
            await asyncio.sleep(0)
