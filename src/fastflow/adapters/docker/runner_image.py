"""Decides which image containers are made from, and gets it: there already, pulled, or built."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Final

from fastflow.adapters.docker import debian_base
from fastflow.adapters.docker.engine import Engine
from fastflow.adapters.docker.images import Images
from fastflow.adapters.docker.progress import Report
from fastflow.domain.errors import FastFlowError, Unavailable
from fastflow.domain.ports import Readiness

PUBLIC_IMAGE: Final = "astral/uv:python3.12-bookworm-slim"
DOCKERFILE: Final = Path(__file__).with_name("runner") / "Dockerfile"
_PULL_LIMIT: Final = timedelta(minutes=15)
_BUILD_LIMIT: Final = timedelta(minutes=20)


BUILT_IMAGE: Final = f"fastflow-runner:uv-{version('uv')}"
"""The image that is built on this machine; a newer uv means a newer image."""


class RunnerImage:
    """Fulfils `ImageChoice`. `wanted` is the setting RUNNER_IMAGE; empty: whatever can be had."""

    def __init__(self, engine: Engine, wanted: str) -> None:
        self._engine = engine
        self._wanted = wanted
        self._id: str | None = None
        self._state = "The runner image has not been looked for yet."

    @property
    def reference(self) -> str:
        """The image's id: another image under the same name changes nothing until the next start.

        Raises:
            Unavailable: `image_missing`.
        """
        if self._id is None:
            raise Unavailable("image_missing", self._state)
        return self._id

    def readiness(self) -> Readiness:
        """Say what the last step was, or that it is there."""
        return Readiness(self._id is not None, self._state)

    async def find(self) -> bool:
        """Take an image that is on the Engine already; return whether there is one. Fast.

        Raises:
            Unavailable: the Engine does not answer.
        """
        for name in await _candidates(self._wanted):
            if await self._take(name):
                return True
        return False

    async def ensure(self, report: Report) -> None:
        """Find, pull or build it, which may take minutes; `report` is told each step.

        Raises:
            Unavailable: `image_missing` with the remedies; `executor_unavailable`, `disk_full`.
        """

        def tell(step: str) -> None:
            self._state = f"The runner image is being made ready: {step}"
            report(f"runner image: {step}")

        try:
            if not await self.find():
                await self._take(await ensure_runner_image(self._engine, self._wanted, tell))
        except FastFlowError as error:
            self._state = error.message
            raise

    async def _take(self, name: str) -> bool:
        image = await Images(self._engine).find(name)
        if image is None:
            return False
        self._id = image.id
        self._state = f"Attempts run in containers of {name}."
        return True


async def ensure_runner_image(engine: Engine, wanted: str, report: Report) -> str:
    """Return the name of an image that the Engine now has, pulling or building it if need be.

    Raises:
        Unavailable: `image_missing`; nothing worked, and the message names the remedies.
    """
    images = Images(engine)
    for name in await _candidates(wanted):
        if await images.find(name) is not None:
            return name
    pulled = wanted or PUBLIC_IMAGE
    problem = await _attempted(lambda: _pull(images, pulled, report))
    if problem is None:
        return pulled
    if wanted:
        raise _missing(f"{wanted} can't be pulled: {problem}")
    if await engine.proxy():
        raise _missing(
            f"{pulled} can't be pulled ({problem}), and no image can be built through fastflow docker-proxy. "
            "Run `fastflow runner-image` once with DOCKER_PROXY_URL naming the Engine itself"
        )
    report(f"{pulled} can't be pulled ({problem}); building from Debian packages instead")
    if (obstacle := debian_base.obstacle()) is not None:
        raise _missing(f"{pulled} can't be pulled ({problem}), nor can an image be built: {obstacle}")
    problem = await _attempted(lambda: build_from_debian(images, report))
    if problem is not None:
        raise _missing(f"no registry answers, and building failed: {problem}")
    return BUILT_IMAGE


async def build_from_debian(images: Images, report: Report) -> None:
    """Build the image without a registry: a minute, and 300 MB of disk.

    Raises:
        Unavailable: a package or a step failed.
    """
    name = BUILT_IMAGE
    base = f"{name.replace('runner', 'base', 1)}-{debian_base.RELEASE}"
    async with asyncio.timeout(_BUILD_LIMIT.total_seconds()):
        async with debian_base.packed(report) as tar:
            report("importing the base")
            await images.import_tar(base, tar)
        report("building the image on the base")
        dockerfile = await asyncio.to_thread(DOCKERFILE.read_bytes)
        await images.build(name, dockerfile, {"BASE": base}, report)
    report(f"built {name}")


async def _candidates(wanted: str) -> list[str]:
    return [wanted] if wanted else [BUILT_IMAGE, PUBLIC_IMAGE]


async def _pull(images: Images, name: str, report: Report) -> None:
    report(f"pulling {name}")
    async with asyncio.timeout(_PULL_LIMIT.total_seconds()):
        await images.pull(name, report)


async def _attempted(work: Callable[[], Awaitable[None]]) -> str | None:
    """Do it; return what went wrong, in words."""
    try:
        await work()
    except FastFlowError as error:
        if error.code in ("executor_unavailable", "disk_full"):
            raise
        return error.message
    except TimeoutError:
        return "it took too long"
    return None


def _missing(reason: str) -> Unavailable:
    return Unavailable(
        "image_missing",
        f"There is no runner image: {reason}. Remedies: let the Engine reach a registry (its own proxy "
        f"settings count), load {PUBLIC_IMAGE} by `docker load`, or set RUNNER_IMAGE to an image with "
        "python3, uv and /bin/sh.",
    )
