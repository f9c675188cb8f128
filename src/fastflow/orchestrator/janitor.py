"""Deletes what nothing refers to any more."""

from datetime import timedelta
from typing import Final, Protocol

import structlog

from fastflow.domain.errors import FastFlowError
from fastflow.domain.ports import Clock, Environments, PipelineSource
from fastflow.services.retention import Retention

log = structlog.get_logger()

EVERY: Final = timedelta(hours=1)
UNUSED_FOR: Final = timedelta(days=14)


class CollectsDirectories(Protocol):
    """The private folders of attempts."""

    async def collect(self, keep: set[tuple[str, int]]) -> int:
        """Delete those not in `keep`; return how many."""
        ...


class Janitor:
    """Collects checkouts, environments and folders that a crash left."""

    def __init__(
        self,
        retention: Retention,
        source: PipelineSource,
        environments: Environments,
        directories: CollectsDirectories,
        clock: Clock,
    ) -> None:
        self._retention = retention
        self._source = source
        self._environments = environments
        self._directories = directories
        self._clock = clock

    async def run(self) -> None:
        """Collect now, then every so often, for ever."""
        while True:
            try:
                await self.tick()
            except FastFlowError as error:
                log.warning("can't collect now", reason=error.message)
            await self._clock.sleep(EVERY)

    async def tick(self) -> None:
        """Collect once."""
        used = await self._retention.in_use()
        checkouts = await self._source.collect(used.revisions)
        environments = await self._environments.collect(UNUSED_FOR, used.environments)
        directories = await self._directories.collect(used.attempts)
        if checkouts or environments or directories:
            log.info("collected", checkouts=checkouts, environments=environments, directories=directories)
