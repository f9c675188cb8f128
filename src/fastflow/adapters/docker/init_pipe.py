"""Pipes in the directories of attempts, by which an init is told what nobody else is to know.

What goes through passes the kernel's memory alone: it is in no request to the Engine, where it could be
looked up, and on no disk. Right before the program starts, the init removes the pipe, or says that it has
begun: where neither has happened before a crash, nothing was executed.
"""

import asyncio
import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Final

from fastflow.adapters.docker import inside
from fastflow.adapters.docker.container_spec import Owner
from fastflow.domain.errors import Unavailable

_LOOK_SECONDS: Final = 0.005
_OURS_ALONE: Final = 0o600
_ANYBODYS: Final = 0o666
_OPENING: Final = os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC


def is_waited_for(directory: Path) -> bool:
    """Return whether the init of that attempt has not got yet what it needs to begin. Blocks for a moment."""
    if _is_pipe(directory / inside.SECRETS_PIPE):
        return True
    return _is_pipe(directory / inside.HANDOVER_PIPE) and not (directory / inside.BEGUN_FILE).exists()


def _is_pipe(path: Path) -> bool:
    try:
        return stat.S_ISFIFO(path.lstat().st_mode)
    except OSError:
        return False


def make_pipe(path: Path, owner: Owner) -> None:
    """Put a pipe where the init, who runs as `owner`, finds it. To be called before the start. Blocks.

    A server that is neither root nor that user opens it to everybody, as it does with the directory,
    which nobody else reaches.

    Raises:
        Unavailable: `disk_full`, `executor_unavailable`.
    """
    try:
        path.unlink(missing_ok=True)
        os.mkfifo(path, _OURS_ALONE)
        if os.geteuid() == 0:
            os.chown(path, *owner)
        elif os.geteuid() != owner.uid:
            path.chmod(_ANYBODYS)
    except OSError as error:
        code = "disk_full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "executor_unavailable"
        raise Unavailable(code, f"The pipe {path}: {error.strerror or error}") from error


async def reader_of(path: Path, has_ended: Callable[[], bool]) -> int | None:
    """Return the end of the pipe to write to, once the init reads it; None where it will not any more.

    Raises:
        Unavailable: `executor_unavailable`.
    """
    while True:
        try:
            return os.open(path, _OPENING)
        except OSError as error:
            if error.errno != errno.ENXIO:  # nobody reads it yet
                raise Unavailable(
                    "executor_unavailable", f"The pipe {path}: {error.strerror or error}"
                ) from error
        if has_ended():
            return None
        await asyncio.sleep(_LOOK_SECONDS)


async def write_whole(descriptor: int, content: bytes) -> bool:
    """Write everything; False where the init has gone meanwhile."""
    rest = memoryview(content)
    while rest:
        try:
            rest = rest[os.write(descriptor, rest) :]
        except BlockingIOError:
            await _until_writable(descriptor)
        except BrokenPipeError:
            return False
    return True


def quoted(text: str) -> str:
    """Return a word of a shell that is this text, whatever is in it."""
    return "'" + text.replace("'", "'\\''") + "'"


async def _until_writable(descriptor: int) -> None:
    loop = asyncio.get_running_loop()
    writable = asyncio.Event()
    loop.add_writer(descriptor, writable.set)
    try:
        await writable.wait()
    finally:
        loop.remove_writer(descriptor)
