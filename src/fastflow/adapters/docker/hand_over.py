"""Makes a container that was made ahead the container of an attempt."""

import asyncio
import os
import re
import shutil
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Final

from fastflow.adapters.docker import inside
from fastflow.adapters.docker.container_spec import run_variables_of
from fastflow.adapters.docker.init_pipe import is_waited_for, quoted, write_whole
from fastflow.adapters.docker.secret_pipe import file_commands
from fastflow.adapters.docker.standby_maker import Standby
from fastflow.adapters.docker.standby_records import StandbyRecord, StandbyRecords
from fastflow.domain.errors import Unavailable
from fastflow.domain.execution import ExecutionRequest

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OF_SHELLS: Final = frozenset({"BASHOPTS", "BASH_VERSINFO", "EUID", "PPID", "SHELLOPTS", "UID"})
"""Some shell refuses to change them."""
_TAKEN_WITHIN: Final = timedelta(seconds=10)
_LOOK_SECONDS: Final = 0.001


async def hand_over(standby: Standby, request: ExecutionRequest, records: StandbyRecords) -> bool:
    """Tell it what to execute; return whether it does. Where it does not, nothing was executed.

    Raises:
        Unavailable: `disk_failed`. Nothing was executed.
    """
    try:
        # Before anything is told: whoever comes after a crash has to know whose it is.
        record = StandbyRecord(request.identity, request.directory, standby.directory)
        await asyncio.to_thread(records.write, standby.container, record)
        await asyncio.to_thread(move_in, standby.directory, request.directory)
        standby.live.directory, standby.live.was_made_ahead = request.directory, True
        async with asyncio.timeout(_TAKEN_WITHIN.total_seconds()):
            if not await write_whole(standby.pipe.fileno(), hand_over_commands(request)):
                return False
            standby.pipe.close()
            while await asyncio.to_thread(has_not_begun, standby, request):
                if standby.has_ended:
                    return False
                await asyncio.sleep(_LOOK_SECONDS)
        with suppress(OSError):  # it has begun; two names more in its directory harm nobody
            await asyncio.to_thread(clear, request.directory)
    except TimeoutError:
        return False
    except OSError as error:
        raise Unavailable("disk_failed", f"{request.directory}: {error}") from error
    return True


def has_not_begun(standby: Standby, request: ExecutionRequest) -> bool:
    """Return whether nothing of the attempt was executed in there yet. Blocks for a moment."""
    return is_waited_for(request.directory) or is_waited_for(standby.directory)


def clear(directory: Path) -> None:
    """Leave nothing of the hand-over in the directory; the pipe goes first. Blocks for a moment."""
    (directory / inside.HANDOVER_PIPE).unlink(missing_ok=True)
    (directory / inside.BEGUN_FILE).unlink(missing_ok=True)


def take_back(standby: Standby, request: ExecutionRequest, records: StandbyRecords) -> None:
    """Undo a hand-over after which nothing was executed: the attempt has its directory. Blocks on files."""
    if not request.directory.exists():
        standby.directory.rename(request.directory)
    elif standby.directory.exists():
        for entry in os.scandir(standby.directory):
            os.rename(entry.path, request.directory / entry.name)
    clear(request.directory)
    shutil.rmtree(standby.directory, ignore_errors=True)
    records.remove(standby.container)


def move_in(waiting: Path, directory: Path) -> None:
    """Give the directory that the container has mounted the content and the name of the attempt's."""
    for entry in os.scandir(directory):
        os.rename(entry.path, waiting / entry.name)
    directory.rmdir()
    waiting.rename(directory)


def can_be_handed_over(request: ExecutionRequest) -> bool:
    """Return whether a shell can set all its variables; otherwise its container has to be made for it."""
    names = run_variables_of(request)
    return all(_NAME.fullmatch(name) for name in names) and _OF_SHELLS.isdisjoint(names)


def hand_over_commands(request: ExecutionRequest) -> bytes:
    """Return the commands for the init. A shell that gets only a part of them executes no program.

    Variables are set below the shell that stays: where it looks at its own, there are none of the run.
    """
    lines: list[str] = []
    if request.secret_files:
        lines += ["(", *file_commands(request.secret_files), "exit 0", ") || exit 125"]
    lines += ["handed() {"]
    lines += [f"export {name}={quoted(value)}" for name, value in run_variables_of(request).items()]
    program = (request.environment.python, *request.arguments)
    lines += [f"exec {' '.join(map(quoted, program))}", "}", "is_whole=1", ""]
    return "\n".join(lines).encode()
