"""What every product is asked for, and the processes that it consists of."""

import asyncio
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Protocol

import aiohttp
import psutil

READY: Final = "ready to be seen"
"""What the first line of every job says."""
FLOOD_LINES: Final = 20_000
JOBS: Final = {
    "tiny": f"print({READY!r}, flush=True)",
    "flood": f"print({READY!r}, flush=True)\nfor n in range({FLOOD_LINES}): print(f'line {{n}} of a flood')",
    "slow": f"import time\nprint({READY!r}, flush=True)\ntime.sleep(10)",
}
"""The programs, in plain Python; an adapter puts them in the form that its product asks for."""
POLLED_EVERY_SECONDS: Final = 0.05
START_SECONDS: Final = 240
RUN_SECONDS: Final = 240
_STOP_SECONDS: Final = 30


class Product(Protocol):
    """One orchestrator, as its users reach it over HTTP."""

    name: str
    isolation: str
    """What a run of it gets of its own."""
    setup: Sequence[str]
    """Shell commands that set it up on a bare machine, for the report and for `--set-up`."""
    processes: "Processes"

    async def start(self, folder: Path) -> None:
        """Start it with everything in that folder; return when it has the jobs and takes runs of them."""
        ...

    async def start_again(self) -> None:
        """Start it anew after its processes were killed."""
        ...

    async def version(self) -> str:
        """Return its version."""
        ...

    async def trigger(self, job: str) -> str:
        """Ask for a run; return its id."""
        ...

    async def first_line(self, job: str, run: str) -> None:
        """Return when a client can read the job's first line."""
        ...

    async def end(self, job: str, run: str) -> bool:
        """Return when its API says that the run has ended: whether it succeeded."""
        ...

    async def count_lines(self, job: str, run: str) -> int:
        """Return how many of the job's lines can be read."""
        ...

    async def list_runs(self) -> None:
        """Read the newest 50 runs."""
        ...

    async def close(self) -> None:
        """End it."""
        ...


class Processes:
    """What a product runs as: several programs, each with children of its own."""

    def __init__(self) -> None:
        self._roots: list[subprocess.Popen[bytes]] = []

    def spawn(
        self, command: Sequence[str | Path], folder: Path, name: str, variables: Mapping[str, str]
    ) -> None:
        """Start a program; what it says goes to a file of that name."""
        with (folder / f"{name}.log").open("ab") as log:
            self._roots.append(
                subprocess.Popen(
                    [str(part) for part in command],
                    cwd=folder,
                    env={**os.environ, **variables},
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            )

    def all(self) -> list[psutil.Process]:
        """Return every process of it that lives."""
        found: list[psutil.Process] = []
        for root in self._roots:
            with suppress(psutil.NoSuchProcess):
                process = psutil.Process(root.pid)
                found += [process, *process.children(recursive=True)]
        return [process for process in found if process.status() != psutil.STATUS_ZOMBIE]

    def memory_mib(self) -> float:
        """Return what they have of the memory together, shared pages once."""
        total = 0
        for process in self.all():
            with suppress(psutil.NoSuchProcess):
                total += process.memory_full_info().pss
        return total / 1024**2

    def cpu_seconds(self) -> float:
        """Return the processor time of those that live, by now."""
        total = 0.0
        for process in self.all():
            with suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                total += times.user + times.system
        return total

    def send(self, number: signal.Signals) -> None:
        """Send a signal to all."""
        for process in self.all():
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)

    def kill(self) -> None:
        """Kill all at once, children too, and reap them."""
        self.send(signal.SIGKILL)
        for root in self._roots:
            root.wait()
        self._roots.clear()

    async def end(self) -> None:
        """Ask them to end; kill what does not, also what has lost its parent by then."""
        every = self.all()
        for root in self._roots:
            root.terminate()
        deadline = time.monotonic() + _STOP_SECONDS
        while self.all() and time.monotonic() < deadline:
            await asyncio.sleep(0.1)
        self.kill()
        for process in every:
            with suppress(psutil.NoSuchProcess):
                process.kill()


class Http:
    """Asks a product's API, as JSON."""

    def __init__(self) -> None:
        self.url = ""
        self.headers: dict[str, str] = {}
        self._session: aiohttp.ClientSession | None = None

    @property
    def session(self) -> aiohttp.ClientSession:
        """Connections that are kept, as many as there are questions."""
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=START_SECONDS)
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=timeout)
        return self._session

    async def ask(self, method: str, path: str, body: object = None) -> Any:
        """Ask; return what was said.

        Raises:
            aiohttp.ClientError: it did not answer, or with an error.
        """
        async with self.session.request(method, self.url + path, json=body, headers=self.headers) as answer:
            if answer.status >= 400:
                raise aiohttp.ClientError(f"{method} {path}: {answer.status} {(await answer.text())[:300]}")
            return await answer.json(content_type=None)

    async def until_it_answers(self, path: str) -> None:
        """Return when that can be read.

        Raises:
            TimeoutError: it can't in four minutes.
        """
        async with asyncio.timeout(START_SECONDS):
            while True:
                try:
                    await self.ask("GET", path)
                except (aiohttp.ClientError, OSError):
                    await asyncio.sleep(0.2)
                else:
                    return

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None


async def until(condition: Callable[[], Any], seconds: float = RUN_SECONDS) -> Any:
    """Ask again and again, until the answer is something; return it.

    Raises:
        TimeoutError: it never was.
    """
    async with asyncio.timeout(seconds):
        while True:
            if found := await condition():
                return found
            await asyncio.sleep(POLLED_EVERY_SECONDS)


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def indented(code: str) -> str:
    """Return a program as the body of a function."""
    return "\n".join(f"    {line}" for line in code.splitlines())
