"""Builds an environment beside its place and moves it there when it is whole."""

import asyncio
import json
import os
import secrets
import shutil
import time
from datetime import timedelta
from pathlib import Path, PurePosixPath
from typing import Final

from fastflow.adapters.uv import embedded_interpreter
from fastflow.adapters.uv.commands import run_uv
from fastflow.adapters.uv.interpreters import Interpreter
from fastflow.adapters.uv.lockfiles import Lockfile
from fastflow.domain.environment import EnvironmentFailed
from fastflow.domain.environment_ports import Toolbox
from fastflow.domain.errors import Unavailable

BUILD_LIMIT: Final = timedelta(minutes=30)
BUILDING: Final = ".building-"
MARKER: Final = "fastflow-environment.json"
"""Written last into an environment. Its modification time says when the environment was last asked for."""
_VENV: Final = ("venv", "--quiet", "--no-project", "--relocatable", "--prompt=fastflow")
_SYNC: Final = ("pip", "sync", "--quiet", "--link-mode=hardlink", "--compile-bytecode")


async def build(
    toolbox: Toolbox,
    destination: Path,
    lockfile: Lockfile,
    interpreter: Interpreter,
    checkout: Path,
    *,
    is_likely_cached: bool,
) -> None:
    """Make the environment at `destination`; nobody writes into it afterwards.

    Packages that exist only as source are built here: that runs foreign code, but in the toolbox, which
    holds no secrets, and refusing them would break the promise that what runs with `uv run` runs here.
    Where `is_likely_cached`, the network is asked only after the cache could not help.

    Raises:
        EnvironmentFailed: a package can't be had or built; the message is uv's.
        Unavailable: the toolbox, the network or the disk did not let us.
    """
    name = f"{BUILDING}{destination.name}-{secrets.token_hex(4)}"
    building = destination.with_name(name)
    seen = toolbox.store / destination.parent.name / name
    await asyncio.to_thread(destination.parent.mkdir, parents=True, exist_ok=True)
    try:
        await run_uv(
            toolbox,
            [*_VENV, f"--python={interpreter.executable}", str(seen)],
            time_limit=BUILD_LIMIT,
        )
        await _install(toolbox, f"{seen}/bin/python", lockfile, checkout, is_likely_cached=is_likely_cached)
        final = None
        if embedded_interpreter.has_to_be_embedded(toolbox, interpreter):
            await embedded_interpreter.copy_into(toolbox, seen, interpreter)
            final = seen.with_name(destination.name)
        await asyncio.to_thread(_finish, building, destination, lockfile, interpreter, final)
    except BaseException:
        await asyncio.to_thread(shutil.rmtree, building, ignore_errors=True)
        raise


async def _install(
    toolbox: Toolbox, python: str, lockfile: Lockfile, checkout: Path, *, is_likely_cached: bool
) -> None:
    if not lockfile.requirements:
        return
    hashes = "--require-hashes" if lockfile.has_all_hashes else "--verify-hashes"
    arguments = [*_SYNC, f"--python={python}", hashes, "-"]
    if is_likely_cached:
        try:
            await _sync(toolbox, [*arguments, "--offline"], lockfile, checkout)
        except EnvironmentFailed:
            # Something was missing; without `--offline` uv fetches it, or says what is really wrong.
            await _sync(toolbox, arguments, lockfile, checkout)
    else:
        await _sync(toolbox, arguments, lockfile, checkout)


async def _sync(toolbox: Toolbox, arguments: list[str], lockfile: Lockfile, checkout: Path) -> None:
    await run_uv(toolbox, arguments, checkout=checkout, stdin=lockfile.text.encode(), time_limit=BUILD_LIMIT)


def _finish(
    building: Path,
    destination: Path,
    lockfile: Lockfile,
    interpreter: Interpreter,
    embedded_at: PurePosixPath | None,
) -> None:
    marker = {
        "lockfile_key": lockfile.key,
        "python": interpreter.text,
        "created_at_seconds": int(time.time()),
        "size_bytes": _size_bytes(building),
    }
    try:
        if embedded_at is not None:
            embedded_interpreter.point_at_copy(building, embedded_at, interpreter)
        (building / MARKER).write_text(json.dumps(marker) + "\n", encoding="utf-8")
        building.rename(destination)
    except OSError as error:
        raise Unavailable("disk_failed", f"The environment can't be kept: {error}") from error


def _size_bytes(directory: Path) -> int:
    """Return the size of all files, counting what is shared with the cache as well."""
    return sum(
        os.lstat(os.path.join(parent, name)).st_size
        for parent, _, names in os.walk(directory)
        for name in names
    )
