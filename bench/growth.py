"""Measures the way of a run with ever more history, pipelines and runs at once: prints JSON.

The runs of the past are copies of one that took place, written into the database while no server runs. Each
figure of a run is a median, and its ratio is to `docker run` in the same rounds. Needs an Engine.
"""

import argparse
import asyncio
import json
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from _product import FLOOR, TINY, Server, command, find_image, open_folder, server

from fastflow.cli.server_settings import read_settings

ROUNDS = 9
CALLS = 60
DAYS = 90
AT_ONCE = (1, 4, 16, 64)
PAST = (0, 10_000, 100_000, 1_000_000)
PIPELINES = (10, 100, 1_000)


async def of_a_run(product: Server, image: str) -> dict[str, float]:
    """Time runs and `docker run` by turns, and the calls of a list."""
    runs: list[tuple[float, float]] = []
    floors: list[tuple[float, float]] = []
    for number in range(-1, ROUNDS):
        taken = await product.run("tiny"), await command("docker", "run", "--rm", image, *FLOOR)
        if number >= 0:
            runs.append(taken[0])
            floors.append(taken[1])
    first, end = (statistics.median(values) for values in zip(*runs, strict=True))
    floor_first, floor_end = (statistics.median(values) for values in zip(*floors, strict=True))
    return {
        "first_line_ms": round(first, 1),
        "first_line_ratio": round(first / floor_first, 2),
        "end_ratio": round(end / floor_end, 2),
        "list_p95_ms": await _slowest(product, "/api/runs?limit=50"),
        "list_of_failed_p95_ms": await _slowest(product, "/api/runs?limit=50&status=FAILED"),
        "overview_p95_ms": await _slowest(product, "/api/overview"),
        "memory_mib": round(product.memory_mib(), 1),
    }


async def _until_warm(product: Server, count: int) -> None:
    """Wait until every pipeline's environment was looked at: new ones keep the server busy for a while."""
    while True:
        pipelines = (await product.get("/api/pipelines"))["pipelines"]
        if len(pipelines) >= count and all(each["environment_status"] == "ready" for each in pipelines):
            return
        await asyncio.sleep(1)


async def _slowest(product: Server, path: str) -> float:
    """Return the 95th percentile of the milliseconds of a call."""
    times: list[float] = []
    for _ in range(CALLS):
        began = time.perf_counter()
        await product.get(path)
        times.append((time.perf_counter() - began) * 1000)
    return round(sorted(times)[int(CALLS * 0.95) - 1], 1)


def write_past(database: Path, count: int) -> None:
    """Add ended runs with an attempt each, spread over the last ninety days; every tenth has failed."""
    connection = sqlite3.connect(database)
    connection.row_factory = sqlite3.Row
    with connection:
        for table, key in (("runs", "id"), ("attempts", "run_id")):
            (template,) = connection.execute(f"SELECT * FROM {table} ORDER BY {key} DESC LIMIT 1")  # noqa: S608
            names = template.keys()
            marks = ", ".join("?" * len(names))
            quoted = ", ".join(f'"{name}"' for name in names)
            insert = f"INSERT INTO {table} ({quoted}) VALUES ({marks})"  # noqa: S608
            connection.executemany(insert, _copies(dict(template), key, count))
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _copies(template: dict[str, Any], key: str, count: int) -> Iterator[tuple[Any, ...]]:
    oldest, step = datetime.now(UTC) - timedelta(days=DAYS), timedelta(days=DAYS) / count
    times = [name for name in template if name.endswith("_at") and template[name] is not None]
    for number in range(count):
        at = oldest + number * step
        digits = f"{int(at.timestamp() * 1000):012x}"
        copy = {**template, key: f"{digits[:8]}-{digits[8:]}-7000-8000-{number:012x}"}
        copy |= dict.fromkeys(times, at.strftime("%Y-%m-%d %H:%M:%S.%f"))
        if "idempotency_key" in copy:
            copy["idempotency_key"] = None
        if number % 10 == 0:
            copy |= {"exit_code": 1, **({"status": "FAILED"} if key == "id" else {})}
        yield tuple(copy.values())


async def history(folder: Path, image: str, engine: str, counts: list[int]) -> dict[str, Any]:
    """Measure with so many runs of the past."""
    found: dict[str, Any] = {}
    async with server(folder, image, engine) as product:
        await product.run("tiny")
    there = 0
    for count in counts:
        if count > there:
            await asyncio.to_thread(write_past, folder / "data/fastflow.db", count - there)
            there = count
        async with server(folder, image, engine) as product:
            found[str(count)] = await of_a_run(product, image)
    return found


async def crowds(folder: Path, image: str, engine: str, pipelines: list[int]) -> dict[str, Any]:
    """Measure with so many pipelines, and with the most of them so many runs at once."""
    found: dict[str, Any] = {"pipelines": {}, "runs_at_once": {}}
    for count in pipelines:
        for number in range(count):
            place = folder / f"pipelines/pipeline_{number:04}"
            place.mkdir(parents=True, exist_ok=True)
            (place / "main.py").write_text(TINY)
        async with server(folder, image, engine) as product:
            await _until_warm(product, count)
            found["pipelines"][str(count)] = await of_a_run(product, image)
            if count != pipelines[-1]:
                continue
            for at_once in AT_ONCE:
                began = time.perf_counter()
                times = await asyncio.gather(*(product.run("tiny") for _ in range(at_once)))
                found["runs_at_once"][str(at_once)] = {
                    "seconds_each": round((time.perf_counter() - began) / at_once, 3),
                    "median_first_line_ms": round(statistics.median(first for first, _ in times)),
                }
    return found


async def measure(counts: list[int], pipelines: list[int]) -> dict[str, Any]:
    """Take every figure."""
    settings = read_settings({})
    engine = settings.docker_proxy_url
    image = await find_image(engine, settings.runner_image)
    with tempfile.TemporaryDirectory(prefix="fastflow-bench-") as place:
        for name in ("history", "crowds"):
            open_folder(Path(place, name))
        open_folder(Path(place))
        return {
            "rounds": ROUNDS,
            "history": await history(Path(place, "history"), image, engine, counts),
            **await crowds(Path(place, "crowds"), image, engine, pipelines),
        }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--runs", type=int, nargs="+", default=[0, 10_000, 100_000, 1_000_000], help="in the past"
    )
    parser.add_argument(
        "--pipelines", type=int, nargs="+", default=[10, 100, 1_000], help="beside the measured"
    )
    options = parser.parse_args()
    print(json.dumps(asyncio.run(measure(options.runs, options.pipelines)), indent=2))


if __name__ == "__main__":
    main()
