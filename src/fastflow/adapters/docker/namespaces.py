"""Makes network namespaces ahead of the runs that join them; each serves one container and is thrown away."""

import asyncio
import secrets
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog

from fastflow.adapters.docker import labels
from fastflow.adapters.docker.container_spec import Confinement
from fastflow.adapters.docker.containers import Containers
from fastflow.adapters.docker.engine import Answer, Engine
from fastflow.adapters.docker.engine_types import Listed
from fastflow.adapters.docker.exit_watch import ExitWatch
from fastflow.adapters.docker.frames import Frames
from fastflow.adapters.docker.image_choice import ImageChoice
from fastflow.adapters.docker.keeper import READY, Walls, keeper_spec
from fastflow.adapters.docker.patience import Patience
from fastflow.domain.errors import FastFlowError, NotFound, Unavailable
from fastflow.domain.log import Stream

SWEPT_EVERY: Final = timedelta(minutes=10)
_READY_WITHIN: Final = timedelta(seconds=60)
_NO_WALLS: Final = (
    "The walls around the network of runs can't be put up: {}. They need Linux 4.17 or newer on the Engine's "
    "host, and python3 in the runner image. Or make a walled network with scripts/run-network and name it "
    "in RUN_NETWORK; RUN_NETWORK=bridge is without walls."
)
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Keeper:
    """One that nobody has joined yet."""

    container: str
    walls: Walls
    watch: ExitWatch


