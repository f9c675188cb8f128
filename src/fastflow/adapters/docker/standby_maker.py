"""Makes one container that waits for an attempt, and throws it away."""

import asyncio
import io
import os
import secrets
import shutil
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from fastflow.adapters.docker import inside
from fastflow.adapters.docker.container_spec import Confinement, Mould, standby_spec
from fastflow.adapters.docker.containers import Containers
from fastflow.adapters.docker.init_pipe import make_pipe, reader_of
from fastflow.adapters.docker.keeper import WALLED, Walls
from fastflow.adapters.docker.live_attempt import LiveAttempt, watched_before_start
from fastflow.adapters.docker.namespaces import Namespaces
from fastflow.domain.errors import FastFlowError, NotFound, Unavailable
from fastflow.domain.execution import SPARE_DIRECTORY

_READY_WITHIN: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Standby:
    """A container that waits for its attempt."""

    container: str
    keeper: str | None
    directory: Path
    """On this host; it will become the attempt's."""
    mould: Mould
    walls: Walls | None
    inodes: tuple[tuple[int, int] | None, ...]
    """Of what it has mounted: a path may lead elsewhere by now, a mount never does."""
    live: LiveAttempt
    pipe: io.FileIO
    """The end that is written to. When it is closed, the container ends."""

    @property
    def has_ended(self) -> bool:
        """Whether it is of no use any more."""
        return self.live.exit_watch.is_over


class StandbyMaker:
    """Makes them in directories below `root`, each behind walls of its own where its network has any."""

    def __init__(
        self, containers: Containers, confinement: Confinement, namespaces: Namespaces, root: Path
    ) -> None:
        self._containers = containers
        self._confinement = confinement
        self._namespaces = namespaces
        self._root = root
        self.creating = asyncio.Lock()
        """Held from the request to the answer: the Engine lists a container before it tells its id."""
        self.ours: set[str] = set()
        """Those that wait, are being made, or are being handed over."""
        self.directories: set[Path] = set()
        """Theirs."""

    async def make(self, mould: Mould) -> Standby:
        """Return one that waits.

        Raises:
            Unavailable: of the Engine, the image or the disk. Nothing was left behind.
        """
        walls, inodes = await self._walls_of(mould), await asyncio.to_thread(_inodes, mould)
        keeper = await self._namespaces.take() if mould.network == WALLED else None
        directory = self._root / f"{SPARE_DIRECTORY}{secrets.token_hex(8)}"
        self.directories.add(directory)
        container, live = None, None
        try:
            await asyncio.to_thread(_make_directory, directory, self._confinement)
            container = await self._create(standby_spec(mould, directory, self._confinement, keeper))
            live = await watched_before_start(self._containers, container, directory)
            live.oci_runtime = self._confinement.runtime.name
            await self._containers.start(container)
            pipe = await _opened(directory / inside.HANDOVER_PIPE, live)
        except BaseException as error:
            await asyncio.shield(self._discard(container, keeper, live))
            await asyncio.to_thread(shutil.rmtree, directory, ignore_errors=True)
            self.directories.discard(directory)
            if isinstance(error, NotFound):
                raise Unavailable("executor_unavailable", error.message, error.fields) from error
            raise
        return Standby(container, keeper, directory, mould, walls, inodes, live, pipe)

    async def is_as_it_was(self, standby: Standby) -> bool:
        """Return whether one that is made now would see the same code and packages behind the same walls."""
        walls = await self._walls_of(standby.mould)
        return walls == standby.walls and standby.inodes == await asyncio.to_thread(_inodes, standby.mould)

    async def throw_away(self, standby: Standby) -> None:
        """Remove it with all that was made for it. Where the Engine is away, the next start does that."""
        standby.pipe.close()
        await self._discard(standby.container, standby.keeper, standby.live)
        await asyncio.to_thread(shutil.rmtree, standby.directory, ignore_errors=True)
        self.directories.discard(standby.directory)

    def forget(self, standby: Standby) -> None:
        """It is an attempt's from now on."""
        self.ours.discard(standby.container)
        self.directories.discard(standby.directory)

    async def _create(self, spec: dict[str, object]) -> str:
        async with self.creating:
            container = await self._containers.create(f"fastflow-standby-{secrets.token_hex(8)}", spec)
            self.ours.add(container)
        return container

    async def _walls_of(self, mould: Mould) -> Walls | None:
        return await self._namespaces.walls() if mould.network == WALLED else None

    async def _discard(self, container: str | None, keeper: str | None, live: LiveAttempt | None) -> None:
        if live is not None:
            await live.close()
        if container is not None:
            with suppress(FastFlowError):
                await self._containers.remove(container)
            self.ours.discard(container)
        if keeper is not None:
            await self._namespaces.discard(keeper)


async def _opened(path: Path, live: LiveAttempt) -> io.FileIO:
    try:
        async with asyncio.timeout(_READY_WITHIN.total_seconds()):
            pipe = await reader_of(path, lambda: live.exit_watch.is_over)
    except TimeoutError as error:
        raise Unavailable(
            "executor_unavailable",
            "A container made ahead did not open its pipe. The Engine has to run on this machine; where it "
            "does not, STANDBY_CONTAINERS=0 saves the attempt.",
        ) from error
    if pipe is None:
        raise Unavailable("executor_unavailable", "A container made ahead ended by itself.")
    return io.FileIO(pipe, "wb")


def _make_directory(directory: Path, confinement: Confinement) -> None:
    directory.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    directory.mkdir(mode=0o700)
    uid, gid = confinement.owner
    if os.geteuid() == 0:
        os.chown(directory, uid, gid)
    elif os.geteuid() != uid:
        directory.chmod(0o777)
    make_pipe(directory / inside.HANDOVER_PIPE, confinement.owner)


def _inodes(mould: Mould) -> tuple[tuple[int, int] | None, ...]:
    paths = (mould.checkout, mould.environment.directory)
    return tuple(_inode(path) for path in paths if path is not None)


def _inode(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
