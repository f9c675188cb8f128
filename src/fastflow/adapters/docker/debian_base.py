"""Makes the files of a base image from Debian packages, where no image registry can be reached."""

import asyncio
import os
import shutil
import signal
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

from uv import find_uv_bin

from fastflow.adapters.docker.progress import Report, at_intervals
from fastflow.domain.errors import Unavailable

RELEASE: Final = "bookworm"
_PACKAGES: Final = "ca-certificates,python3"
_LEFT_OUT: Final = (
    "./var/cache/apt/archives/*",
    "./var/lib/apt/lists/*",
    "./usr/share/doc/*",
    "./usr/share/man/*",
    "./usr/share/locale/*",
    "./dev/*",
    "./proc/*",
    "./sys/*",
)
_CHUNK_BYTES: Final = 256 * 1024


def obstacle() -> str | None:
    """Return what stands against it, with the remedy; None where it can be done."""
    if os.geteuid() != 0:
        return "only root can build it"
    if shutil.which("debootstrap") is None:
        return "debootstrap is missing (`apt-get install debootstrap` on Debian and Ubuntu)"
    return None


@asynccontextmanager
async def packed(report: Report) -> AsyncGenerator[AsyncIterator[bytes]]:
    """Install the packages and uv into a temporary directory; give it as a tar stream.

    Raises:
        Unavailable: `engine_failed`; a command failed, with the end of what it said.
    """
    directory = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="fastflow-base-"))
    try:
        root = directory / "root"
        # In a mount namespace of its own: what it mounts into the tree is gone with it, however it ends.
        await _run(
            report,
            "unshare", "--mount", "--propagation=private",
            "debootstrap", "--variant=minbase", f"--include={_PACKAGES}", RELEASE, str(root),
        )  # fmt: skip
        report("adding uv")
        await asyncio.to_thread(_add_uv, root)
        tar = _tar(root)
        try:
            yield tar
        finally:
            await tar.aclose()
    finally:
        await asyncio.to_thread(shutil.rmtree, directory)


def _add_uv(root: Path) -> None:
    target = root / "usr" / "local" / "bin" / "uv"
    shutil.copyfile(find_uv_bin(), target)
    target.chmod(0o755)


async def _run(report: Report, *command: str) -> None:
    """Run a command that takes long, reporting what it does every two seconds."""
    process = await asyncio.create_subprocess_exec(
        *command, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT, start_new_session=True
    )
    last_lines: deque[str] = deque(maxlen=8)
    told = at_intervals(report)
    try:
        async for line in _lines(process):
            last_lines.append(line)
            told(line.removeprefix("I: "))
        if await process.wait() != 0:
            raise Unavailable("engine_failed", f"{command[0]} failed: {' / '.join(last_lines)}")
    finally:
        await _end(process)


async def _tar(root: Path) -> AsyncGenerator[bytes]:
    excluded = [f"--exclude={pattern}" for pattern in _LEFT_OUT]
    process = await asyncio.create_subprocess_exec(
        "tar", "--numeric-owner", *excluded, "-C", str(root), "-c", ".",
        stdin=DEVNULL, stdout=PIPE, start_new_session=True,
    )  # fmt: skip
    try:
        if process.stdout is None:
            raise RuntimeError("tar was started without its pipe")
        while chunk := await process.stdout.read(_CHUNK_BYTES):
            yield chunk
        if await process.wait() != 0:
            raise Unavailable("engine_failed", "tar failed")
    finally:
        await _end(process)


async def _lines(process: Process) -> AsyncIterator[str]:
    if process.stdout is None:
        raise RuntimeError("the command was started without its pipe")
    while line := await process.stdout.readline():
        yield line.decode(errors="replace").rstrip()


async def _end(process: Process) -> None:
    """Kill what is left of its process group, and reap it."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
