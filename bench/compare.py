"""Compares products over HTTP, on the same machine in the same minutes: prints JSON.

What a run takes is measured by turns, while the others run idle beside; frozen they would lose their own
heartbeats. A burst, a flood, a crash are of a fresh installation each, alone. What a product needs is set up
by the commands of its adapter; `--set-up` runs them. Needs an Engine, for ours and for the floor.
"""

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Final

import aiohttp
from _machine import described
from _product import FLOOR, command, find_image
from products.airflow import Airflow
from products.dagster import Dagster
from products.fastflow import FastFlow
from products.prefect import Prefect
from products.product import FLOOD_LINES, Product

from fastflow.cli.server_settings import read_settings

PROGRAMS: Final = Path(".cache/bench")
MADE: Final[dict[str, Callable[[], Product]]] = {
    "fastflow": FastFlow,
    "prefect": lambda: Prefect(PROGRAMS),
    "dagster": lambda: Dagster(PROGRAMS),
    "airflow": lambda: Airflow(PROGRAMS),
}
SETTLING_SECONDS: Final = 1.0
"""Before each run: what the one before has left is cleared away by then."""
IDLE_SECONDS: Final = 10.0
LISTS: Final = 40
LOOKS_FOR_LINES: Final = 60
SETTLED_WITHIN_SECONDS: Final = 180
AFTER_CRASH_SECONDS: Final = 330
"""Longer than the five minutes after which Airflow takes a task that says nothing for dead."""
FLOOR_NAME: Final = "docker run"


def say(text: str) -> None:
    """Tell a person what is going on."""
    print(text, file=sys.stderr, flush=True)


async def begun(product: Product, folder: Path) -> dict[str, Any]:
    """Start it; say how long that takes and what it needs idle."""
    say(f"{product.name}: starting")
    folder.mkdir()
    began = time.perf_counter()
    await product.start(folder)
    seconds = time.perf_counter() - began
    await run_once(product, "tiny")  # whatever is made at the first run only
    await asyncio.sleep(IDLE_SECONDS)
    before = product.processes.cpu_seconds()
    await asyncio.sleep(IDLE_SECONDS)
    used = product.processes.cpu_seconds() - before
    memory = product.processes.memory_mib()
    version = await product.version()
    return {
        "version": version,
        "isolation": product.isolation,
        "setup": list(product.setup),
        "start_seconds": round(seconds, 1),
        "idle_memory_mib": round(memory),
        "idle_percent_of_a_core": round(100 * used / IDLE_SECONDS, 1),
    }


async def run_once(product: Product, job: str) -> tuple[float, float]:
    """Return the seconds from the trigger to the first line, and to the end."""
    began = time.perf_counter()
    run = await product.trigger(job)
    first = asyncio.create_task(_since(began, product.first_line(job, run)))
    end = asyncio.create_task(_ended(began, product, job, run))
    return await first, await end


async def _since(began: float, event: Any) -> float:
    await event
    return time.perf_counter() - began


async def _ended(began: float, product: Product, job: str, run: str) -> float:
    if not await product.end(job, run):
        raise SystemExit(f"{product.name}: run {run} of {job} failed")
    return time.perf_counter() - began


async def latencies(products: Sequence[Product], image: str, rounds: int) -> dict[str, Any]:
    """Time a run of each in turn, round after round, and `docker run` as the floor."""
    times: dict[str, list[tuple[float, float]]] = {each.name: [] for each in products}
    times[FLOOR_NAME] = []
    for number in range(rounds):
        for product in products:
            await asyncio.sleep(SETTLING_SECONDS)
            times[product.name].append(await run_once(product, "tiny"))
        await asyncio.sleep(SETTLING_SECONDS)
        first, end = await command("docker", "run", "--rm", image, *FLOOR)
        times[FLOOR_NAME].append((first / 1000, end / 1000))
        say(f"round {number + 1} of {rounds}: {', '.join(f'{k} {v[-1][0]:.2f} s' for k, v in times.items())}")
    return {
        name: {
            "first_line_seconds": _spread([first for first, _ in taken]),
            "end_seconds": _spread([end for _, end in taken]),
        }
        for name, taken in times.items()
    }


def _spread(values: Sequence[float]) -> dict[str, float]:
    return {
        "median": round(statistics.median(values), 3),
        "fastest": round(min(values), 3),
        "slowest": round(max(values), 3),
    }


async def burst(product: Product, runs: int) -> dict[str, Any]:
    """Start many at once; say how long the answers and all of them take, and how many succeed."""
    answers: list[float] = []

    async def one() -> bool:
        began = time.perf_counter()
        try:
            run = await product.trigger("tiny")
            answers.append((time.perf_counter() - began) * 1000)
            return await product.end("tiny", run)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            say(f"{product.name}: {error!r}"[:200])
            return False

    began = time.perf_counter()
    tasks = [asyncio.create_task(one()) for _ in range(runs)]
    await asyncio.wait(tasks, timeout=SETTLED_WITHIN_SECONDS)
    seconds = time.perf_counter() - began
    succeeded = sum(task.done() and not task.cancelled() and task.result() for task in tasks)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    answers.sort()
    return {
        "runs": runs,
        "accepted": len(answers),
        "succeeded": succeeded,
        "seconds": round(seconds, 1),
        "trigger_p95_ms": round(answers[int(len(answers) * 0.95) - 1]) if answers else None,
    }


