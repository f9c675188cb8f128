"""Fixtures of this ring: an image, an installation on the Engine that leaves nothing behind."""

import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fastflow.adapters.docker.container_spec import default_owner
from fastflow.adapters.docker.containers import Containers
from fastflow.adapters.docker.engine import Engine
from tests.docker.house import ADDRESS, House


@pytest.fixture(scope="session")
def image(runner_image: str) -> str:
    return runner_image


@pytest.fixture
async def house(tmp_path: Path, image: str) -> AsyncIterator[House]:
    house = House(ADDRESS, f"test-{secrets.token_hex(6)}", image, tmp_path, default_owner())
    yield house
    await house.close()


@pytest.fixture
async def other_house(tmp_path: Path, image: str) -> AsyncIterator[House]:
    house = House(ADDRESS, f"test-{secrets.token_hex(6)}", image, tmp_path / "other", default_owner())
    yield house
    await house.close()


@pytest.fixture
async def containers() -> AsyncIterator[Containers]:
    engine = Engine(ADDRESS)
    yield Containers(engine)
    await engine.close()
