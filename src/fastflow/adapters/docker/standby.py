"""Keeps containers ready for attempts that are not known yet: started, walled off, with nothing to execute.

Each serves one attempt and is thrown away. What was started last is what is made ready: of the last few
attempts one like each, so that a pipeline that runs often has several, and one that ran long ago has none.
"""

import asyncio
import os
import shutil
import time
from collections import deque
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Final

import structlog

from fastflow.adapters.docker import labels
from fastflow.adapters.docker.container_spec import Confinement, Mould
from fastflow.adapters.docker.containers import Containers
from fastflow.adapters.docker.engine import Engine
from fastflow.adapters.docker.hand_over import can_be_handed_over, hand_over, has_not_begun, take_back
from fastflow.adapters.docker.image_choice import ImageChoice
from fastflow.adapters.docker.namespaces import SWEPT_EVERY, Namespaces
from fastflow.adapters.docker.patience import Patience
from fastflow.adapters.docker.standby_maker import Standby, StandbyMaker
from fastflow.adapters.docker.standby_records import StandbyRecord, StandbyRecords
from fastflow.domain.errors import FastFlowError, Unavailable
from fastflow.domain.execution import SPARE_DIRECTORY, ExecutionRequest

WANTED_FOR: Final = timedelta(minutes=30)
"""So long after an attempt one more like it is expected."""
_LOOKED_AFTER_EVERY: Final = timedelta(minutes=1)
log = structlog.get_logger()


