"""Looks from inside a container on the network of runs at what a run reaches there."""

import asyncio
import json
import shutil
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from uuid import uuid4

from fastflow.adapters.docker.container_spec import Confinement, default_owner
from fastflow.adapters.docker.containers import Containers
from fastflow.adapters.docker.engine import Engine
from fastflow.adapters.docker.host_paths import find_host_paths, own_container_candidates
from fastflow.adapters.docker.namespaces import Namespaces
from fastflow.adapters.docker.runner_image import RunnerImage
from fastflow.adapters.docker.toolbox import DockerToolbox
from fastflow.domain.environment_ports import Completed
from fastflow.domain.errors import FastFlowError
from fastflow.domain.finding import Finding, Verdict
from fastflow.main.walls import RunWalls
from fastflow.settings import Settings

_NAME: Final = "run network"
_LIMIT: Final = timedelta(seconds=30)
_METADATA: Final = "169.254.169.254"
"""Where most clouds hand out credentials."""
_WALL: Final = (
    "Set RUN_NETWORK=walled; or as root on the Docker host: scripts/run-network up, then set "
    "RUN_NETWORK=fastflow-runs (docs/how-to/harden.md)."
)
# A host that refuses a connection was reached: something else may listen there tomorrow. Of other machines
# only an accepted connection counts, as routers refuse in their name.
_PROBE: Final = """
import json, socket, sys
from concurrent.futures import ThreadPoolExecutor
def gateway():
    for line in open("/proc/net/route").read().splitlines()[1:]:
        if line.split()[1] == "00000000":
            return socket.inet_ntoa(bytes.fromhex(line.split()[2])[::-1])
def reached(place):
    name, host, port = place
    address = host or gateway()
    if address is None:
        return None
    try:
        socket.create_connection((address, port), 2).close()
    except OSError as error:
        if host or not isinstance(error, ConnectionRefusedError):
            return None
    return f"{name} ({address})"
places = json.loads(sys.argv[1])
with ThreadPoolExecutor(len(places)) as pool:
    print(json.dumps(sorted(filter(None, pool.map(reached, places)))))
"""

Place = tuple[str, str, int]
"""Name, host and port; no host: the network's gateway, which is the Docker host itself."""


async def examine_network(engine: Engine, settings: Settings) -> Finding:
    """Try it in a container that is gone afterwards.

    Raises:
        FastFlowError: the Engine does not answer.
    """
    network = settings.run_network
    if network == "none":
        return Finding(_NAME, Verdict.OK, "Runs have no network.")
    image = RunnerImage(engine, settings.runner_image)
    if not await image.find():
        return Finding(_NAME, Verdict.WARN, "Not tried: the runner image is not there yet.")
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="fastflow-doctor-"))
    try:
        store = await asyncio.to_thread(_store_of, settings) or folder
        ended = await _ask(engine, image, store, settings)
    except FastFlowError as error:
        remedy = f"Make it with scripts/run-network up, or correct RUN_NETWORK={network}."
        return Finding(_NAME, Verdict.WARN, f"A run on {network} can't be tried: {error.message}", remedy)
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    return _judged(network, ended)


def _store_of(settings: Settings) -> Path | None:
    """Return the uv store, which the Engine's host can be shown; None where there is no installation yet."""
    if settings.data_dir.is_dir():
        settings.uv_store.mkdir(parents=True, exist_ok=True)
    return settings.uv_store if settings.uv_store.is_dir() else None


async def _ask(engine: Engine, image: RunnerImage, store: Path, settings: Settings) -> Completed:
    paths = await find_host_paths(Containers(engine), await asyncio.to_thread(own_container_candidates))
    confinement = Confinement(f"doctor-{uuid4()}", default_owner(), paths)
    namespaces = Namespaces(engine, image, confinement, RunWalls(settings))
    toolbox = DockerToolbox(engine, image, confinement, store, namespaces, network=settings.run_network)
    command = ["python3", "-c", _PROBE, json.dumps(places(settings))]
    return await toolbox.run(command, checkout=None, time_limit=_LIMIT)


def places(settings: Settings) -> list[Place]:
    """Return what a run has no business with."""
    found: list[Place] = [("this host", "", settings.port), ("cloud metadata", _METADATA, 80)]
    for name, url in (("the database", settings.database_url), ("docker-proxy", settings.docker_proxy_url)):
        parts = urlsplit(url)
        if parts.hostname and parts.hostname not in {"localhost", "127.0.0.1", "::1"}:
            found.append((name, parts.hostname, parts.port or 5432))
    return found


def _judged(network: str, ended: Completed) -> Finding:
    if ended.exit_code != 0:
        return Finding(
            _NAME, Verdict.WARN, f"A run on {network} can't be tried: python3 failed in the image."
        )
    reached: list[str] = json.loads(ended.stdout)
    if reached:
        message = f"A run on {network} reaches {', '.join(reached)}."
        return Finding(_NAME, Verdict.WARN, message, _WALL)
    return Finding(_NAME, Verdict.OK, f"A run on {network} reaches neither this host nor cloud metadata.")
