"""Keeps a loop going whatever happens in it."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

import structlog

from fastflow.domain.ports import Clock

log = structlog.get_logger()

PAUSE: Final = timedelta(seconds=1)


async def keep_going(name: str, loop: Callable[[], Awaitable[None]], clock: Clock) -> None:
    """Run an endless loop, again after a pause where something unforeseen ended it. Ends by cancellation."""
    while True:
        try:
            await loop()
        except Exception:
            log.exception("a loop failed and begins anew", loop=name)
        await clock.sleep(PAUSE)
