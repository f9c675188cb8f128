"""Makes sure that the image of attempts is there, outside the server."""

from collections.abc import Callable

from fastflow.adapters.docker.engine import Engine
from fastflow.adapters.docker.runner_image import RunnerImage
from fastflow.settings import Settings


async def make_runner_image_ready(settings: Settings, report: Callable[[str], None]) -> str:
    """Find, pull or build the image, which may take minutes; return a sentence that names it.

    Raises:
        Invalid: `engine_address_invalid`.
        Unavailable: `executor_unavailable`, `image_missing` with the remedies, `disk_full`.
    """
    engine = Engine(settings.docker_proxy_url)
    image = RunnerImage(engine, settings.runner_image)
    try:
        await image.ensure(report)
    finally:
        await engine.close()
    return image.readiness().message
