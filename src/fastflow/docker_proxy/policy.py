"""What the proxy lets through: decided once, when it starts.

Paths of the host are without links, as they were then: were they looked at anew, whoever can write them could
move the walls.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Shape:
    """How the containers of this version look; given by the part that makes them.

    Paths are those inside of a container.
    """

    command_prefix: tuple[str, ...]
    """What every attempt's command begins with: the shell and the script that is its init."""
    code_directory: str
    run_directory: str
    store_directory: str
    temporary_directory: str
    secrets_directory: str
    """In memory; there where an attempt gets secrets as files."""
    certificates: str
    managed_label: str
    kind_label: str
    attempt_kind: str
    preparation_kind: str
    standby_kind: str
    """Waits for what to execute; otherwise like an attempt's."""
    keeper_kind: str
    installation_label: str
    namespace_label: str
    """On a container that joins a keeper's namespace: the keeper's id."""
    walled: str
    """Named among networks: namespaces of our own keepers may be made and joined."""
    attempt_labels: frozenset[str]
    """Those that only an attempt carries, beside the ones above."""
    announcement: str
    """Header of every answer, with our version: by it the server knows what it talks to."""
    oldest_version: tuple[int, int]
    newest_version: tuple[int, int]
    """Of the Engine API: what the two sides may agree on."""


@dataclass(frozen=True, slots=True)
class Maxima:
    """How much one container may have. None: as much as the Engine's host has."""

    memory_bytes: int | None
    cpu_nanos: int | None
    processes: int
    temporary_bytes: int


@dataclass(frozen=True, slots=True)
class KeeperRules:
    """How a container looks that keeps a network namespace for another one."""

    body: Mapping[str, Any]
    """Of `containers/create`, without image and labels; `Cmd` without the last argument, the walls."""
    denied: frozenset[IPv4Network | IPv6Network]
    """Behind the walls in any case."""
    allowed: frozenset[IPv4Network | IPv6Network]
    """What walls may leave open."""
    of_this_machine: Callable[[], set[str]] = set
    """Networks that are put behind all walls beside what is asked for: a server in a container does not know
    the addresses of its host."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything that is allowed; what is not here is refused."""

    shape: Shape
    name: str
    """Written on every container that this proxy creates; it touches no other."""
    images: frozenset[str]
    """References with their tag or digest."""
    networks: frozenset[str]
    read_roots: tuple[Path, ...]
    """On the Engine's host: below these, containers may be given files and folders to read."""
    write_roots: tuple[Path, ...]
    """Below these, an attempt may be given its own folder to write."""
    store: Path
    """The uv store, which preparing containers write."""
    user: str
    """`uid:gid` of every container."""
    secrets_tmpfs: str
    """How the folder for secrets is mounted for that user."""
    maxima: Maxima
    runtimes: frozenset[str] = frozenset()
    """OCI runtimes that may be named, besides the Engine's default, which is not."""
    keepers: KeeperRules | None = None
    """None: there are none, and nobody's namespace is joined."""
    server_container: str = ""
    """Name of the container that the server runs in, whose mounts it may ask for."""
    hosts: frozenset[str] = field(default_factory=frozenset[str])
    """The values of the Host header that are answered; empty: any, on a socket of the file system."""
