"""Translates the server's paths into the Engine host's, where the server itself runs in a container."""

import json
import os
import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fastflow.adapters.docker.containers import Containers
from fastflow.adapters.docker.engine import Engine
from fastflow.adapters.docker.engine_types import Mount
from fastflow.domain.errors import Invalid, NotFound

_CONTAINER_ID: Final = re.compile(r"(?:/containers/|/docker[/-])([0-9a-f]{64})(?![0-9a-f])")
"""In the mount table the directory of /etc/hostname and the like; in the cgroup table the cgroup's name."""
_MARKERS: Final = (Path("/.dockerenv"), Path("/run/.containerenv"))


@dataclass(frozen=True, slots=True)
class HostPaths:
    """Where the server's paths lie on the Engine's host. `mounts` None: on the host itself."""

    mounts: Sequence[Mount] | None = None

    def translate(self, path: Path) -> str:
        """Return the path as the Engine has to be told.

        Raises:
            Invalid: `path_not_mounted`; the path exists in the server's container only.
        """
        text = os.path.abspath(path)
        if self.mounts is None:
            return text
        covering = [mount for mount in self.mounts if mount.source and _is_below(text, mount.destination)]
        if not covering:
            raise Invalid(
                "path_not_mounted",
                f"The server runs in a container, and {text} lies in none of its mounts: other containers "
                "can't see it. Mount a host directory there, or move the setting into one that is mounted.",
                {"path": text},
            )
        mount = max(covering, key=lambda mount: len(mount.destination))
        return os.path.normpath(os.path.join(mount.source, os.path.relpath(text, mount.destination)))

    def is_visible(self, path: Path) -> bool:
        """Return whether other containers can be given that path."""
        try:
            self.translate(path)
        except Invalid:
            return False
        return True


async def find_host_paths(containers: Containers, candidates: Sequence[str]) -> HostPaths:
    """Ask the Engine for our own mounts; `candidates` come from `own_container_candidates`.

    Raises:
        Unavailable: the Engine does not answer.
        Invalid: `own_container_unknown`; we are in a container that this Engine does not know.
    """
    if not candidates:
        return HostPaths()
    for candidate in candidates:
        try:
            return HostPaths((await containers.inspect(candidate)).mounts)
        except NotFound:
            continue
    if await _is_engine_of_this_machine(containers.engine):
        return HostPaths()
    raise Invalid(
        "own_container_unknown",
        f"The server runs in a container that the Engine at {containers.engine.address} does not know, so "
        "its mounts can't be translated. Use the Engine that started the server.",
    )


async def _is_engine_of_this_machine(engine: Engine) -> bool:
    """Whether the Engine names its host as this machine names itself: it runs beside us, not around us.

    A virtual machine made from an image, or a container with an Engine of its own, bears the marks of a
    container although its paths are the Engine's.
    """
    facts = json.loads(await engine.call("GET", "/info"))
    return facts.get("Name") == socket.gethostname()


def own_container_candidates() -> list[str]:
    """Return ids that may be this process's container; empty outside of one. Blocks on small files."""
    if not any(marker.exists() for marker in _MARKERS):
        return []
    texts = (_read("/proc/self/mountinfo"), _read("/proc/self/cgroup"))
    return candidates_in(texts, _read("/etc/hostname"))


def candidates_in(texts: Sequence[str], hostname: str) -> list[str]:
    """Return the container ids in mount and cgroup tables, then the host's name, without repetition."""
    found = [match[1] for text in texts for match in _CONTAINER_ID.finditer(text)]
    return list(dict.fromkeys([*found, *hostname.split()]))


def _is_below(path: str, directory: str) -> bool:
    return path == directory or path.startswith(directory.rstrip("/") + "/")


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
