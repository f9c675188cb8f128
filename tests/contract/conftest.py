"""Makes one rig for each executor that fulfils the contract."""

import secrets
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Final, cast

import pytest

from fastflow.adapters.docker.container_spec import default_owner
from fastflow.adapters.process.executor import ProcessExecutor
from tests.contract.rig import Rig
from tests.docker.house import ADDRESS, House
from tests.docker.proxied import policy_for, proxy_before
from tests.fakes.executor import FakeExecutor


@asynccontextmanager
async def _fake(folder: Path, _: pytest.FixtureRequest) -> AsyncGenerator[Rig]:
    engine = FakeExecutor()
    rig = Rig(folder, lambda: engine, engine.script)
    yield rig
    await rig.close()
    assert engine.left_behind == []


@asynccontextmanager
async def _process(folder: Path, _: pytest.FixtureRequest) -> AsyncGenerator[Rig]:
    root = folder / "executor"
    rig = Rig(folder, lambda: ProcessExecutor(root))
    yield rig
    await rig.close()
    assert await rig.executor.find() == []


@asynccontextmanager
async def _docker(folder: Path, request: pytest.FixtureRequest) -> AsyncGenerator[Rig]:
    # Asked for here, so that the other rigs need neither an Engine nor an image.
    image: str = request.getfixturevalue("runner_image")
    async with _docker_at(ADDRESS, folder, image) as rig:
        yield rig


@asynccontextmanager
async def _docker_through_proxy(folder: Path, request: pytest.FixtureRequest) -> AsyncGenerator[Rig]:
    image: str = request.getfixturevalue("runner_image")
    async with (
        proxy_before(ADDRESS, policy_for(folder, image)) as address,
        _docker_at(address, folder, image) as rig,
    ):
        yield rig


@asynccontextmanager
async def _docker_at(address: str, folder: Path, image: str) -> AsyncGenerator[Rig]:
    house = House(address, f"test-{secrets.token_hex(6)}", image, folder, default_owner())
    rig = Rig(folder, house.executor)
    yield rig
    await rig.close()
    await house.close()


_RIGS: Final[dict[str, Callable[[Path, pytest.FixtureRequest], AbstractAsyncContextManager[Rig]]]] = {
    "fake": _fake,
    "process": _process,
    "docker": _docker,
    "docker-proxy": _docker_through_proxy,
}


@pytest.fixture(params=[*_RIGS])
async def rig(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Rig]:
    async with _RIGS[cast(str, request.param)](tmp_path, request) as made:
        yield made
