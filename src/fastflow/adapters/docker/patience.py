"""Waits longer and longer for an Engine that is away."""

import asyncio
from datetime import timedelta
from typing import Final

_FIRST_SECONDS: Final = 0.05
_LONGEST_SECONDS: Final = 2.0


class Patience:
    """One who asks again and again; no faster than the Engine can come back."""

    def __init__(self) -> None:
        self._seconds = _FIRST_SECONDS

    def next_pause(self) -> timedelta:
        """Return how long to wait now: twice as long as the last time."""
        seconds, self._seconds = self._seconds, min(self._seconds * 2, _LONGEST_SECONDS)
        return timedelta(seconds=seconds)

    async def sleep(self) -> None:
        """Wait that long."""
        await asyncio.sleep(self.next_pause().total_seconds())

    def reset(self) -> None:
        """Begin anew: it answered."""
        self._seconds = _FIRST_SECONDS
