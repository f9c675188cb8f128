"""Deletes a million old runs while the server works, and says how long others wait meanwhile: prints JSON.

The runs of the past are written into the database while no server runs (`growth.py`), without logs. A server
that keeps them for a day begins to delete them when it starts. Needs an Engine.
"""

import argparse
import asyncio
import json
import os
import sqlite3
import tempfile
import time
from pathlib import Path
from typing import Any

from _product import Server, find_image, open_folder, server
from growth import write_past

from fastflow.cli.server_settings import read_settings

PAUSE_SECONDS = 0.05
LEFT = 1_000
"""Of the runs of the past: those of the last day, and the newest."""


async def watch(product: Server, database: Path) -> dict[str, Any]:
    """Ask for lists and start runs until the old ones are gone; return what that took."""
    lists: list[float] = []
    posts: list[float] = []
    began = time.perf_counter()
    while _count(database) > LEFT + len(posts) + 20_000:
        posts.append(await _timed(product.trigger("tiny")))
        for _ in range(10):
            lists.append(await _timed(product.get("/api/runs?limit=50")))
            await asyncio.sleep(PAUSE_SECONDS)
    seconds = time.perf_counter() - began
    return {
        "seconds": round(seconds, 1),
        "list_p95_ms": _p95(lists),
        "list_slowest_ms": round(max(lists), 1),
        "post_p95_ms": _p95(posts),
        "post_slowest_ms": round(max(posts), 1),
        "memory_mib": round(product.memory_mib(), 1),
    }


async def _timed(work: Any) -> float:
    began = time.perf_counter()
    await work
    return (time.perf_counter() - began) * 1000


def _p95(times: list[float]) -> float:
    return round(sorted(times)[max(int(len(times) * 0.95) - 1, 0)], 1)


def _count(database: Path) -> int:
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        return connection.execute("SELECT count(*) FROM runs").fetchone()[0]
    finally:
        connection.close()


async def measure(runs: int) -> dict[str, Any]:
    """Delete that many."""
    settings = read_settings({})
    engine = settings.docker_proxy_url
    image = await find_image(engine, settings.runner_image)
    with tempfile.TemporaryDirectory(prefix="fastflow-bench-") as place:
        folder = Path(place, "retention")
        open_folder(Path(place))
        open_folder(folder)
        async with server(folder, image, engine) as product:
            await product.run("tiny")
        database = folder / "data/fastflow.db"
        await asyncio.to_thread(write_past, database, runs)
        os.environ["FASTFLOW_LOG_RETENTION_DAYS"] = "1"
        async with server(folder, image, engine) as product:
            return {"runs": runs, **await watch(product, database)}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1_000_000)
    print(json.dumps(asyncio.run(measure(parser.parse_args().runs)), indent=2))


if __name__ == "__main__":
    main()
