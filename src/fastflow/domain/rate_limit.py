"""Counts how often something happened within the last while, and says when it may happen again."""

from collections import OrderedDict, deque
from datetime import datetime, timedelta
from typing import Final

_MOST_NAMES: Final = 10_000
"""How many are counted apart; the one that was quiet for longest is forgotten for a new one."""


class RateLimit:
    """At most so many in any window of that length, for each name. In memory: a restart forgets.

    The library `limits` does the same for many stores; in memory it looks at every name after each hit,
    on a thread: 1.7 s of CPU a pass at 10,000 addresses, which is when it is needed.
    """

    def __init__(self, at_most: int, window: timedelta = timedelta(minutes=1)) -> None:
        self._at_most = at_most
        self._window = window
        self._hits: OrderedDict[str, deque[datetime]] = OrderedDict()

    def hit(self, name: str, now: datetime) -> timedelta | None:
        """Count one more and return None; or count nothing and return how long it is too early."""
        wait = self.wait(name, now)
        if wait is None:
            hits = self._hits.setdefault(name, deque(maxlen=self._at_most))
            hits.append(now)
            self._hits.move_to_end(name)
            if len(self._hits) > _MOST_NAMES:
                self._hits.popitem(last=False)
        return wait

    def wait(self, name: str, now: datetime) -> timedelta | None:
        """Return how long it is until the next one is let through; None: it would be now."""
        hits = self._hits.get(name)
        if hits and hits[-1] > now:  # the clock was set back; nobody is to wait until it has caught up
            hits.clear()
        if not hits or len(hits) < self._at_most:
            return None
        left = hits[0] + self._window - now
        return left if left > timedelta() else None
