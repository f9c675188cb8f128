"""An installation on an Engine of a test's own."""

import asyncio
import os
import secrets
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from fastflow.adapters.docker.container_spec import default_owner
from tests.docker.house import ADDRESS, House
from tests.docker.private_engine import PrivateEngine
from tests.docker.proxied import the_way_to


def is_possible() -> bool:
    """A laptop's Engine can't be restarted for a test; CI has to have what it takes, or fail."""
    return "CI" in os.environ or (os.geteuid() == 0 and shutil.which("dockerd") is not None)


@asynccontextmanager
async def engine_with(image: str, *options: str) -> AsyncGenerator[PrivateEngine]:
    """Give an Engine that answers and has the image, started with these options."""
    engine = await asyncio.to_thread(PrivateEngine, *options)
    try:
        await asyncio.to_thread(engine.start)
        await asyncio.to_thread(engine.load, image, ADDRESS)
        yield engine
    finally:
        await asyncio.to_thread(engine.close)


@asynccontextmanager
async def house_at(engine: PrivateEngine, folder: Path, image: str) -> AsyncGenerator[House]:
    """Give one, behind a proxy of its own."""
    async with the_way_to(engine.address, folder, image) as address:
        house = House(address, f"test-{secrets.token_hex(6)}", image, folder, default_owner())
        yield house
        await house.close()
