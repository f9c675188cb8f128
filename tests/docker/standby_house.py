"""An executor of a test's own that has containers made ahead."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

from fastflow.adapters.docker.engine import Engine
from fastflow.adapters.docker.executor import DockerExecutor
from fastflow.adapters.docker.standby import StandbyContainers
from fastflow.domain.execution import ExecutionRequest, StartKind
from tests.docker.house import Ended, House, ended

PATIENCE_SECONDS: Final = 60


@dataclass
class Place:
    """An executor that has containers made ahead, and a pipeline of one revision."""

    house: House
    executor: DockerExecutor
    standby: StandbyContainers

    def request(self, code: str, **details: Any) -> ExecutionRequest:
        """Return a request as the first one's of the same code, for an attempt of its own."""
        request = self.house.request(code, **details)
        checkout = self.house.directory / "checkout"
        if not checkout.exists():
            request.checkout.rename(checkout)
        (checkout / "main.py").write_text(code)
        return replace(request, checkout=checkout)

    async def until_ready(self, count: int = 1) -> None:
        """Block until so many wait."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while self.standby.ready < count:  # noqa: ASYNC110 - the Engine makes them
                await asyncio.sleep(0.02)

    async def run(self, request: ExecutionRequest) -> tuple[Ended, StartKind]:
        """Run it from its start to its removal."""
        reference = await self.executor.start(request)
        kind = self.executor.start_kind(reference)
        try:
            return await ended(self.executor, reference), kind
        finally:
            await self.executor.remove(reference)


@asynccontextmanager
async def place_in(house: House, most: int = 1) -> AsyncGenerator[Place]:
    engine = Engine(house.address)
    namespaces = house.namespaces(engine)
    standby = house.standby(engine, namespaces, most)
    executor = DockerExecutor(engine, house.chosen, house.confinement, namespaces, standby)
    keeping = asyncio.create_task(standby.keep_ready())
    try:
        yield Place(house, executor, standby)
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        await executor.close()
