"""How long to look away from something that has not changed."""

import asyncio
from typing import Final

_SHORTEST_SECONDS: Final = 0.005
_LONGEST_SECONDS: Final = 0.05


class Patience:
    """Sleeps 5 ms after a change, then longer and longer up to 50 ms."""

    def __init__(self) -> None:
        self._next = _SHORTEST_SECONDS

    def reset(self) -> None:
        """Look again soon: something has changed."""
        self._next = _SHORTEST_SECONDS

    async def sleep(self) -> None:
        """Look away."""
        await asyncio.sleep(self._next)
        self._next = min(self._next * 1.5, _LONGEST_SECONDS)
