"""Measures the way of a run against its floor, interleaved: `docker run`, plain `uv run` in it, the product.

Prints one JSON document; milliseconds since the request, medians, and ratios to the floor of the same run.
Needs an Engine; starts servers of its own on free ports with data directories of their own, and removes both.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from _engine_relay import Relay, relay
from _product import FLOOR, SECRETS, Server, command, find_image, open_folder, server

from fastflow.cli.server_settings import read_settings

HIDING_ROUNDS = 30
SETTLING_SECONDS = 0.7
"""Before each run alone: what the one before left is removed by then, and what is made ahead is there."""
"""One log takes half as long again as another of the same lines: fewer rounds show nothing."""


async def latency(product: Server, ready: Server, image: str, folder: Path, rounds: int) -> dict[str, Any]:
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
        "fastflow, no-op, standby": lambda: ready.run("tiny"),
        "fastflow, requests, standby": lambda: ready.run("with_requests"),
    }
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for number in range(-2, rounds):
        for name, way in ways.items():
            await asyncio.sleep(SETTLING_SECONDS)
            taken = await way()
            if number >= 0:  # the first two warm everything
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


async def sixteen(folder: Path, image: str, engine: str) -> dict[str, Any]:
    """Start 16 runs at once for which containers wait; compare with 16 times `docker run` at once."""
    floor = await asyncio.gather(*(command("docker", "run", "--rm", image, *FLOOR) for _ in range(16)))
    async with server(folder.with_name("sixteen"), image, engine, 16) as product:
        for _ in range(16):
            await product.run("tiny")
        await asyncio.sleep(10)  # they are made one after the other while nothing else starts
        times = await asyncio.gather(*(product.run("tiny") for _ in range(16)))
        runs = (await product.get("/api/runs?limit=16"))["runs"]
        details = [await product.get(f"/api/runs/{run['id']}") for run in runs]
    first, floor_first = (statistics.median(t[0] for t in taken) for taken in (times, floor))
    return {
        "docker_run_first_line_ms": round(floor_first, 1),
        "first_line_ms": round(first, 1),
        "first_line_ratio": round(first / floor_first, 2),
        "from_standby": sum(each["attempts"][0]["start_kind"] == "standby" for each in details),
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


async def measure(rounds: int, image: str) -> dict[str, Any]:
    """Take every figure."""
    settings = read_settings({})
    engine = settings.docker_proxy_url
    image = await find_image(engine, image or settings.runner_image)
    with tempfile.TemporaryDirectory(prefix="fastflow-bench-") as place:
        folder, other = Path(place, "cold"), Path(place, "standby")
        for each in (Path(place), folder, other):
            await asyncio.to_thread(open_folder, each)
        async with server(folder, image, engine) as product, server(other, image, engine, 4) as ready:
            idle = product.memory_mib()
            figures: dict[str, Any] = {
                "rounds": rounds,
                "image": image,
                "latency": await latency(product, ready, image, folder, rounds),
                "crowd": await crowd(product, image),
                "sixteen_from_standby": await sixteen(other, image, engine),
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
