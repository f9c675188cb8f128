"""Runs attempts as local processes: the embedded executor where there is no Docker Engine."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path
from signal import SIGTERM, SIGUSR1, Signals
from typing import Final

from fastflow.adapters.process import shims
from fastflow.adapters.process.attempt import AttemptFolder
from fastflow.adapters.process.attempts import AttemptFolders
from fastflow.adapters.process.patience import Patience
from fastflow.adapters.process.tail import Tail
from fastflow.adapters.process.usage import Usage
from fastflow.domain.errors import Unavailable
from fastflow.domain.execution import ExecutionRequest, Found, StartKind
from fastflow.domain.log import Output, Sample, StreamCounts
from fastflow.domain.outcome import Ending
from fastflow.domain.ports import Readiness

_NOT_ISOLATED: Final = (
    "Attempts run as local processes of this user: no container, no file or network isolation, no CPU limit."
)
_KILL_LIMIT: Final = timedelta(seconds=10)
_SAMPLE_SECONDS: Final = 1.0


class ProcessExecutor:
    """Fulfils `ports.Executor` for Linux and macOS; several servers may share one `root`.

    Each attempt is a folder below `root`, its reference the folder's name. A shim (`shim.py`) is the
    payload's parent and writes down everything about it, so that a server may die and another go on.
    What a server wants to know it reads from that folder, looking every 5 to 50 ms.

    What it can't do: processes are not counted (`RLIMIT_NPROC` counts all of a user's, so it would hit the
    innocent), CPU is not limited, and memory is measured 20 times a second and killed beyond the limit, with
    a hard stop (`MemoryError`) for a single process at twice the limit. On Linux nothing that the payload
    starts outlives it, daemons included. Should the shim itself be killed, the payload dies with it and the
    executor kills what stayed in their session; only what had left the session escapes then. On macOS
    what left the session and lost its parent escapes always.
    """

    def __init__(self, root: Path, ca_bundle: Path | None = None) -> None:
        self._folders = AttemptFolders(root.absolute(), ca_bundle)

    @property
    def name(self) -> str:
        """What `/ready` shows."""
        return "process"

    @property
    def is_isolating(self) -> bool:
        """Never."""
        return False

    async def readiness(self) -> Readiness:
        """Say what is not isolated, or why the folder can't be written."""
        try:
            await asyncio.to_thread(self._folders.make_root)
        except OSError as error:
            return Readiness(False, f"The folder of the process executor can't be written: {error}.")
        return Readiness(True, _NOT_ISOLATED)

    async def start(self, request: ExecutionRequest) -> str:
        """Start a shim with the payload below it.

        In one thread from its beginning to its end: who is cancelled here leaves a started attempt.

        Raises:
            Conflict: `already_started`.
            Unavailable: `executor_unavailable`, `disk_full`. Nothing was left behind.
        """
        return await asyncio.to_thread(self._folders.start, request)

    def start_kind(self, reference: str) -> StartKind:
        """Always: nothing is made ahead."""
        del reference
        return StartKind.COLD

    def oci_runtime(self, reference: str) -> str | None:
        """Never one: there is no container."""
        del reference
        return None

    async def follow(self, reference: str, stored: StreamCounts) -> AsyncIterator[Sequence[Output]]:
        """Yield the output from the shim's file, which keeps it until `remove`."""
        tail = Tail(self._folders.find_one(reference), stored)
        patience = Patience()
        while not tail.is_over:
            batch = await asyncio.to_thread(tail.read)
            if batch:
                patience.reset()
                yield batch
            elif not tail.is_over:
                await patience.sleep()

    async def wait(self, reference: str) -> Ending:
        """Block until the shim has written the ending, or is dead without having done so."""
        folder = self._folders.find_one(reference)
        patience = Patience()
        while (ending := await asyncio.to_thread(folder.ending)) is None:
            await patience.sleep()
        return ending

    async def stop(self, reference: str, grace: timedelta) -> None:
        """Send SIGTERM to the payload's process group; after the grace kill all that the attempt started.

        Raises:
            Unavailable: `stop_failed`; the kernel does not let it be killed.
        """
        folder = self._folders.find_one(reference)
        if await self._end_by(folder, SIGTERM, grace):
            return
        if not await self._end_by(folder, SIGUSR1, _KILL_LIMIT):
            raise Unavailable("stop_failed", f"{reference} can't be killed.", {"reference": reference})

    async def stats(self, reference: str) -> AsyncIterator[Sample]:
        """Yield the CPU time and resident memory of everything below the shim, once a second."""
        usage = await asyncio.to_thread(Usage, self._folders.find_one(reference))
        while not await asyncio.to_thread(usage.is_over):
            await asyncio.sleep(_SAMPLE_SECONDS)
            sample = await asyncio.to_thread(usage.sample)
            if sample is not None:
                yield sample

    async def find(self) -> list[Found]:
        """List the attempts' folders, and finish what a crash left half removed."""
        return await asyncio.to_thread(self._folders.find)

    async def remove(self, reference: str) -> None:
        """Kill what runs, then delete the folder.

        Raises:
            Unavailable: `stop_failed`; the kernel does not let it be killed. A later `find` tries again.
        """
        await asyncio.to_thread(self._folders.remove, reference)

    async def close(self) -> None:
        """There is nothing to give up."""

    @staticmethod
    async def _end_by(folder: AttemptFolder, number: Signals, time_limit: timedelta) -> bool:
        started = await asyncio.to_thread(folder.started)
        if started is None or not await asyncio.to_thread(shims.send, started, number):
            return True
        patience = Patience()
        try:
            async with asyncio.timeout(time_limit.total_seconds()):
                while await asyncio.to_thread(folder.ending) is None:
                    await patience.sleep()
        except TimeoutError:
            return False
        return True
