"""Hands secrets to the init of a container as files in memory, through a pipe in the attempt's directory.

The contents pass through the kernel alone: they are in no request to the Engine, so that nobody can look them
up there, and on no disk. The init waits for them, writes them, and removes the pipe before the program
starts. So the pipe says what is known after a crash: where it is still there, nothing was executed.
"""

import asyncio
import os
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Final

from fastflow.adapters.docker import inside
from fastflow.adapters.docker.container_spec import Owner
from fastflow.adapters.docker.init_pipe import make_pipe, quoted, reader_of, write_whole
from fastflow.domain.outcome import Blame
from fastflow.domain.secret import SecretsUnavailable
from fastflow.domain.secret_file import SecretFile

TAKEN_WITHIN: Final = timedelta(seconds=90)
"""From the request to start the container. Only a loaded host needs more than milliseconds."""


class SecretPipe:
    """The pipe of one attempt."""

    def __init__(self, directory: Path, files: Iterable[SecretFile]) -> None:
        self._path = directory / inside.SECRETS_PIPE
        self._content = commands(files)

    def make(self, owner: Owner) -> None:
        """Put it where the init finds it; as `make_pipe`."""
        make_pipe(self._path, owner)

    async def hand_over(self, has_ended: Callable[[], bool], within: timedelta = TAKEN_WITHIN) -> None:
        """Wait for the init and give it everything; return at once where the container has ended.

        Raises:
            SecretsUnavailable: `secrets_not_taken`; nobody came for them.
        """
        try:
            async with asyncio.timeout(within.total_seconds()):
                reader = await reader_of(self._path, has_ended)
                if reader is not None:
                    try:
                        await write_whole(reader, self._content)
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


def commands(files: Iterable[SecretFile]) -> bytes:
    """Return what a shell has to do to write the files; a shell that gets only a part of it fails."""
    return "\n".join([*file_commands(files), "exit 0", ""]).encode()


def file_commands(files: Iterable[SecretFile]) -> list[str]:
    """Return the lines that write the files; the shell that executes them leaves its directory."""
    lines = [f"umask 0377 && cd {inside.SECRETS_DIRECTORY} || exit 1"]
    # `printf` is built in: no other program is started that would have the value among its arguments.
    return [*lines, *(f"printf %s {quoted(file.value)} >{file.name} || exit 1" for file in files)]
