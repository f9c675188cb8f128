"""Runs a thousand runs one after the other, then 64 at once, and says what of it stays: prints JSON.

What is looked at is the server's own: memory, descriptors, threads, connections to the Engine, and what
containers and directories are left. Needs an Engine; the server and its data are gone afterwards.
"""

import argparse
import asyncio
import json
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil
from _product import Server, find_image, open_folder, server

from fastflow.cli.server_settings import read_settings

EVERY = 100


async def look(product: Server, folder: Path) -> dict[str, Any]:
    """Return what the server holds now."""
    process = psutil.Process(product.pid)
    return {
        "memory_mib": round(product.memory_mib(), 1),
        "descriptors": process.num_fds(),
        "threads": process.num_threads(),
        "engine_connections": len(await asyncio.to_thread(process.net_connections, "unix")),
        "containers": await asyncio.to_thread(_containers, folder),
        "attempt_directories": len(_attempts(folder)),
    }


def _containers(folder: Path) -> dict[str, int]:
    """Count the installation's containers by their kind."""
    installation = (folder / "data/installation-id").read_text().strip()
    listed = subprocess.run(
        [
            *("docker", "ps", "-a", "--filter", f"label=fastflow.installation={installation}"),
            *("--format", '{{.Label "fastflow.kind"}}'),
        ],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    return {kind: listed.count(kind) for kind in sorted(set(listed))}


def _attempts(folder: Path) -> list[str]:
    every = (folder / "data/attempts").iterdir()
    return [path.name for path in every if not path.name.startswith(".standby-")]


async def endure(runs: int, at_once: int) -> dict[str, Any]:
    """Return what was seen every hundred runs, and after the crowd."""
    settings = read_settings({})
    engine = settings.docker_proxy_url
    image = await find_image(engine, settings.runner_image)
    with tempfile.TemporaryDirectory(prefix="fastflow-bench-") as place:
        folder = Path(place)
        open_folder(folder)
        async with server(folder, image, engine, 4) as product:
            await product.run("tiny")
            seen = [{"runs": 1, **await look(product, folder)}]
            began = time.perf_counter()
            for number in range(2, runs + 1):
                await product.run("tiny")
                if number % EVERY == 0:
                    seen.append({"runs": number, **await look(product, folder)})
            seconds = time.perf_counter() - began
            await asyncio.gather(*(product.run("tiny") for _ in range(at_once)))
            await asyncio.sleep(15)  # what waits is made again, what ended is removed
            seen.append({"runs": runs + at_once, **await look(product, folder)})
            listed = await product.get("/api/runs?limit=500&status=SUCCESS")
            return {
                "runs": runs,
                "runs_a_minute": round(60 * (runs - 1) / seconds),
                "at_once": at_once,
                "seen": seen,
                "newest_500_succeeded": len(listed["runs"]),
            }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1000, help="one after the other")
    parser.add_argument("--at-once", type=int, default=64, help="after them, all at once")
    options = parser.parse_args()
    print(json.dumps(asyncio.run(endure(options.runs, options.at_once)), indent=2))


if __name__ == "__main__":
    main()
