"""Says on which machine something was measured, and what was measured there."""

import asyncio
import json
import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from fastflow.adapters.docker.engine import Engine
from fastflow.adapters.docker.oci_runtime import CRUN
from fastflow.cli.server_settings import read_settings


async def described(engine_address: str) -> dict[str, Any]:
    """Return date, commit, processor, memory, load, kernel and Engine."""
    engine = Engine(engine_address)
    try:
        told = json.loads(await engine.call("GET", "/info"))
    finally:
        await engine.close()
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "commit": _git("rev-parse", "--short=10", "HEAD") + ("+" if _git("status", "--porcelain") else ""),
        "cores": os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 1024**3),
        "load_average": round(os.getloadavg()[0], 1),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "engine": told["ServerVersion"],
        "cgroup": told.get("CgroupVersion", "1"),
        "has_crun": CRUN in told.get("Runtimes", {}),
    }


def main() -> None:
    """Print it."""
    print(json.dumps(asyncio.run(described(read_settings({}).docker_proxy_url)), indent=2))


def _git(*arguments: str) -> str:
    here = Path(__file__).parent
    done = subprocess.run(["git", "-C", here, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


if __name__ == "__main__":
    main()
