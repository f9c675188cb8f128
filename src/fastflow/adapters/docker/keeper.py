"""Decides how a keeper is made: the container that holds a run's network namespace, with walls around it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fastflow.adapters.docker import inside, labels
from fastflow.adapters.docker.container_spec import Confinement

WALLED: Final = "walled"
"""Named instead of a Docker network: Docker's usual one, behind walls of our own."""
READY: Final = "walls are up"
"""What the keeper prints when they are; the same word as in `runner/walls.py`."""
NETWORK: Final = "bridge"
_SCRIPT: Final = (Path(__file__).with_name("runner") / "walls.py").read_text(encoding="utf-8")
_PROCESSES: Final = 16
_MEMORY_BYTES: Final = 64 * 1024**2


@dataclass(frozen=True, slots=True)
class Walls:
    """Networks (CIDR) that runs may not reach, besides those of their own interface; and exceptions."""

    denied: tuple[str, ...]
    allowed: tuple[str, ...] = ()


def keeper_command(walls: Walls, uid: int, gid: int) -> Sequence[str]:
    """Return its command: an interpreter that reads nothing of the image but its own library."""
    asked = {"uid": uid, "gid": gid, "denied": walls.denied, "allowed": walls.allowed}
    return ["python3", "-I", "-S", "-c", _SCRIPT, json.dumps(asked)]


def keeper_spec(image: str, walls: Walls, confinement: Confinement) -> dict[str, object]:
    """Return the body of `containers/create` for a keeper.

    It is root with three capabilities until the walls are up, then the user of runs with none.
    """
    return {
        "Image": image,
        "Cmd": keeper_command(walls, *confinement.owner),
        "Entrypoint": [],
        "WorkingDir": "/",
        "User": "0:0",
        "Env": [f"PATH={inside.SEARCH_PATH}"],
        "Labels": labels.common(labels.Kind.NAMESPACE, confinement.installation),
        "HostConfig": {
            "Mounts": [],
            "ReadonlyRootfs": True,
            "CapDrop": ["ALL"],
            "CapAdd": ["NET_ADMIN", "SETGID", "SETUID"],
            "SecurityOpt": ["no-new-privileges"],
            "PidsLimit": _PROCESSES,
            "Memory": _MEMORY_BYTES,
            "MemorySwap": _MEMORY_BYTES,
            "LogConfig": {"Type": "json-file", "Config": {}},
            "AutoRemove": False,
            "NetworkMode": NETWORK,
            **confinement.runtime.as_told(),
        },
    }
