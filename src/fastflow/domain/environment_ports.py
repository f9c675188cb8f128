"""What the inside asks of whoever makes and keeps environments."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Protocol

from fastflow.domain.environment import (
    BuiltEnvironment,
    Collected,
    Package,
    Prepared,
    Relocked,
    StoreBounds,
    StoreContents,
)


class Environments(Protocol):
    """Resolves, builds and keeps environments."""

    async def prepare(self, checkout: Path, python_version: str | None) -> Prepared:
        """Return the environment for that checkout, locking and building it if need be.

        Callers that ask for the same one at the same time share one build.

        Raises:
            EnvironmentFailed: the pipeline's requirements can't be met; the message is uv's.
            Unavailable: the toolbox, the network or the disk did not let us.
        """
        ...

    async def relock(self, checkout: Path, python_version: str | None) -> Relocked:
        """Lock to the newest packages there are, and build that; until it is there the former goes on.

        Raises:
            Conflict: `nothing_to_lock`, `locked_in_repository`.
            EnvironmentFailed, Unavailable: as `prepare`; the former lockfile stays.
        """
        ...

    async def locked_at(self, checkout: Path) -> datetime | None:
        """Say when that checkout's requirements were locked; None: never, or there is nothing to lock."""
        ...

    async def requirements(self, checkout: Path) -> list[str]:
        """Return what that checkout asks for as its authors wrote it, one requirement a line.

        Raises:
            EnvironmentFailed: a file that says so can't be read or understood.
        """
        ...

    async def look(self, environment_key: str) -> BuiltEnvironment | None:
        """Say what an environment holds; None where it is not kept, or is the bare interpreter."""
        ...

    async def locked_packages(self, lockfile_key: str) -> tuple[Package, ...] | None:
        """Return the packages of a lockfile by name; None where it is not kept any more."""
        ...

    async def contents(self) -> StoreContents:
        """Say what is kept, and what of the disk that takes; looks at every file.

        Raises:
            Unavailable: `disk_failed`.
        """
        ...

    async def collect(
        self, bounds: StoreBounds, in_use: Collection[str], *, is_rehearsal: bool = False
    ) -> Collected:
        """Delete what the store may not hold any more, never an environment in use or just asked for.

        Raises:
            Unavailable: something could not be deleted, or the toolbox did not let us clear the cache.
        """
        ...


@dataclass(frozen=True, slots=True)
class Completed:
    """How a command in the toolbox ended."""

    exit_code: int
    stdout: bytes
    stderr: bytes


class Toolbox(Protocol):
    """Where environments are built: a preparing container, or this machine.

    It sees the uv store (cache, environments, interpreters in one directory, writable) and one
    pipeline folder read-only; it has network, and no secrets.
    """

    @property
    def store(self) -> PurePosixPath:
        """The uv store as commands in the toolbox, and attempts, see it."""
        ...

    @property
    def platform_key(self) -> str:
        """What an environment built here depends on besides its lockfile: image id or machine."""
        ...

    @property
    def is_mounted(self) -> bool:
        """Whether attempts need the environment's directory mounted at its path below `store`."""
        ...

    async def run(
        self,
        arguments: Sequence[str],
        *,
        checkout: Path | None,
        time_limit: timedelta,
        stdin: bytes = b"",
    ) -> Completed:
        """Run a command with the checkout (if given) as its working directory.

        Raises:
            Unavailable: the toolbox can't be started, or the command exceeded its time.
        """
        ...