async def flood(product: Product) -> dict[str, Any]:
    """Have many lines printed; say how many of them are kept, and the seconds to the end.

    Some hand lines on beside the run: they are counted until there are all of them, or no more come.
    """
    began = time.perf_counter()
    run = await product.trigger("flood")
    await product.end("flood", run)
    seconds = time.perf_counter() - began
    kept = before = await product.count_lines("flood", run)
    for _ in range(LOOKS_FOR_LINES):
        if kept > FLOOD_LINES:
            break
        await asyncio.sleep(SETTLING_SECONDS)
        kept, before = await product.count_lines("flood", run), kept
        if kept == before and kept:
            break
    return {"printed": FLOOD_LINES + 1, "kept": kept, "seconds": round(seconds, 1)}


async def listing(product: Product) -> float:
    """Return the 95th percentile of the milliseconds that a page of the newest runs takes."""
    times: list[float] = []
    for _ in range(LISTS):
        began = time.perf_counter()
        await product.list_runs()
        times.append((time.perf_counter() - began) * 1000)
    return round(sorted(times)[int(LISTS * 0.95) - 1], 1)


async def crash(product: Product) -> dict[str, Any]:
    """Kill its processes in mid-run, start it anew, and say what becomes of the run."""
    run = await product.trigger("slow")
    await product.first_line("slow", run)
    product.processes.kill()
    began = time.perf_counter()
    await product.start_again()
    try:
        async with asyncio.timeout(AFTER_CRASH_SECONDS):
            succeeded = await product.end("slow", run)
    except TimeoutError:
        return {"outcome": "still running", "seconds": AFTER_CRASH_SECONDS}
    return {
        "outcome": "succeeded" if succeeded else "failed",
        "seconds": round(time.perf_counter() - began, 1),
    }


async def compare(names: Sequence[str], rounds: int, at_once: int) -> dict[str, Any]:
    """Take what is measured by turns, then what is hard on a product."""
    settings = read_settings({})
    image = await find_image(settings.docker_proxy_url, settings.runner_image)
    found: dict[str, Any] = {"machine": await described(settings.docker_proxy_url), "rounds": rounds}
    products = [MADE[name]() for name in names]
    with tempfile.TemporaryDirectory(prefix="fastflow-compare-") as place:
        Path(place).chmod(0o755)
        try:
            found["products"] = {
                each.name: await begun(each, Path(place, each.name.lower())) for each in products
            }
            found["latency"] = await latencies(products, image, rounds)
            for product in products:
                found["products"][product.name]["list_p95_ms"] = await listing(product)
        finally:
            for product in products:
                await product.close()
    found["products"] = await strain(names, at_once, found["products"])
    return found


async def strain(
    names: Sequence[str], at_once: int, figures: dict[str, Any], only: Sequence[str] = ()
) -> dict[str, Any]:
    """Take the figures that are hard on a product, each of a fresh installation with nothing beside it.

    One that it can't give is None.
    """
    kinds: dict[str, Callable[[Product], Awaitable[Any]]] = {
        "flood": flood,
        "burst": lambda product: burst(product, at_once),
        "crash": crash,
    }
    for name in names:
        for kind, work in kinds.items():
            if only and kind not in only:
                continue
            product = MADE[name]()
            say(f"{product.name}: {kind}")
            of = figures[product.name]
            with tempfile.TemporaryDirectory(prefix="fastflow-compare-") as place:
                Path(place).chmod(0o755)
                try:
                    await product.start(Path(place))
                    await run_once(product, "tiny")
                    of[kind] = await work(product)
                    of[f"memory_after_{kind}_mib"] = round(product.processes.memory_mib())
                except (aiohttp.ClientError, OSError, TimeoutError) as error:
                    say(f"{product.name}: no {kind}: {error!r}"[:300])
                    of[kind] = None
                finally:
                    await product.close()
    return figures


def set_up(names: Sequence[str]) -> None:
    """Run the commands that set them up; what is there is left."""
    for name in names:
        for line in MADE[name]().setup:
            if (name != "fastflow" and not (PROGRAMS / name / "bin").exists()) or "install" in line:
                say(line)
                subprocess.run(line, shell=True, check=True)  # noqa: S602 - our own constants


def main() -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("products", nargs="*", help=f"of {', '.join(MADE)}; all by default")
    parser.add_argument("--rounds", type=int, default=7, help="how often a run of each is timed")
    parser.add_argument("--at-once", type=int, default=40, help="runs started at the same moment")
    parser.add_argument("--set-up", action="store_true", help="install what is compared first, from PyPI")
    parser.add_argument(
        "--strain-again",
        type=Path,
        metavar="FILE",
        help="take only the hard figures anew, the rest from there",
    )
    parser.add_argument("--only", nargs="+", default=[], help="of flood, burst, crash, with --strain-again")
    options = parser.parse_args()
    if unknown := set(options.products) - set(MADE):
        parser.error(f"{', '.join(sorted(unknown))}: no product that there is an adapter for")
    products = options.products or list(MADE)
    if options.set_up:
        set_up(products)
    if options.strain_again:
        found = json.loads(options.strain_again.read_text())
        found["products"] = asyncio.run(strain(products, options.at_once, found["products"], options.only))
    else:
        found = asyncio.run(compare(products, options.rounds, options.at_once))
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
