"""Learns that a container has ended, through outages of the Engine."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from fastflow.adapters.docker.containers import Containers, exit_code_of
from fastflow.adapters.docker.engine import Answer
from fastflow.adapters.docker.patience import Patience
from fastflow.domain.errors import FastFlowError, NotFound


@dataclass(frozen=True, slots=True)
class Exit:
    """What was seen of a container's end."""

    code: int | None
    """None: the container is gone, nobody knows."""
    was_witnessed: bool = False
    """It was seen running, and its end was told on the connection that was open then."""
    was_watched_throughout: bool = False
    """That connection was there before the start."""


class ExitWatch:
    """Waits for the end of one container in a task of its own, so that many may ask for it.

    `waiting` is the answer to a `wait` that was opened before the start; None for an adopted container.
    """

    def __init__(self, containers: Containers, container: str, waiting: Answer | None = None) -> None:
        self._containers = containers
        self._container = container
        self._waiting = waiting
        self._task = asyncio.create_task(self._watch(waiting))

    @property
    def is_over(self) -> bool:
        """Whether the end was seen."""
        return self._task.done()

    @property
    def has_seen_an_end(self) -> bool:
        """Whether the end was seen, not merely the watch ended."""
        return self._task.done() and not self._task.cancelled()

    async def exit(self) -> Exit:
        """Block until the end."""
        return await asyncio.shield(self._task)

    async def is_over_within(self, duration: timedelta) -> bool:
        """Block until the end, but no longer than that."""
        await asyncio.wait([self._task], timeout=duration.total_seconds())
        return self._task.done()

    async def close(self) -> None:
        """Stop watching."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        if self._waiting is not None:
            self._waiting.close()

    async def _watch(self, waiting: Answer | None) -> Exit:
        patience = Patience()
        is_throughout = is_witness = waiting is not None
        while True:
            try:
                if waiting is None:
                    is_witness = (await self._containers.inspect(self._container)).state.is_running
                    waiting = await self._containers.wait(self._container)
                    patience.reset()
                return Exit(await exit_code_of(waiting), is_witness, is_throughout)
            except NotFound:
                return Exit(None)
            except FastFlowError:
                # The Engine is away; whether the container ended with it is seen when it is back.
                waiting, is_throughout = None, False
                await patience.sleep()
