"""Wakes everyone who waits for news."""

import asyncio


class Signal:
    """Something happened. Belongs to one event loop; nothing is missed between `mark` and `wait`."""

    def __init__(self) -> None:
        self._count = 0
        self._waiters: set[asyncio.Future[None]] = set()

    @property
    def mark(self) -> int:
        """How often it was set: take it before looking, give it to `wait` after."""
        return self._count

    def set(self) -> None:
        """Wake all who wait."""
        self._count += 1
        waiters, self._waiters = self._waiters, set()
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def wait(self, mark: int, timeout_seconds: float | None = None) -> None:
        """Block until it was set after `mark` was taken, or the time is over."""
        if self._count != mark:
            return
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.add(waiter)
        try:
            await asyncio.wait((waiter,), timeout=timeout_seconds)
        finally:
            self._waiters.discard(waiter)
            waiter.cancel()
