"""Starts the product as a user does, on pipelines made here, and talks with it as a client does."""

import asyncio
import json
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from fastflow.adapters.docker.engine import Engine
from fastflow.adapters.docker.runner_image import RunnerImage

TINY = "print(1)"
FLOOR = ("python3", "-c", TINY)
WITH_REQUESTS = "import requests; print(requests.__version__)"
CHATTY = "import sys\nfor n in range(200_000):\n    sys.stdout.write(f'line {n} of a busy program\\n')\n"
SECRETS = {f"SECRET_{number}": f"9f{number}vK2x+QmZ/t7LwPd4Rb8Yc1" for number in range(10)}
DEADLINE_SECONDS = 120


class Server:
    """The product, as a user reaches it."""

    def __init__(self, url: str, pid: int, session: aiohttp.ClientSession) -> None:
        self.url = url
        self.pid = pid
        self.session = session
        self.ended_at = 0.0
        """When the last `end` event came, as `time.perf_counter` has it."""

    async def trigger(self, pipeline: str) -> str:
        """Start a run; return its id."""
        async with self.session.post(f"{self.url}/api/pipelines/{pipeline}/run") as answer:
            body = await answer.json()
            if answer.status != 201:
                raise SystemExit(f"trigger refused: {body}")
            return body["id"]

    async def run(self, pipeline: str) -> tuple[float, float]:
        """Return the milliseconds to the first line at the SSE client, and to the terminal status."""
        began = time.perf_counter()
        run_id = await self.trigger(pipeline)
        first = 0.0
        async with self.session.get(f"{self.url}/api/runs/{run_id}/logs/stream") as stream:
            async for line in stream.content:
                if line.startswith(b"id: ") and not first:
                    first = time.perf_counter() - began
                elif line.startswith(b"event: end"):
                    self.ended_at = time.perf_counter()
                    break
        status = (await self.get(f"/api/runs/{run_id}"))["status"]
        if status != "SUCCESS":
            raise SystemExit(f"run {run_id} of {pipeline} ended {status}")
        return first * 1000, (time.perf_counter() - began) * 1000

    async def get(self, path: str) -> Any:
        """Read JSON."""
        async with self.session.get(self.url + path) as answer:
            return await answer.json()

    def memory_mib(self) -> float:
        """Return the server's resident memory, its executor's helpers not included."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        kib = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
        return int(kib) / 1024


async def command(*arguments: str) -> tuple[float, float]:
    """Return the milliseconds to the first byte of a command and to its end."""
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(*arguments, stdout=asyncio.subprocess.PIPE)
    output = process.stdout or asyncio.StreamReader()
    await output.read(1)
    first = time.perf_counter() - began
    await output.read()
    if await process.wait() != 0:
        raise SystemExit(f"{' '.join(arguments)} failed")
    return first * 1000, (time.perf_counter() - began) * 1000


@asynccontextmanager
async def server(folder: Path, image: str, engine: str, standby: int = 0) -> AsyncGenerator[Server]:
    """Run the product on pipelines made here, against the Engine at that address."""
    pipelines = folder / "pipelines"
    for name, code, needs in (
        ("tiny", TINY, ""),
        ("with_requests", WITH_REQUESTS, "requests==2.32.3\n"),
        ("chatty", CHATTY, ""),
        ("chatty_with_secrets", CHATTY, ""),
    ):
        (pipelines / name).mkdir(parents=True, exist_ok=True)
        (pipelines / name / "main.py").write_text(code)
        if needs:
            (pipelines / name / "requirements.txt").write_text(needs)
    (pipelines / "chatty_with_secrets/pipeline.json").write_text(json.dumps({"secrets": list(SECRETS)}))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "FASTFLOW_PORT": str(port),
        "FASTFLOW_DATA_DIR": str(folder / "data"),
        "FASTFLOW_PIPELINES_DIR": str(pipelines),
        "FASTFLOW_EXECUTOR": "docker",
        "FASTFLOW_RUNNER_IMAGE": image,
        "FASTFLOW_DOCKER_PROXY_URL": engine,
        "FASTFLOW_STANDBY_CONTAINERS": str(standby),
    }
    log = (folder / "server.log").open("wb")
    fastflow = Path(sys.executable).with_name("fastflow")
    process = await asyncio.create_subprocess_exec(fastflow, "up", env=environment, stdout=log, stderr=log)
    timeout = aiohttp.ClientTimeout(total=DEADLINE_SECONDS)
    connector = aiohttp.TCPConnector(limit=0)
    try:
        async with aiohttp.ClientSession(timeout=timeout, connector=connector) as session:
            product = Server(f"http://127.0.0.1:{port}", process.pid, session)
            await _until_ready(product, process, folder / "server.log")
            yield product
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()
        log.close()


async def _until_ready(product: Server, process: asyncio.subprocess.Process, log: Path) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline and process.returncode is None:
        try:
            async with product.session.get(f"{product.url}/ready") as answer:
                if answer.status == 200:
                    return
        except aiohttp.ClientConnectorError:
            pass  # not listening yet
        await asyncio.sleep(0.2)
    words = await asyncio.to_thread(log.read_text)
    raise SystemExit(f"the server did not get ready:\n{words}")


async def find_image(address: str, wanted: str) -> str:
    """Return the id of the image that the server would take, getting it where there is none."""
    engine = Engine(address)
    image = RunnerImage(engine, wanted)
    try:
        await image.ensure(lambda message: print(message, file=sys.stderr))
        return image.reference
    finally:
        await engine.close()


def open_folder(folder: Path) -> None:
    """Make it, and let other users in: attempts run as one."""
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)
