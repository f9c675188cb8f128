"""The words for dependencies: what a pipeline asks for, what it was locked to, what was built."""

from dataclasses import dataclass
from datetime import datetime
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


class EnvironmentFailed(FastFlowError):
    """The pipeline's requirements can't be resolved or installed; the message is uv's own."""

    def __init__(self, message: str) -> None:
        super().__init__("environment_failed", message)
