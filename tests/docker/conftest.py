"""Fixtures of this ring: an image, an installation on the Engine that leaves nothing behind."""

import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fastflow.adapters.docker.container_spec import default_owner
from fastflow.adapters.docker.containers import Containers
from fastflow.adapters.docker.engine import Engine
from tests.docker.house import ADDRESS, House
from tests.docker.proxied import the_way_to


@pytest.fixture(scope="session")
def image(runner_image: str) -> str:
    return runner_image


@pytest.fixture
async def address(tmp_path: Path, image: str) -> AsyncIterator[str]:
    """Where servers of this ring find the Engine."""
    async with the_way_to(ADDRESS, tmp_path, image) as address:
        yield address


@pytest.fixture
def oci_runtime(request: pytest.FixtureRequest) -> str:
    """The one that containers are told to have; the Engine's own, where a module does not say otherwise.

    Where the Engine has no crun, that is found out at the first container, and the rest goes without.
    """
    return getattr(request, "param", "")


@pytest.fixture
async def house(tmp_path: Path, image: str, address: str, oci_runtime: str) -> AsyncIterator[House]:
    house = House(address, f"test-{secrets.token_hex(6)}", image, tmp_path, default_owner())
    house.confinement.runtime.name = oci_runtime
    yield house
    await house.close()


@pytest.fixture
async def other_house(tmp_path: Path, image: str, address: str) -> AsyncIterator[House]:
    house = House(address, f"test-{secrets.token_hex(6)}", image, tmp_path / "other", default_owner())
    yield house
    await house.close()


@pytest.fixture
async def containers(address: str) -> AsyncIterator[Containers]:
    engine = Engine(address)
    yield Containers(engine)
    await engine.close()


@pytest.fixture
async def direct() -> AsyncIterator[Containers]:
    """The Engine itself, for what Fast-Flow never asks through the proxy."""
    engine = Engine(ADDRESS)
    yield Containers(engine)
    await engine.close()
