"""Chooses the OCI runtime of containers: crun where it starts them, as it takes a sixth less time for it."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Final

import structlog
from pydantic import BaseModel, Field

from fastflow.adapters.docker import inside, labels
from fastflow.adapters.docker.container_spec import Confinement
from fastflow.adapters.docker.containers import Containers, exit_code_of
from fastflow.adapters.docker.engine import Engine
from fastflow.adapters.docker.image_choice import ImageChoice
from fastflow.domain.errors import FastFlowError

CRUN: Final = "crun"
LOOKED_FOR_EVERY: Final = timedelta(minutes=10)
_TRIAL_LIMIT: Final = timedelta(seconds=60)
_PROCESSES: Final = 16
log = structlog.get_logger()


class _Information(BaseModel):
    """What `GET /info` says (Engine API 1.40 and later)."""

    runtimes: dict[str, object] = Field(default_factory=dict[str, object], alias="Runtimes")


class RuntimeTrials:
    """Tries crun before anything of a user depends on it.

    That it is registered says little: one too old for the host's cgroups starts nothing, for example.
    """

    def __init__(
        self,
        engine: Engine,
        image: ImageChoice,
        confinement: Confinement,
        clean: Callable[[], Awaitable[None]],
    ) -> None:
        """Take what is tried for, and `DockerToolbox.clean`: a trial looks like one of its containers."""
        self._engine = engine
        self._containers = Containers(engine)
        self._image = image
        self._confinement = confinement
        self._clean = clean

    async def keep_chosen(self) -> None:
        """Look for it now, whenever it is doubted, and now and then while there is none. Never returns."""
        choice = self._confinement.runtime
        while True:
            choice.doubted.clear()
            if not choice.name and await self.is_usable():
                choice.name = CRUN
                log.info("containers are started by crun, which is faster than the Engine's default")
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOKED_FOR_EVERY.total_seconds()):
                    await choice.doubted.wait()

    async def is_usable(self) -> bool:
        """Return whether the Engine has it, and a container confined like all others ends well with it."""
        try:
            answer = await self._engine.call("GET", "/info")
            if CRUN not in _Information.model_validate_json(answer).runtimes:
                return False
            async with asyncio.timeout(_TRIAL_LIMIT.total_seconds()):
                return await self._try()
        except (FastFlowError, TimeoutError) as error:
            log.info("crun is registered at the Engine, but starts no container", reason=str(error))
            return False

    async def _try(self) -> bool:
        await self._clean()
        container = await self._containers.create(f"fastflow-trial-{secrets.token_hex(8)}", self._spec())
        try:
            async with await self._containers.wait(container, is_unstarted=True) as waiting:
                await self._containers.start(container)
                return await exit_code_of(waiting) == 0
        finally:
            with suppress(FastFlowError):
                await asyncio.shield(self._containers.remove(container))

    def _spec(self) -> dict[str, object]:
        uid, gid = self._confinement.owner
        return {
            "Image": self._image.reference,
            "Cmd": ["true"],
            "Entrypoint": [],
            "WorkingDir": str(inside.STORE_DIRECTORY),
            "User": f"{uid}:{gid}",
            "Env": [f"PATH={inside.SEARCH_PATH}"],
            "Labels": labels.common(labels.Kind.PREPARATION, self._confinement.installation),
            "NetworkDisabled": True,
            "HostConfig": {
                **self._confinement.host_config([], _PROCESSES),
                "NetworkMode": "none",
                "Runtime": CRUN,
            },
        }
