"""Lets everybody who wants the same thing at the same time share one piece of work."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class SingleFlight(Generic[Key, Value]):
    """Runs the work of one key once, for all who ask while it is under way.

    A caller that is cancelled leaves the others their work; when the last one has left, the work is
    cancelled, so that none goes on which nobody waits for. Results aren't kept.
    """

    def __init__(self) -> None:
        self._tasks: dict[Key, asyncio.Task[Value]] = {}
        self._waiting: dict[asyncio.Task[Value], int] = {}

    async def run(self, key: Key, work: Callable[[], Awaitable[Value]]) -> Value:
        """Return the result of `work`, or of the same work begun by an earlier caller."""
        task = self._tasks.get(key)
        if task is None:
            task = asyncio.ensure_future(_awaited(work))
            self._tasks[key] = task
            task.add_done_callback(lambda done: self._forget(key, done))
        self._waiting[task] = self._waiting.get(task, 0) + 1
        try:
            return await asyncio.shield(task)
        finally:
            await self._leave(key, task)

    async def _leave(self, key: Key, task: asyncio.Task[Value]) -> None:
        self._waiting[task] -= 1
        if self._waiting[task]:
            return
        del self._waiting[task]
        if not task.done():
            self._forget(key, task)  # a newcomer begins anew instead of joining dying work
            task.cancel()
            await asyncio.wait([task])
            if not task.cancelled():
                task.exception()  # looked at, so that asyncio does not report it as forgotten

    def _forget(self, key: Key, task: asyncio.Task[Value]) -> None:
        if self._tasks.get(key) is task:
            del self._tasks[key]


async def _awaited(work: Callable[[], Awaitable[Value]]) -> Value:
    return await work()