class Namespaces:
    """Namespaces behind walls, some of them made ahead. `walls` says what is behind; it may block."""

    def __init__(
        self,
        engine: Engine,
        image: ImageChoice,
        confinement: Confinement,
        walls: Callable[[], Walls],
        ahead: int = 0,
    ) -> None:
        self._containers = Containers(engine)
        self._image = image
        self._confinement = confinement
        self._walls = walls
        self._ahead = ahead
        self._idle: deque[_Keeper] = deque()
        self._ours: set[str] = set()
        self._creating = asyncio.Lock()
        """Held from the request to the answer: the Engine lists a container before it tells its id."""
        self._one_was_taken = asyncio.Event()
        self.problem = ""
        """Why the last one could not be made; empty where it could."""

    async def walls(self) -> Walls:
        """Return the walls of this moment."""
        return await asyncio.to_thread(self._walls)

    @property
    def ready(self) -> int:
        """How many can be taken without waiting."""
        return len(self._idle)

    async def take(self) -> str:
        """Return the container whose namespace the caller may join, once; it has to `release` it.

        One whose walls would be others by now is not given.

        Raises:
            Unavailable: `executor_unavailable`, `image_missing`, `disk_full`. Nothing was left behind.
        """
        walls = await self.walls()
        while self._idle:
            keeper = self._idle.popleft()
            self._one_was_taken.set()
            if not keeper.watch.has_seen_an_end and keeper.walls == walls:
                return await self._given(keeper)
            await self._throw_away(keeper)
        return await self._given(await self._make(walls))

    async def is_open(self, container: str) -> bool:
        """Return whether that namespace can be joined still.

        Raises:
            Unavailable: `executor_unavailable`.
        """
        try:
            return (await self._containers.inspect(container)).state.is_running
        except NotFound:
            return False

    async def release(self, container: str) -> None:
        """Throw it away; return when it is gone.

        Raises:
            Unavailable: `executor_unavailable`; it can be tried again.
        """
        await self._containers.remove(container)
        self._ours.discard(container)

    async def keep_ahead(self, swept_every: timedelta = SWEPT_EVERY) -> None:
        """Have some ready at any time, and remove now and then what nobody uses any more. Never returns."""
        patience, swept_at = Patience(), float("-inf")
        while True:
            self._one_was_taken.clear()
            try:
                if time.monotonic() - swept_at >= swept_every.total_seconds():
                    await self.remove_leftovers()
                    swept_at = time.monotonic()
                while len(self._idle) < self._ahead:
                    self._idle.append(await self._make(await self.walls()))
            except FastFlowError as error:
                if error.message != self.problem:
                    log.warning("no network namespace could be made ahead", reason=error.message)
                self.problem = error.message
                await patience.sleep()
                continue
            patience.reset()
            with suppress(TimeoutError):
                async with asyncio.timeout(swept_every.total_seconds()):
                    await self._one_was_taken.wait()

    async def remove_leftovers(self) -> int:
        """Remove those of servers that died, and those that could not be removed; return how many.

        Those that something has joined stay, and those that are ready or taken.

        Raises:
            Unavailable: `executor_unavailable`.
        """
        async with self._creating:
            left = await self._left()
        for container in left:
            await self._containers.remove(container)
        return len(left)

    async def _left(self) -> set[str]:
        async def every(kind: labels.Kind) -> list[Listed]:
            return await self._containers.list(labels.common(kind, self._confinement.installation))

        kept = await every(labels.Kind.NAMESPACE)
        joining = (labels.Kind.ATTEMPT, labels.Kind.STANDBY, labels.Kind.PREPARATION)
        others = [container for kind in joining for container in await every(kind)]
        joined = {labels.namespace_from(container.labels) for container in others}
        return {keeper.id for keeper in kept} - joined - self._ours

    async def close(self) -> None:
        """Throw away those that nobody has joined."""
        while self._idle:
            await self._throw_away(self._idle.popleft())

    async def _given(self, keeper: _Keeper) -> str:
        try:
            await keeper.watch.close()
        except asyncio.CancelledError:
            await asyncio.shield(self.discard(keeper.container))
            raise
        return keeper.container

    async def _throw_away(self, keeper: _Keeper) -> None:
        await asyncio.gather(keeper.watch.close(), self.discard(keeper.container))

    async def _make(self, walls: Walls) -> _Keeper:
        return await self._confinement.runtime.or_without(lambda: self._make_one(walls))

    async def _make_one(self, walls: Walls) -> _Keeper:
        spec = keeper_spec(self._image.reference, walls, self._confinement)
        name = f"fastflow-namespace-{secrets.token_hex(8)}"
        try:
            async with self._creating:
                container = await self._containers.create(name, spec)
                self._ours.add(container)
        except NotFound as error:
            raise Unavailable("image_missing", error.message, error.fields) from error
        try:
            async with asyncio.timeout(_READY_WITHIN.total_seconds()):
                watch = await self._walled(container)
        except TimeoutError as error:
            self._confinement.runtime.doubt()
            await self.discard(container)
            raise _failed(f"it took longer than {_READY_WITHIN.total_seconds():.0f} s") from error
        except NotFound as error:
            await self.discard(container)
            raise Unavailable("executor_unavailable", error.message, error.fields) from error
        except BaseException:
            await asyncio.shield(self.discard(container))
            raise
        self.problem = ""
        return _Keeper(container, walls, watch)

    async def _walled(self, container: str) -> ExitWatch:
        """Start it and wait until its walls are up."""
        async with await self._containers.attach(container) as output:
            waiting = await self._containers.wait(container, is_unstarted=True)
            try:
                await self._containers.start(container)
                await _until_ready(output)
            except BaseException:
                waiting.close()
                raise
        return ExitWatch(self._containers, container, waiting)

    async def discard(self, container: str) -> None:
        """Throw it away; where the Engine is away, that is done at the next sweep."""
        self._ours.discard(container)
        with suppress(FastFlowError):
            await self._containers.remove(container)


async def _until_ready(output: Answer) -> None:
    frames, said = Frames(), b""
    while chunk := await output.read_some():
        for stream, payload in frames.feed(chunk):
            if stream is Stream.STDOUT and payload.strip() == READY.encode():
                return
            said = (said + payload)[-500:]
    raise _failed(said.decode(errors="replace").strip().rpartition("\n")[2] or "the keeper ended silently")


def _failed(reason: str) -> Unavailable:
    return Unavailable("executor_unavailable", _NO_WALLS.format(reason))
