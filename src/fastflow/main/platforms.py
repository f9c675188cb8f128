"""Chooses what attempts run on, and says so."""

import asyncio
import os
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import timedelta
from pathlib import PurePosixPath
from typing import Any, Final

from fastflow.adapters.docker.certificates import keep_bundle
from fastflow.adapters.docker.container_spec import Confinement, default_owner
from fastflow.adapters.docker.containers import Containers
from fastflow.adapters.docker.engine import Engine
from fastflow.adapters.docker.executor import DockerExecutor
from fastflow.adapters.docker.host_paths import find_host_paths, own_container_candidates
from fastflow.adapters.docker.inside import RUN_DIRECTORY
from fastflow.adapters.docker.keeper import WALLED
from fastflow.adapters.docker.namespaces import Namespaces
from fastflow.adapters.docker.oci_runtime import RuntimeTrials
from fastflow.adapters.docker.runner_image import RunnerImage
from fastflow.adapters.docker.standby import StandbyContainers
from fastflow.adapters.docker.standby_records import StandbyRecords
from fastflow.adapters.docker.toolbox import DockerToolbox
from fastflow.adapters.process.executor import ProcessExecutor
from fastflow.adapters.process.toolbox import ProcessToolbox
from fastflow.domain.environment_ports import Toolbox
from fastflow.domain.errors import FastFlowError, Unavailable
from fastflow.domain.ports import Executor
from fastflow.main.walls import RunWalls
from fastflow.settings import Settings

Report = Callable[[str], None]

STARTS_A_CORE: Final = 2
"""More starts at a time only make each of them slower: the Engine is bound by the processor."""

_LOOK_FOR_IMAGE_EVERY: Final = timedelta(seconds=30)
_NO_WALLS: Final = (
    "Attempts run as processes of this user: no container, no file or network isolation, no CPU limit."
)
_OPEN_NETWORK: Final = (
    "attempts are on Docker's own bridge, from which this host and cloud metadata can be reached. "
    "RUN_NETWORK=walled, the default, puts both out of reach."
)


@dataclass(frozen=True, slots=True)
class Platform:
    """An executor with what belongs to it."""

    executor: Executor
    toolbox: Toolbox
    owner: tuple[int, int] | None
    """User and group that attempts run as, where the server may choose them."""
    inside_directory: PurePosixPath | None
    """Where attempts see their private folder; None: where it really is."""
    starts_at_once: int
    preparing: Callable[[], Coroutine[Any, Any, None]] | None = None
    """Work to do beside everything else: the executor gets and stays ready by it."""


async def choose_platform(
    settings: Settings, installation_id: str, report: Report, *, has_docker_attempts: bool
) -> Platform:
    """Pick the executor that the settings name; `auto` takes Docker where an Engine answers now.

    Attempts that run in containers since before this start keep Docker chosen: only it can adopt them.

    Raises:
        Unavailable: the server runs in a container and the Engine, which knows its mounts, is away.
        Invalid: the server runs in a container that the Engine does not know.
    """
    if settings.executor == "process":
        report("executor: process, as EXECUTOR says. " + _NO_WALLS)
        return _process_platform(settings)
    engine = Engine(settings.docker_proxy_url)
    if settings.executor == "auto" and not has_docker_attempts:
        try:
            await engine.ping()
        except Unavailable as error:
            await engine.close()
            report(f"executor: process. {error.message} {_NO_WALLS}")
            return _process_platform(settings)
    report(f"executor: docker, a fresh container for each attempt (Engine at {settings.docker_proxy_url})")
    if settings.run_network == "bridge":
        report(f"network: {_OPEN_NETWORK}")
    try:
        return await _docker_platform(settings, installation_id, engine, report)
    except FastFlowError:
        await engine.close()
        raise


async def _docker_platform(
    settings: Settings, installation_id: str, engine: Engine, report: Report
) -> Platform:
    owner, data = default_owner(), settings.data_dir.absolute()
    host_paths = await find_host_paths(Containers(engine), await asyncio.to_thread(own_container_candidates))
    bundle = await asyncio.to_thread(keep_bundle, settings.ca_bundle, data)
    confinement = Confinement(installation_id, owner, host_paths, certificates=bundle)
    image = RunnerImage(engine, settings.runner_image)
    ahead = settings.namespaces_ahead if settings.run_network == WALLED else 0
    namespaces = Namespaces(engine, image, confinement, RunWalls(settings), ahead)
    standby = StandbyContainers(
        engine,
        image,
        confinement,
        namespaces,
        StandbyRecords(data / "standby"),
        data / "attempts",
        settings.standby_containers,
    )

    toolbox = DockerToolbox(
        engine,
        image,
        confinement,
        settings.uv_store,
        namespaces,
        ca_bundle=settings.ca_bundle,
        # uv has to reach the index although attempts may have no network at all.
        network=WALLED if settings.run_network == "none" else settings.run_network,
    )

    async def prepare() -> None:
        await _ensure(image, report)
        async with asyncio.TaskGroup() as group:
            group.create_task(namespaces.keep_ahead())
            group.create_task(standby.keep_ready())
            if settings.container_runtime == "auto":
                trials = RuntimeTrials(engine, image, confinement, toolbox.clean)
                group.create_task(trials.keep_chosen())

    return Platform(
        executor=DockerExecutor(engine, image, confinement, namespaces, standby),
        toolbox=toolbox,
        owner=owner,
        inside_directory=RUN_DIRECTORY,
        starts_at_once=STARTS_A_CORE * (os.cpu_count() or 1),
        preparing=prepare,
    )


async def _ensure(image: RunnerImage, report: Report) -> None:
    """Return when the image is there."""
    while True:
        try:
            return await image.ensure(report)
        except FastFlowError as error:
            report(f"runner image: {error.message}")
            await asyncio.sleep(_LOOK_FOR_IMAGE_EVERY.total_seconds())


def _process_platform(settings: Settings) -> Platform:
    return Platform(
        executor=ProcessExecutor(settings.data_dir.absolute() / "processes", settings.ca_bundle),
        toolbox=ProcessToolbox(settings.uv_store, ca_bundle=settings.ca_bundle),
        owner=None,
        inside_directory=None,
        starts_at_once=STARTS_A_CORE * (os.cpu_count() or 1),
    )
