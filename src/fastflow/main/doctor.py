"""Looks at everything that runs need on this machine and says what to do where something is missing."""

import asyncio
import http.client
import json
import os
import platform
import secrets
import shutil
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from uv import find_uv_bin

from fastflow.domain.finding import Finding, Verdict
from fastflow.domain.limits import format_bytes
from fastflow.settings import Settings

LITTLE_DISK_BYTES: Final = 5 * 1024**3
NO_DISK_BYTES: Final = 512 * 1024**2
_COMMAND_SECONDS: Final = 10.0
_REQUEST_SECONDS: Final = 3.0
_LOOPBACK: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - asked where it listens everywhere


async def examine(settings: Settings) -> list[Finding]:
    """Examine this machine with these settings. Leaves nothing behind and changes nothing."""
    *before, engine = await _examine_all_but_port(settings)
    return [*_together(before), *await asyncio.to_thread(_examine_port, settings), *engine]


async def examine_from_within(settings: Settings) -> list[Finding]:
    """Examine what a server stands on that runs already: its port is no question any more."""
    return _together(await _examine_all_but_port(settings))


async def _examine_all_but_port(settings: Settings) -> Sequence[list[Finding]]:
    from fastflow.main.doctor_engine import examine_engine
    from fastflow.main.doctor_key import examine_key

    return await asyncio.gather(
        _examine_programs(settings),
        asyncio.to_thread(_examine_files, settings),
        examine_key(settings),
        examine_engine(settings),
    )


def _together(groups: Sequence[Sequence[Finding]]) -> list[Finding]:
    return [finding for group in groups for finding in group]


async def _examine_programs(settings: Settings) -> list[Finding]:
    system = await asyncio.to_thread(platform.platform)  # asks `uname`, once in a process
    python = Finding("python", Verdict.OK, f"Python {platform.python_version()} on {system}.")
    remedy = "Install it: pip install uv."
    try:
        path = await asyncio.to_thread(find_uv_bin)
        process = await asyncio.create_subprocess_exec(path, "--version", stdout=asyncio.subprocess.PIPE)
    except OSError as error:
        if settings.executor == "docker":
            message = "Not needed here: packages are installed by the uv of the runner image."
            return [python, Finding("uv", Verdict.OK, message)]
        return [python, Finding("uv", Verdict.FAIL, f"uv can't be started: {error}.", remedy)]
    try:
        async with asyncio.timeout(_COMMAND_SECONDS):
            output, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        return [python, Finding("uv", Verdict.FAIL, f"{path} does not answer.", remedy)]
    return [python, Finding("uv", Verdict.OK, f"{output.decode(errors='replace').strip()} at {path}.")]


def _examine_files(settings: Settings) -> list[Finding]:
    data = settings.data_dir.absolute()
    pipelines = settings.pipelines_dir.absolute()
    found = [_examine_disk(data), _examine_store(settings.uv_store)]
    if pipelines.is_dir():
        found.append(Finding("pipelines", Verdict.OK, f"{pipelines} is there."))
    else:
        remedy = "Make it, for example with `fastflow new NAME`, or set PIPELINES_DIR."
        found.append(Finding("pipelines", Verdict.WARN, f"{pipelines} is no folder.", remedy))
    return found


def _examine_disk(data: Path) -> Finding:
    place = _nearest(data)
    if not os.access(place, os.W_OK):
        return Finding(
            "disk",
            Verdict.FAIL,
            f"{place} can't be written.",
            "Set DATA_DIR to a folder that this user can write.",
        )
    free = shutil.disk_usage(place).free
    message = f"{format_bytes(free)} free for {data}."
    if free < LITTLE_DISK_BYTES:
        verdict = Verdict.FAIL if free < NO_DISK_BYTES else Verdict.WARN
        return Finding("disk", verdict, message, "Free some space, or set DATA_DIR to a larger disk.")
    return Finding("disk", Verdict.OK, message)


def _examine_store(store: Path) -> Finding:
    """Try what building an environment does: a hardlink from uv's cache into the environments."""
    origin = _nearest(store / "cache") / f".doctor-{secrets.token_hex(6)}"
    link = _nearest(store / "env") / f".doctor-{secrets.token_hex(6)}"
    try:
        origin.touch(exist_ok=False)
        try:
            os.link(origin, link)
            link.unlink()
        finally:
            origin.unlink()
    except OSError as error:
        return Finding(
            "uv store",
            Verdict.WARN,
            f"No hardlink from {origin.parent} to {link.parent}: {error.strerror}. "
            "Packages are copied, which makes new environments slow and large.",
            "Put UV_CACHE_DIR on one filesystem and one mount that allows hardlinks.",
        )
    return Finding("uv store", Verdict.OK, f"Cache and environments in {store} share files by hardlinks.")


def _nearest(path: Path) -> Path:
    """Return the path, or the closest folder above it that exists."""
    return next(folder for folder in (path, *path.parents) if folder.is_dir())


def _examine_port(settings: Settings) -> list[Finding]:
    place = f"{settings.host}:{settings.port}"
    version = _version_of_server(settings.host, settings.port)
    if version is not None:
        return [Finding("port", Verdict.OK, f"Fast-Flow {version} answers at {place}.")]
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((settings.host, settings.port))
        except OSError as error:
            remedy = "Stop the program that listens there, or set another PORT."
            return [Finding("port", Verdict.FAIL, f"{place} can't be had: {error.strerror}.", remedy)]
    return [Finding("port", Verdict.OK, f"{place} is free.")]


def _version_of_server(host: str, port: int) -> str | None:
    """Return the version of the Fast-Flow server there; None where there is none."""
    host = _LOOPBACK.get(host, host)
    connection = http.client.HTTPConnection(host, port, timeout=_REQUEST_SECONDS)
    try:
        connection.request("GET", "/health")
        answer: object = json.loads(connection.getresponse().read(64 * 1024))
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()
    match answer:
        case {"status": "ok", "version": str(version)}:
            return version
        case _:
            return None
