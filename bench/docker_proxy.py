"""Measures what the proxy before the Engine adds to a call, and what it leaves of a stream's speed.

Prints one JSON document: for each call the medians direct and through the proxy, interleaved in the same run.
Needs an Engine with the runner image; the proxy is a process of its own, as it is in use.
"""

import argparse
import asyncio
import json
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from fastflow.adapters.docker.container_spec import Confinement, attempt_spec, default_owner
from fastflow.adapters.docker.containers import Containers, exit_code_of
from fastflow.adapters.docker.engine import Engine
from fastflow.adapters.docker.host_paths import HostPaths
from fastflow.adapters.docker.runner_image import RunnerImage
from fastflow.domain.environment import Environment
from fastflow.domain.execution import AttemptIdentity, ExecutionRequest

ENGINE: Final = "unix:///var/run/docker.sock"
FASTFLOW: Final = str(Path(sys.executable).with_name("fastflow"))
CHATTY: Final = "import sys\nfor n in range(200_000):\n    sys.stdout.write(f'line {n} of a program\\n')\n"
CALLS: Final = ("ping", "inspect", "list", "create", "start", "wait", "remove")
MILLISECONDS: Final = 1000


class Way:
    """One way to the Engine, and how long each call took on it."""

    def __init__(self, address: str, image: str, folder: Path) -> None:
        self.containers = Containers(Engine(address))
        self.image = image
        self.folder = folder
        self.milliseconds: dict[str, list[float]] = {call: [] for call in CALLS}
        self.log_mib_per_second: list[float] = []

    async def _timed(self, call: str, work: Awaitable[Any]) -> Any:
        began = time.perf_counter()
        result = await work
        self.milliseconds[call].append((time.perf_counter() - began) * MILLISECONDS)
        return result

    async def round(self) -> None:
        """One container from its creation to its removal."""
        await self._timed("ping", self.containers.engine.ping())
        body, name = self._body("print(1)")
        container: str = await self._timed("create", self.containers.create(name, body))
        await self._timed("inspect", self.containers.inspect(container))
        await self._timed("list", self.containers.list({"fastflow.installation": "benchmark"}))
        waiting = await self.containers.wait(container, is_unstarted=True)
        await self._timed("start", self.containers.start(container))
        await exit_code_of(waiting)
        waiting = await self._timed("wait", self.containers.wait(container))
        await exit_code_of(waiting)
        await self._timed("remove", self.containers.remove(container))

    async def stream(self) -> None:
        """Read a long log at once."""
        body, name = self._body(CHATTY)
        container = await self.containers.create(name, body)
        waiting = await self.containers.wait(container, is_unstarted=True)
        await self.containers.start(container)
        await exit_code_of(waiting)
        began, size = time.perf_counter(), 0
        async with await self.containers.logs(container, is_following=False) as log:
            while part := await log.read_some():
                size += len(part)
        self.log_mib_per_second.append(size / 1024**2 / (time.perf_counter() - began))
        await self.containers.remove(container)

    def _body(self, code: str) -> tuple[dict[str, object], str]:
        run_id = secrets.token_hex(8)
        checkout, directory = self.folder / "checkouts" / run_id, self.folder / "attempts" / run_id
        for made in (checkout, directory):
            made.mkdir(parents=True)
            os.chown(made, *default_owner())
        (checkout / "main.py").write_text(code)
        request = ExecutionRequest(
            AttemptIdentity(run_id, 1, "benchmark", "lease"),
            checkout,
            Environment("bare", "", None, "python3"),
            directory,
            network="none",
        )
        confinement = Confinement("benchmark", default_owner(), HostPaths())
        return attempt_spec(request, self.image, confinement), request.identity.name


@asynccontextmanager
async def proxy(folder: Path) -> AsyncGenerator[str]:
    """Run the proxy as a user would; give its address."""
    address = f"unix://{folder}/sock"
    process = await asyncio.create_subprocess_exec(
        FASTFLOW,
        "docker-proxy",
        "--data-dir",
        str(folder),
        "--listen",
        address,
        stderr=subprocess.PIPE,
    )
    try:
        while process.stderr is not None and b"the Engine at" not in await process.stderr.readline():
            pass
        yield address
    finally:
        process.terminate()
        await process.communicate()


async def measure(rounds: int) -> dict[str, Any]:
    """Go both ways in turn; return what was measured."""
    engine = Engine(ENGINE)
    image = RunnerImage(engine, "")
    await image.ensure(lambda step: print(step, file=sys.stderr))
    await engine.close()
    with tempfile.TemporaryDirectory(prefix="ff-bench-") as name:
        folder = Path(name)
        os.chmod(folder, 0o755)  # noqa: S103 - attempts run as another user
        async with proxy(folder) as address:
            ways = {
                "direct": Way(ENGINE, image.reference, folder),
                "proxy": Way(address, image.reference, folder),
            }
            await _in_turn(ways, lambda way: way.round(), rounds)
            await _in_turn(ways, lambda way: way.stream(), 3)
            for way in ways.values():
                await way.containers.engine.close()
    return _result(ways["direct"], ways["proxy"], rounds)


async def _in_turn(ways: dict[str, Way], work: Callable[[Way], Awaitable[None]], rounds: int) -> None:
    """Every other round begins with the other way: neither is always the first on a cold cache."""
    for number in range(rounds):
        for way in list(ways.values())[:: 1 if number % 2 else -1]:
            await work(way)


def _result(direct: Way, through: Way, rounds: int) -> dict[str, Any]:
    calls: dict[str, Any] = {}
    for call in CALLS:
        floor = statistics.median(direct.milliseconds[call])
        median = statistics.median(through.milliseconds[call])
        calls[call] = {
            "direct_ms": round(floor, 2),
            "proxy_ms": round(median, 2),
            "added_ms": round(median - floor, 2),
            "ratio": round(median / floor, 2),
        }
    speeds = [round(statistics.median(way.log_mib_per_second), 1) for way in (direct, through)]
    return {
        "rounds": rounds,
        "calls": calls,
        "most_added_ms": max(call["added_ms"] for call in calls.values()),
        "log_mib_per_second": {"direct": speeds[0], "proxy": speeds[1]},
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=40)
    print(json.dumps(asyncio.run(measure(parser.parse_args().rounds)), indent=2))
