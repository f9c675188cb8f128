"""Notices changed pipelines in the local folder, and what newly read snapshots hold."""

from datetime import timedelta
from typing import Final

import structlog

from fastflow.domain.errors import FastFlowError
from fastflow.domain.ports import Clock
from fastflow.services.pipelines import Pipelines

log = structlog.get_logger()

EVERY: Final = timedelta(seconds=2)
_REST: Final = 10
"""How many times longer than a look the pause after it is: ten thousand pipelines must not cost a core."""


class RepositoryWatch:
    """Looks at the sources of pipelines every so often."""

    def __init__(self, pipelines: Pipelines, clock: Clock) -> None:
        self._pipelines = pipelines
        self._clock = clock
        self._trouble: str | None = None

    async def run(self) -> None:
        """Look now, then every so often, for ever; less often where looking takes long."""
        while True:
            began = self._clock.now()
            await self.tick()
            await self._clock.sleep(max(EVERY, _REST * (self._clock.now() - began)))

    async def tick(self) -> None:
        """Look once; the same trouble is logged once."""
        try:
            await self._pipelines.refresh()
        except FastFlowError as error:
            if self._trouble != error.message:
                log.error("can't look for pipelines", reason=error.message)
            self._trouble = error.message
            return
        self._trouble = None
