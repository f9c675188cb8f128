"""Wakes those who wait for a log to grow."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager

from fastflow.domain.log import LogKey


class Waiting:
    """The waiters of one log. `grown` is set at the next change and then replaced."""

    def __init__(self) -> None:
        self.waiters = 0
        self.grown = asyncio.Event()


class Growth:
    """Knows who waits for which log; a log that nobody waits for costs nothing."""

    def __init__(self) -> None:
        self._waiting: dict[LogKey, Waiting] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    @contextmanager
    def watch(self, key: LogKey) -> Generator[Waiting]:
        """Be told of changes. Take `grown` before looking at the log, then wait for it."""
        waiting = self._waiting.setdefault(key, Waiting())
        waiting.waiters += 1
        try:
            yield waiting
        finally:
            waiting.waiters -= 1
            if not waiting.waiters:
                del self._waiting[key]

    def announce(self, key: LogKey) -> None:
        """Wake everyone who waits for this log."""
        waiting = self._waiting.get(key)
        if waiting is not None:
            waiting.grown.set()
            waiting.grown = asyncio.Event()
