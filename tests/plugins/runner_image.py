"""Finds the image that attempts of the tests run in; `make test` has seen to it that there is one."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from fastflow.adapters.docker.engine import Engine
from fastflow.adapters.docker.images import Images
from fastflow.adapters.docker.runner_image import BUILT_IMAGE, PUBLIC_IMAGE
from fastflow.domain.errors import Unavailable
from fastflow.settings import Settings

_SECONDS = 60


@pytest.fixture(scope="session")
def runner_image() -> str:
    """The id of the image that the product itself would take on this Engine."""
    settings = Settings.model_validate({})
    names = [settings.runner_image] if settings.runner_image else [BUILT_IMAGE, PUBLIC_IMAGE]
    # On a thread: a test's event loop may be running already.
    with ThreadPoolExecutor(1) as thread:
        found = thread.submit(asyncio.run, _find(settings.docker_proxy_url, names)).result(_SECONDS)
    if found is None:
        pytest.fail(f"This Engine has no image {' or '.join(names)}; get one by `make runner-image`.")
    return found


async def _find(address: str, names: Sequence[str]) -> str | None:
    engine = Engine(address)
    try:
        for name in names:
            if (image := await Images(engine).find(name)) is not None:
                return image.id
    except Unavailable as error:
        pytest.fail(f"{error.message} Start an Engine by `make docker`, then `make runner-image`.")
    finally:
        await engine.close()
    return None
