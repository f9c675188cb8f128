"""Measures the way of a run against its floor, interleaved: `docker run`, plain `uv run` in it, the product.

Prints one JSON document; milliseconds since the request, medians, and ratios to the floor of the same run.
Needs an Engine and the runner image; starts a server of its own on a free port and a data directory of its
own, and removes both.
"""

import argparse
import asyncio
import json
import os
import signal
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

TINY = "print(1)"
WITH_REQUESTS = "import requests; print(requests.__version__)"
CHATTY = "import sys\nfor n in range(200_000):\n    sys.stdout.write(f'line {n} of a busy program\\n')\n"
FLOOR = ("python3", "-c", TINY)
DEADLINE_SECONDS = 120


class Server:
    """The product, as a user reaches it."""

    def __init__(self, url: str, pid: int, session: aiohttp.ClientSession) -> None:
        self.url = url
        self.pid = pid
        self.session = session

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
    assert process.stdout is not None
    await process.stdout.read(1)
    first = time.perf_counter() - began
    await process.stdout.read()
    if await process.wait() != 0:
        raise SystemExit(f"{' '.join(arguments)} failed")
    return first * 1000, (time.perf_counter() - began) * 1000


@asynccontextmanager
async def server(folder: Path, image: str) -> AsyncIterator[Server]:
    """Run the product on pipelines made here."""
    pipelines = folder / "pipelines"
    for name, code, needs in (
        ("tiny", TINY, ""),
        ("with_requests", WITH_REQUESTS, "requests==2.32.3\n"),
        ("chatty", CHATTY, ""),
    ):
        (pipelines / name).mkdir(parents=True)
        (pipelines / name / "main.py").write_text(code)
        if needs:
            (pipelines / name / "requirements.txt").write_text(needs)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "FASTFLOW_PORT": str(port),
        "FASTFLOW_DATA_DIR": str(folder / "data"),
        "FASTFLOW_PIPELINES_DIR": str(pipelines),
        "FASTFLOW_EXECUTOR": "docker",
        "FASTFLOW_RUNNER_IMAGE": image,
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
    raise SystemExit(f"the server did not get ready:\n{log.read_text()}")


async def latency(product: Server, image: str, folder: Path, rounds: int) -> dict[str, Any]:
    """Time each way once a round, so that a change of the machine's speed hits all alike."""
    code = f"{folder / 'pipelines/tiny'}:/code:ro"
    network = ("--network", "bridge")
    ways = {
        "docker run (floor)": lambda: command("docker", "run", "--rm", *network, image, *FLOOR),
        "docker run, uv run": lambda: command(
            "docker", "run", "--rm", *network, "-v", code, image, "uv", "run", "--no-project", "/code/main.py"
        ),
        "fastflow, no-op": lambda: product.run("tiny"),
        "fastflow, requests": lambda: product.run("with_requests"),
    }
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for number in range(-1, rounds):
        for name, way in ways.items():
            taken = await way()
            if number >= 0:  # the first round warms everything
                times[name].append(taken)
    medians = {
        name: tuple(statistics.median(values) for values in zip(*taken, strict=True))
        for name, taken in times.items()
    }
    floor_first, floor_end = medians["docker run (floor)"]
    return {
        name: {
            "first_line_ms": round(first, 1),
            "end_ms": round(end, 1),
            "first_line_ratio": round(first / floor_first, 2),
            "end_ratio": round(end / floor_end, 2),
        }
        for name, (first, end) in medians.items()
    }


async def crowd(product: Server, image: str, runs: int = 40, slots: int = 10) -> dict[str, Any]:
    """Start 40 runs at once; compare the makespan with `docker run` at the same concurrency."""
    gate = asyncio.Semaphore(slots)

    async def floor() -> None:
        async with gate:
            await command("docker", "run", "--rm", image, *FLOOR)

    began = time.perf_counter()
    await asyncio.gather(*(floor() for _ in range(runs)))
    floor_seconds = time.perf_counter() - began

    posts: list[float] = []

    async def one() -> None:
        before = time.perf_counter()
        run_id = await product.trigger("tiny")
        posts.append((time.perf_counter() - before) * 1000)
        async with product.session.get(f"{product.url}/api/runs/{run_id}/logs/stream") as stream:
            await stream.read()

    began = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(runs)))
    seconds = time.perf_counter() - began
    posts.sort()
    return {
        "runs": runs,
        "docker_run_seconds": round(floor_seconds, 2),
        "fastflow_seconds": round(seconds, 2),
        "makespan_ratio": round(seconds / floor_seconds, 2),
        "post_p95_ms": round(posts[int(len(posts) * 0.95) - 1], 1),
    }


async def throughput(product: Server, image: str, folder: Path) -> dict[str, Any]:
    """Carry 200,000 lines from the container to one SSE reader; compare with `docker run` into a pipe."""
    code = f"{folder / 'pipelines/chatty'}:/code:ro"
    _, floor_ms = await command("docker", "run", "--rm", "-v", code, image, "python3", "/code/main.py")
    memory_before = product.memory_mib()
    began = time.perf_counter()
    run_id = await product.trigger("chatty")
    lines = 0
    async with product.session.get(f"{product.url}/api/runs/{run_id}/logs/stream") as stream:
        async for chunk in stream.content.iter_any():
            lines += chunk.count(b"id: ")
    seconds = time.perf_counter() - began
    return {
        "lines": lines,
        "docker_run_seconds": round(floor_ms / 1000, 2),
        "fastflow_seconds": round(seconds, 2),
        "lines_per_second": round(lines / seconds),
        "ratio": round(seconds * 1000 / floor_ms, 2),
        "server_memory_growth_mib": round(product.memory_mib() - memory_before, 1),
    }


async def measure(rounds: int, image: str) -> dict[str, Any]:
    """Take every figure."""
    with tempfile.TemporaryDirectory(prefix="fastflow-bench-") as place:
        folder = Path(place)
        folder.chmod(0o755)
        async with server(folder, image) as product:
            idle = product.memory_mib()
            return {
                "rounds": rounds,
                "latency": await latency(product, image, folder, rounds),
                "crowd": await crowd(product, image),
                "log": await throughput(product, image, folder),
                "server_memory_mib": {"idle": round(idle, 1), "after": round(product.memory_mib(), 1)},
            }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=11, help="how often each way is timed")
    parser.add_argument("--image", required=True, help="the runner image, present on the Engine")
    options = parser.parse_args()
    print(json.dumps(asyncio.run(measure(options.rounds, options.image)), indent=2))


if __name__ == "__main__":
    main()
