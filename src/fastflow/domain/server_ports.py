"""What the server needs to say how it does itself."""

from dataclasses import dataclass
from typing import Protocol

from fastflow.domain.finding import Finding


@dataclass(frozen=True, slots=True)
class Space:
    """Of the filesystem that holds the data directory."""

    free_bytes: int
    """What the server's user can still write."""
    total_bytes: int


@dataclass(frozen=True, slots=True)
class Size:
    """How much is stored."""

    size_bytes: int
    is_complete: bool
    """False: there is more, too much to be added up while somebody waits."""


class DataDirectory(Protocol):
    """Where everything is kept."""

    async def space(self) -> Space:
        """Say how much there is, and how much of it is left.

        Raises:
            Unavailable: `disk_failed`.
        """
        ...

    async def size(self) -> Size:
        """Add up what the data directory takes; looks for a moment only.

        Raises:
            Unavailable: `disk_failed`.
        """
        ...


class Host(Protocol):
    """The machine and the programs that the server stands on."""

    async def uv_version(self) -> str:
        """Return the version of uv that makes environments."""
        ...

    async def engine_version(self) -> str | None:
        """Return the version of the Docker Engine; None: none is used, or it does not answer."""
        ...

    async def examine(self) -> list[Finding]:
        """Look at all that runs need here. Takes a while; changes nothing."""
        ...
