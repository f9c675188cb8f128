"""Measures the way of a run against its floor, interleaved: `docker run`, plain `uv run` in it, the product.

Prints one JSON document; milliseconds since the request, medians, and ratios to the floor of the same run.
Needs an Engine; starts servers of its own on free ports with data directories of their own, and removes both.
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
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from _engine_relay import Relay, relay

from fastflow.adapters.docker.engine import Engine
from fastflow.adapters.docker.runner_image import RunnerImage
from fastflow.cli.server_settings import read_settings

TINY = "print(1)"
WITH_REQUESTS = "import requests; print(requests.__version__)"
CHATTY = "import sys\nfor n in range(200_000):\n    sys.stdout.write(f'line {n} of a busy program\\n')\n"
FLOOR = ("python3", "-c", TINY)
SECRETS = {f"SECRET_{number}": f"9f{number}vK2x+QmZ/t7LwPd4Rb8Yc1" for number in range(10)}
DEADLINE_SECONDS = 120
HIDING_ROUNDS = 30
"""One log takes half as long again as another of the same lines: fewer rounds show nothing."""


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
async def server(folder: Path, image: str, engine: str) -> AsyncGenerator[Server]:
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


async def own_share(product: Server, noted: Relay, rounds: int) -> dict[str, Any]:
    """Take what is ours alone: trigger to `create` sent, exit code answered to `end` at the SSE client."""
    before: list[float] = []
    after: list[float] = []
    for number in range(-1, rounds):
        began = time.perf_counter()
        await product.run("tiny")
        if number >= 0:
            before.append((noted.create_sent - began) * 1000)
            after.append((product.ended_at - noted.wait_answered) * 1000)
    shares = [sum(pair) for pair in zip(before, after, strict=True)]
    return {
        "trigger_to_create_ms": round(statistics.median(before), 1),
        "exit_to_end_event_ms": round(statistics.median(after), 1),
        "sum_ms": round(statistics.median(shares), 1),
        "sum_fastest_ms": round(min(shares), 1),
    }


async def throughput(product: Server, image: str, folder: Path) -> dict[str, Any]:
    """Carry 200,000 lines, written one by one, to an SSE reader; compare with `docker run` into a pipe."""
    code = f"{folder / 'pipelines/chatty'}:/code:ro"
    unbuffered = ("-e", "PYTHONUNBUFFERED=1")
    _, floor_ms = await command(
        "docker", "run", "--rm", *unbuffered, "-v", code, image, "python3", "/code/main.py"
    )
    memory_before = product.memory_mib()
    watching = asyncio.create_task(_watch(product))
    lines, seconds = await _read_log(product, "chatty")
    watching.cancel()
    seen = await watching
    return {
        "lines": lines,
        "docker_run_seconds": round(floor_ms / 1000, 2),
        "fastflow_seconds": round(seconds, 2),
        "lines_per_second": round(lines / seconds),
        "ratio": round(seconds * 1000 / floor_ms, 2),
        "health_median_ms": round(statistics.median(ms for ms, _ in seen), 1),
        "health_slowest_ms": round(max(ms for ms, _ in seen), 1),
        "server_memory_growth_mib": round(max(mib for _, mib in seen) - memory_before, 1),
    }


async def hiding(product: Server, rounds: int = HIDING_ROUNDS) -> dict[str, Any]:
    """Carry the same lines for runs with and without ten secrets to hide, taking turns."""
    for name, value in SECRETS.items():
        url = f"{product.url}/api/secrets/{name}"
        async with product.session.put(url, json={"value": value}) as answer:
            answer.raise_for_status()
    seconds: dict[str, list[float]] = {"chatty": [], "chatty_with_secrets": []}
    for number in range(rounds):
        order = list(seconds) if number % 2 else list(reversed(seconds))
        for pipeline in order:
            seconds[pipeline].append((await _read_log(product, pipeline))[1])
    plain, hidden = (statistics.median(times) for times in seconds.values())
    return {
        "secrets": len(SECRETS),
        "rounds": rounds,
        "seconds_without": round(plain, 2),
        "seconds_with": round(hidden, 2),
        "ratio": round(hidden / plain, 2),
        "quartiles": {name: _rounded(statistics.quantiles(times)) for name, times in seconds.items()},
    }


def _rounded(seconds: list[float]) -> list[float]:
    return [round(value, 2) for value in seconds]


async def _read_log(product: Server, pipeline: str) -> tuple[int, float]:
    """Run it and read its log to the end; return the number of lines and the seconds from the trigger on."""
    began = time.perf_counter()
    run_id = await product.trigger(pipeline)
    lines = 0
    async with product.session.get(f"{product.url}/api/runs/{run_id}/logs/stream") as stream:
        tail = b"\n"
        async for chunk in stream.content.iter_any():
            # Counted by the chunk: a slower reader here would be what is measured.
            lines += (tail + chunk).count(b"\nid: ")
            tail = (tail + chunk)[-4:]
    return lines, time.perf_counter() - began


async def _watch(product: Server) -> list[tuple[float, float]]:
    """Until cancelled, note how long `/health` takes and how much memory the server has."""
    seen: list[tuple[float, float]] = []
    try:
        while True:
            before = time.perf_counter()
            await product.get("/health")
            seen.append(((time.perf_counter() - before) * 1000, product.memory_mib()))
            await asyncio.sleep(0.05)
    except asyncio.CancelledError:
        return seen


async def _find_image(address: str, wanted: str) -> str:
    """Return the id of the image that the server would take, getting it where there is none."""
    engine = Engine(address)
    image = RunnerImage(engine, wanted)
    try:
        await image.ensure(lambda message: print(message, file=sys.stderr))
        return image.reference
    finally:
        await engine.close()


async def measure(rounds: int, image: str) -> dict[str, Any]:
    """Take every figure."""
    settings = read_settings({})
    engine = settings.docker_proxy_url
    image = await _find_image(engine, image or settings.runner_image)
    with tempfile.TemporaryDirectory(prefix="fastflow-bench-") as place:
        folder = Path(place)
        await asyncio.to_thread(folder.chmod, 0o755)
        async with server(folder, image, engine) as product:
            idle = product.memory_mib()
            figures: dict[str, Any] = {
                "rounds": rounds,
                "image": image,
                "latency": await latency(product, image, folder, rounds),
                "crowd": await crowd(product, image),
                "log": await throughput(product, image, folder),
                "hiding": await hiding(product),
                "server_memory_mib": {"idle": round(idle, 1), "after": round(product.memory_mib(), 1)},
            }
        # On the same data: this server starts with an up-to-date database, as all but the first start do.
        socket_path = folder / "engine.sock"
        async with (
            relay(socket_path, engine.removeprefix("unix://")) as noted,
            server(folder, image, f"unix://{socket_path}") as product,
        ):
            figures["server_memory_mib"]["idle_second_start"] = round(product.memory_mib(), 1)
            figures["own_share"] = await own_share(product, noted, rounds)
        return figures


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=11, help="how often each way is timed")
    parser.add_argument("--image", default="", help="the runner image; by default what `fastflow up` takes")
    options = parser.parse_args()
    print(json.dumps(asyncio.run(measure(options.rounds, options.image)), indent=2))


if __name__ == "__main__":
    main()
