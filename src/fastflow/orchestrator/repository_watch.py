"""Notices changed pipelines, and warms what their next run needs."""

from datetime import timedelta
from typing import Final

import structlog

from fastflow.domain.environment import EnvironmentFailed
from fastflow.domain.errors import FastFlowError
from fastflow.domain.ports import Clock, Environments, PipelineSource
from fastflow.services.pipelines import Pipelines, Runnable, runnable

log = structlog.get_logger()

EVERY: Final = timedelta(seconds=2)
_REST: Final = 10
"""How many times longer than a look the pause after it is: ten thousand pipelines must not cost a core."""


class RepositoryWatch:
    """Looks at the source of pipelines every so often."""

    def __init__(
        self,
        pipelines: Pipelines,
        source: PipelineSource,
        environments: Environments,
        clock: Clock,
        *,
        default_python: str | None,
        is_warming: bool,
    ) -> None:
        self._pipelines = pipelines
        self._source = source
        self._environments = environments
        self._clock = clock
        self._default_python = default_python
        self._is_warming = is_warming
        self._warmed: dict[str, str] = {}
        self._trouble: str | None = None

    async def run(self) -> None:
        """Look now, then every so often, for ever; less often where looking takes long."""
        while True:
            began = self._clock.now()
            await self.tick()
            await self._clock.sleep(max(EVERY, _REST * (self._clock.now() - began)))

    async def tick(self) -> None:
        """Look once; then prepare the environment of each revision not seen before, one by one."""
        try:
            await self._pipelines.refresh()
        except FastFlowError as error:
            if self._trouble != error.message:
                log.error("can't look for pipelines", reason=error.message)
            self._trouble = error.message
            return
        self._trouble = None
        if not self._is_warming:
            return
        for row in await self._pipelines.every():
            chosen = runnable(row, last_valid=False)
            if chosen is not None and self._warmed.get(row.name) != chosen.revision:
                await self._warm(chosen)

    async def _warm(self, pipeline: Runnable) -> None:
        """Make the first run fast. A failure is no news here: the run that needs it will say it."""
        try:
            checkout = await self._source.checkout(pipeline.name, pipeline.revision)
            version = pipeline.manifest.python_version or self._default_python
            await self._environments.prepare(checkout, version)
        except EnvironmentFailed as error:
            log.warning("environment can't be made", pipeline=pipeline.name, reason=error.message)
        except FastFlowError as error:
            log.info("not warmed yet", pipeline=pipeline.name, reason=error.message)
            return
        self._warmed[pipeline.name] = pipeline.revision
