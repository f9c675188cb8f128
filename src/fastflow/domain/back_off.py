"""Makes those wait who fail again and again: a little at first, then ever longer."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

_MOST_NAMES: Final = 10_000
"""How many are remembered; the one that was quiet for longest is forgotten for a new one."""
_MOST_DOUBLINGS: Final = 30


@dataclass(slots=True)
class _Failures:
    count: int
    last_at: datetime


class BackOff:
    """Counts failures by name. After `free` of them each doubles the wait for the next try.

    In memory: a restart forgets.
    """

    def __init__(self, free: int, first_wait: timedelta, longest_wait: timedelta) -> None:
        self._free = free
        self._first = first_wait
        self._longest = longest_wait
        self._failures: OrderedDict[str, _Failures] = OrderedDict()

    def wait(self, name: str, now: datetime) -> timedelta | None:
        """Return how long it is until the next try is let through; None: it would be now."""
        failures = self._known(name, now)
        if failures is None or failures.count < self._free:
            return None
        doublings = min(failures.count - self._free, _MOST_DOUBLINGS)
        left = failures.last_at + min(self._first * 2**doublings, self._longest) - now
        return left if left > timedelta() else None

    def fail(self, name: str, now: datetime) -> None:
        """Count a failure."""
        known = self._known(name, now)
        self._failures[name] = _Failures(known.count + 1 if known is not None else 1, now)
        self._failures.move_to_end(name)
        if len(self._failures) > _MOST_NAMES:
            self._failures.popitem(last=False)

    def forget(self, name: str) -> None:
        """Count from the beginning: it was right."""
        self._failures.pop(name, None)

    def _known(self, name: str, now: datetime) -> _Failures | None:
        """Return what is remembered; failures fade twice the longest wait after the last of them."""
        failures = self._failures.get(name)
        if failures is None or not timedelta() <= now - failures.last_at < 2 * self._longest:
            return None
        return failures
