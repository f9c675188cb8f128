"""The words for dependencies: what a pipeline asks for, what it was locked to, what was built."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple

from fastflow.domain.errors import FastFlowError

NETWORK_VARIABLES: Final = (
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
    "UV_INDEX",
    "UV_INDEX_URL",
    "UV_EXTRA_INDEX_URL",
    "UV_DEFAULT_INDEX",
    "UV_FIND_LINKS",
    "UV_INDEX_STRATEGY",
    "UV_KEYRING_PROVIDER",
    "UV_INSECURE_HOST",
    "UV_NATIVE_TLS",
    "UV_HTTP_TIMEOUT",
    "UV_PYTHON_INSTALL_MIRROR",
    "PIP_EXTRA_INDEX_URL",
)
"""What reaches the preparing step from the server's own environment; attempts get none of it."""


class DependencySource(StrEnum):
    """Which file of the pipeline says what it needs."""

    PROJECT = "pyproject.toml"
    """`pyproject.toml` with a `uv.lock` beside it."""
    REQUIREMENTS = "requirements.txt"
    SCRIPT = "main.py"
    """PEP 723 metadata at the top of `main.py`."""
    NONE = "none"


class EnvironmentStatus(StrEnum):
    """How far the environment of a pipeline's present revision is prepared."""

    UNKNOWN = "unknown"
    """Nobody has asked for it yet."""
    WAITING = "waiting"
    BUILDING = "building"
    READY = "ready"
    FAILED = "failed"
    """The requirements can't be met; the reason is uv's own."""


@dataclass(frozen=True, slots=True)
class Environment:
    """An interpreter and the installed packages of one lockfile. Built once, then never written."""

    key: str
    """Hash of lockfile, interpreter and platform."""
    lockfile_key: str
    """Hash of the resolved requirements; empty where nothing is required."""
    directory: Path | None
    """Where it lies on this host; None for the bare interpreter of the image."""
    python: str
    """The interpreter as an attempt sees it, for example `/fastflow/uv/env/<key>/bin/python`."""
    mount: PurePosixPath | None = None
    """Where an isolating executor has to mount `directory`; None where nothing is mounted."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """An environment, and how long its caller waited for it."""

    environment: Environment
    lock_seconds: float = 0.0
    """For interpreter and lockfile; 0 where both were known."""
    build_seconds: float = 0.0
    """For the packages to be there; 0 where they were."""


@dataclass(frozen=True, slots=True)
class Relocked:
    """What came of locking anew."""

    environment: Environment
    """Built already."""
    former_lockfile_key: str | None
    """None: it had never been locked."""


class Package(NamedTuple):
    """One installed distribution."""

    name: str
    """Normalised: lower case, with hyphens."""
    version: str
    """Or where it comes from, of one that was not taken from an index."""


@dataclass(frozen=True, slots=True)
class BuiltEnvironment:
    """What is known of an environment that has been built."""

    python_version: str
    packages: tuple[Package, ...]
    """By name."""
    size_bytes: int
    """Of all its files, those that it shares with the cache too."""
    built_at: datetime


@dataclass(frozen=True, slots=True)
class KeptEnvironment:
    """An environment on disk."""

    key: str
    lockfile_key: str
    python_version: str
    disk_bytes: int
    """Its share of the disk: of a file that several environments or the cache hold it counts a part."""
    built_at: datetime
    last_used_at: datetime
    """When it was last asked for; up to an hour before that."""


@dataclass(frozen=True, slots=True)
class StoreContents:
    """What the store of environments holds. The shares of the disk add up to what it takes."""

    environments: tuple[KeptEnvironment, ...]
    """The one used last comes first."""
    cache_bytes: int
    """The share of uv's package cache."""
    cache_only_bytes: int
    """What of the cache no environment holds too."""

    @property
    def total_bytes(self) -> int:
        """What environments and cache take of the disk."""
        return self.cache_bytes + sum(each.disk_bytes for each in self.environments)


@dataclass(frozen=True, slots=True)
class StoreBounds:
    """What the store may hold."""

    unused_for: timedelta = timedelta(days=30)
    """An environment that nobody asked for in that long goes."""
    max_bytes: int | None = None
    """Above it, those unused for longest go, then the cache; None: any size."""
    keeps_cache: bool = True
    """False: the cache goes too, whatever its size."""


@dataclass(frozen=True, slots=True)
class Collected:
    """What was deleted from the store, or would be."""

    environments: tuple[KeptEnvironment, ...] = ()
    has_cleared_cache: bool = False
    freed_bytes: int = 0
    """Measured; of a rehearsal an estimate."""


JUST_USED: Final = timedelta(hours=2)
"""Twice as long as the time of use may be off. What was asked for since then may be about to be mounted."""


def surplus(
    contents: StoreContents, bounds: StoreBounds, in_use: Collection[str], now: datetime
) -> tuple[tuple[KeptEnvironment, ...], bool]:
    """Return the environments that have to go, and whether the cache has to: never one in use."""
    spare = [
        each
        for each in reversed(contents.environments)
        if each.key not in in_use and now - each.last_used_at >= JUST_USED
    ]
    gone = [each for each in spare if now - each.last_used_at >= bounds.unused_for]
    if bounds.max_bytes is None:
        return tuple(gone), not bounds.keeps_cache
    excess = contents.total_bytes - bounds.max_bytes - sum(each.disk_bytes for each in gone)
    clears_cache = excess > 0 or not bounds.keeps_cache
    excess -= contents.cache_only_bytes
    for each in spare[len(gone) :]:
        if excess <= 0:
            break
        gone.append(each)
        excess -= each.disk_bytes
    return tuple(gone), clears_cache


class EnvironmentFailed(FastFlowError):
    """The pipeline's requirements can't be resolved or installed; the message is uv's own."""

    def __init__(self, message: str) -> None:
        super().__init__("environment_failed", message)
