"""Hands secrets to the init of a container as files in memory, through a pipe in the attempt's directory.

The contents pass through the kernel alone: they are in no request to the Engine, so that nobody can look them
up there, and on no disk. The init waits for them, writes them, and removes the pipe before the program
starts. So the pipe says what is known after a crash: where it is still there, nothing was executed.
"""

import asyncio
import errno
import os
import stat
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Final

from fastflow.adapters.docker import inside
from fastflow.adapters.docker.container_spec import Owner
from fastflow.domain.errors import Unavailable
from fastflow.domain.outcome import Blame
from fastflow.domain.secret import SecretsUnavailable
from fastflow.domain.secret_file import SecretFile

TAKEN_WITHIN: Final = timedelta(seconds=90)
"""From the request to start the container. Only a loaded host needs more than milliseconds."""
_LOOK_SECONDS: Final = 0.005
_OURS_ALONE: Final = 0o600
_ANYBODYS: Final = 0o666
_OPENING: Final = os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC


def is_waited_for(directory: Path) -> bool:
    """Return whether the init of that attempt has not got its secrets yet. Blocks for a moment."""
    try:
        return stat.S_ISFIFO((directory / inside.SECRETS_PIPE).lstat().st_mode)
    except OSError:
        return False


class SecretPipe:
    """The pipe of one attempt."""

    def __init__(self, directory: Path, files: Iterable[SecretFile]) -> None:
        self._path = directory / inside.SECRETS_PIPE
        self._content = commands(files)

    def make(self, owner: Owner) -> None:
        """Put it where the init, who runs as `owner`, finds it. To be called before the start. Blocks.

        A server that is neither root nor that user opens it to everybody, as it does with the directory,
        which nobody else reaches.

        Raises:
            Unavailable: `disk_full`, `executor_unavailable`.
        """
        try:
            self._path.unlink(missing_ok=True)
            os.mkfifo(self._path, _OURS_ALONE)
            if os.geteuid() == 0:
                os.chown(self._path, *owner)
            elif os.geteuid() != owner.uid:
                self._path.chmod(_ANYBODYS)
        except OSError as error:
            code = "disk_full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "executor_unavailable"
            raise Unavailable(
                code, f"The pipe for secrets {self._path}: {error.strerror or error}"
            ) from error

    async def hand_over(self, has_ended: Callable[[], bool], within: timedelta = TAKEN_WITHIN) -> None:
        """Wait for the init and give it everything; return at once where the container has ended.

        Raises:
            SecretsUnavailable: `secrets_not_taken`; nobody came for them.
        """
        try:
            async with asyncio.timeout(within.total_seconds()):
                reader = await self._reader(has_ended)
                if reader is not None:
                    try:
                        await _write(reader, self._content)
                    finally:
                        os.close(reader)
        except TimeoutError as error:
            raise SecretsUnavailable(
                "secrets_not_taken",
                "Not started: the container did not take the files of its secrets within "
                f"{within.total_seconds():.0f} s. The Engine has to run on the same machine as this server, "
                "not in a virtual machine of its own. There, hand the secrets over as variables: "
                'without `"as": "file"` in pipeline.json.',
                Blame.PLATFORM,
            ) from error

    async def _reader(self, has_ended: Callable[[], bool]) -> int | None:
        while True:
            try:
                return os.open(self._path, _OPENING)
            except OSError as error:
                if error.errno != errno.ENXIO:  # nobody reads it yet
                    raise Unavailable(
                        "executor_unavailable",
                        f"The pipe for secrets {self._path}: {error.strerror or error}",
                    ) from error
            if has_ended():
                return None
            await asyncio.sleep(_LOOK_SECONDS)


def commands(files: Iterable[SecretFile]) -> bytes:
    """Return what a shell has to do to write the files; a shell that gets only a part of it fails."""
    lines = [f"umask 0377 && cd {inside.SECRETS_DIRECTORY} || exit 1"]
    # `printf` is built in: no other program is started that would have the value among its arguments.
    lines += [f"printf %s {_quoted(file.value)} >{file.name} || exit 1" for file in files]
    return "\n".join([*lines, "exit 0", ""]).encode()


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


async def _write(descriptor: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        try:
            rest = rest[os.write(descriptor, rest) :]
        except BlockingIOError:
            await _until_writable(descriptor)
        except BrokenPipeError:  # the init has gone: the container's end says why
            return


async def _until_writable(descriptor: int) -> None:
    loop = asyncio.get_running_loop()
    writable = asyncio.Event()
    loop.add_writer(descriptor, writable.set)
    try:
        await writable.wait()
    finally:
        loop.remove_writer(descriptor)
