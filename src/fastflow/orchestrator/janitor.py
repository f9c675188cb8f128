"""Deletes what nothing refers to any more."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Final

import structlog

from fastflow.domain.errors import FastFlowError
from fastflow.orchestrator.tools import Tools
from fastflow.services.environment_store import EnvironmentStore
from fastflow.services.retention import Retention

log = structlog.get_logger()

EVERY: Final = timedelta(hours=1)


Chore = Callable[[], Awaitable[object]]
"""Something that a part wants tidied every so often."""


class Janitor:
    """Collects checkouts, environments and folders that a crash left."""

    def __init__(
        self,
        retention: Retention,
        environments: EnvironmentStore,
        tools: Tools,
        chores: Sequence[Chore] = (),
    ) -> None:
        self._retention = retention
        self._environments = environments
        self._tools = tools
        self._chores = chores

    async def begin(self) -> None:
        """Delete what a crash of the server before left of attempts; call it before anything is claimed.

        Later on a young folder may belong to an attempt that is just beginning.
        """
        used = await self._retention.in_use()
        await self._tools.directories.collect(used.attempts, timedelta())

    async def run(self) -> None:
        """Collect now, then every so often, for ever."""
        while True:
            try:
                await self.tick()
            except FastFlowError as error:
                log.warning("can't collect now", reason=error.message)
            await self._tools.clock.sleep(EVERY)

    async def tick(self) -> None:
        """Collect once."""
        used = await self._retention.in_use()
        checkouts = await self._tools.source.collect(used.revisions)
        environments = await self._prune()
        directories = await self._tools.directories.collect(used.attempts)
        await self._retention.trim_events()
        await self._retention.trim_ledger()
        for chore in self._chores:
            await self._do(chore)
        if checkouts or environments or directories:
            log.info("collected", checkouts=checkouts, environments=environments, directories=directories)

    async def _prune(self) -> int:
        """Delete environments; that needs the disk and maybe the Engine, which the rest does not wait for."""
        try:
            return len((await self._environments.prune()).environments)
        except FastFlowError as error:
            log.warning("can't delete environments now", reason=error.message)
            return 0

    async def _do(self, chore: Chore) -> None:
        """One that can't be done now does not keep the others."""
        try:
            await chore()
        except FastFlowError as error:
            log.warning("can't tidy up now", reason=error.message)