class StandbyContainers:
    """Up to `most` of them, in directories below `root`; zero: none is ever made."""

    def __init__(
        self,
        engine: Engine,
        image: ImageChoice,
        confinement: Confinement,
        namespaces: Namespaces,
        records: StandbyRecords,
        root: Path,
        most: int,
    ) -> None:
        self._containers = Containers(engine)
        self._image = image
        self._installation = confinement.installation
        self._maker = StandbyMaker(self._containers, confinement, namespaces, root)
        self._records = records
        self._root = root
        self._wanted: deque[tuple[Mould, float]] = deque(maxlen=most)
        self._idle: list[Standby] = []
        self._leaving: set[asyncio.Task[None]] = set()
        self._change = asyncio.Event()
        self._cold_starts = 0

    @property
    def ready(self) -> int:
        """How many wait."""
        return len(self._idle)

    async def take(self, request: ExecutionRequest) -> Standby | None:
        """Return one that fits, which nobody else gets then; None: the attempt's has to be made.

        Raises:
            Unavailable: `image_missing`.
        """
        if not self._idle or not can_be_handed_over(request):
            return None
        mould = Mould.of(request, self._image.reference)
        fitting = next((each for each in self._idle if each.mould == mould), None)
        if fitting is None:
            return None
        self._idle.remove(fitting)
        self._change.set()
        if not fitting.has_ended and await self._maker.is_as_it_was(fitting):
            return fitting
        self._let_go(fitting)
        return None

    async def hand_over(self, standby: Standby, request: ExecutionRequest) -> bool:
        """Make it the container of that attempt; False: it is gone, and nothing was executed.

        Raises:
            Unavailable: `disk_failed`. It is gone, and nothing was executed.
        """
        is_taken = False
        try:
            is_taken = await hand_over(standby, request, self._records)
        finally:
            # Who is cancelled after the program has begun leaves it running, to be adopted.
            if not is_taken:
                is_taken = not await asyncio.shield(self._take_back(standby, request))
            self._maker.forget(standby)
        return is_taken

    def want(self, request: ExecutionRequest) -> None:
        """Have one made like this attempt's, for another may follow. Earlier code of its pipeline is past."""
        if not can_be_handed_over(request):
            return
        try:
            mould = Mould.of(request, self._image.reference)
        except Unavailable:  # the image is gone meanwhile: nothing can be made, and the attempt runs
            return
        for each in [*self._wanted]:
            if each[0].pipeline == mould.pipeline and each[0].checkout != mould.checkout:
                self._wanted.remove(each)
        self._wanted.append((mould, time.monotonic()))
        self._change.set()

    def cold_start_begins(self) -> None:
        """A container is made for an attempt: until it runs, none is made ahead."""
        self._cold_starts += 1

    def cold_start_is_over(self) -> None:
        """It runs, or could not be made."""
        self._cold_starts -= 1
        self._change.set()

    async def keep_ready(self) -> None:
        """Have those ready that are wanted, one after the other while nothing else starts. Never returns."""
        patience, swept_at = Patience(), float("-inf")
        while True:
            self._change.clear()
            try:
                if time.monotonic() - swept_at >= SWEPT_EVERY.total_seconds():
                    await self.remove_leftovers()
                    swept_at = time.monotonic()
                self._drop_unwanted()
                wanted = None if self._cold_starts else self._missing()
                if wanted is not None:
                    self._idle.append(await self._maker.make(wanted))
                    patience.reset()
                    continue
            except FastFlowError as error:
                log.warning("no container could be made ahead", reason=error.message)
                await patience.sleep()
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOKED_AFTER_EVERY.total_seconds()):
                    await self._change.wait()

    async def records(self) -> dict[str, StandbyRecord]:
        """Return whose those are that have become an attempt's, by container."""
        return dict(await asyncio.to_thread(self._records.every))

    async def forget(self, container: str) -> None:
        """It is removed, whatever it was."""
        await asyncio.to_thread(self._records.remove, container)

    async def remove_leftovers(self) -> int:
        """Remove those of servers that died while they waited; return how many.

        Raises:
            Unavailable: `executor_unavailable`.
        """
        async with self._maker.creating:
            listed = await self._containers.list(labels.common(labels.Kind.STANDBY, self._installation))
            records = await self.records()
            left = {each.id for each in listed} - self._maker.ours - records.keys()
        for container in left:
            await self._containers.remove(container)
        for container in records.keys() - {each.id for each in listed}:
            await self.forget(container)
        in_use = self._maker.directories | {each.made_in for each in records.values()}
        await asyncio.to_thread(_remove_directories, self._root, in_use)
        return len(left)

    async def close(self) -> None:
        """Throw away those that wait."""
        while self._idle:
            self._let_go(self._idle.pop())
        await asyncio.gather(*self._leaving)

    async def _take_back(self, standby: Standby, request: ExecutionRequest) -> bool:
        """Undo the hand-over; False: it has begun meanwhile, and what became of it is the attempt's end."""
        if not await asyncio.to_thread(has_not_begun, standby, request):
            return False
        log.warning("a container made ahead did not take its attempt", run_id=request.identity.run_id)
        standby.pipe.close()
        await self._containers.remove(standby.container)
        # Looked at once more, now that nothing can begin in there any more.
        if not await asyncio.to_thread(has_not_begun, standby, request):
            return False
        await asyncio.to_thread(take_back, standby, request, self._records)
        await self._maker.throw_away(standby)
        return True

    def _missing(self) -> Mould | None:
        """Return the newest that is wanted and of which there are too few."""
        idle = [each.mould for each in self._idle]
        for mould, _ in reversed(self._wanted):
            if mould not in idle:
                return mould
            idle.remove(mould)
        return None

    def _drop_unwanted(self) -> None:
        oldest = time.monotonic() - WANTED_FOR.total_seconds()
        while self._wanted and self._wanted[0][1] < oldest:
            self._wanted.popleft()
        wanted = [mould for mould, _ in self._wanted]
        for each in [*self._idle]:
            if each.mould in wanted and not each.has_ended:
                wanted.remove(each.mould)
            else:
                self._idle.remove(each)
                self._let_go(each)

    def _let_go(self, standby: Standby) -> None:
        """Throw it away; nobody waits for that but `close`."""
        leaving = asyncio.create_task(self._maker.throw_away(standby))
        self._leaving.add(leaving)
        leaving.add_done_callback(self._leaving.discard)


def _remove_directories(root: Path, in_use: set[Path]) -> None:
    if not root.is_dir():
        return
    for entry in list(os.scandir(root)):
        if entry.name.startswith(SPARE_DIRECTORY) and Path(entry.path) not in in_use:
            shutil.rmtree(entry.path, ignore_errors=True)
