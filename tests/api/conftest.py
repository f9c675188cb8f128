"""A client that calls the app of one server instance, without a socket."""

from collections.abc import AsyncIterator, Awaitable, Callable

import httpx2
import pytest

from tests.plugins.world import Instance, World


@pytest.fixture
async def server(world: World, start: Callable[..., Awaitable[Instance]]) -> Instance:
    world.source.put("hello")
    server = await start()
    await server.reconciler.tick()
    return server


@pytest.fixture
async def client(server: Instance) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=server.app)
    async with httpx2.AsyncClient(
        transport=transport, base_url="http://127.0.0.1:8000", trust_env=False
    ) as client:
        yield client
