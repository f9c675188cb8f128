"""Makes the private directory of each attempt and removes it, whatever the attempt left in it."""

import asyncio
import errno
import json
import os
import re
import secrets
import shutil
import stat
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Final

from pydantic import JsonValue

from fastflow.adapters.files.hostile_tree import remove_tree
from fastflow.domain.errors import Invalid, Unavailable
from fastflow.domain.execution import SPARE_DIRECTORY
from fastflow.domain.route import READ_BYTES, RouteReading, read_route, refused_route
from fastflow.domain.run_variables import (
    OUTPUT_DIRECTORY,
    PARAMETERS_FILE,
    PAYLOAD_FILE,
    ROUTE_FILE,
    STATE_DIRECTORY,
)

_RUN_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_MAKING: Final = ".making-"
_REMOVING: Final = ".removing-"


class AttemptDirectories:
    """The directories below `root`, one for each attempt, named `<run_id>.<attempt>`.

    `owner` is the uid and gid that attempts run as; a server that is root gives them the directory.
    A server that isn't can't, so there the directory is open to every uid, below a `root` that is closed
    to all but the server: only who gets the directory mounted reaches it.
    """

    def __init__(self, root: Path, owner: tuple[int, int] | None) -> None:
        self._root = root
        self._owner = owner

    async def create(
        self,
        run_id: str,
        attempt: int,
        parameters: Mapping[str, JsonValue],
        payload: bytes | None = None,
    ) -> Path:
        """Make the attempt's directory with its parameters file, `output` and `state`; return its path.

        A payload that came with the trigger becomes a file of its own.

        Where it exists already it is left as it is: a container of that attempt may be living in it.

        Raises:
            Unavailable: `disk_full`, `disk_failed`. Nothing was left behind.
        """
        files = {PARAMETERS_FILE: json.dumps(dict(parameters)).encode()}
        if payload is not None:
            files[PAYLOAD_FILE] = payload
        return await asyncio.to_thread(self._create, self._path(run_id, attempt), files)

    async def read_route(self, run_id: str, attempt: int) -> RouteReading:
        """Read what the attempt, which has ended, wrote to its FASTFLOW_ROUTE_FILE.

        Whatever lies there, it neither blocks nor leads elsewhere: anything but a regular file is refused
        with a warning, and of a large one only the beginning is read.
        """
        return await asyncio.to_thread(route_in, self._path(run_id, attempt))

    async def remove(self, run_id: str, attempt: int) -> None:
        """Delete the attempt's directory with everything in it. No error if it is gone already.

        Raises:
            Unavailable: `disk_failed`; what is left is deleted by a later `collect`.
        """
        await asyncio.to_thread(self._remove, self._path(run_id, attempt))

    async def collect(self, keep: set[tuple[str, int]], older_than: timedelta = timedelta(minutes=1)) -> int:
        """Delete what a crash left: every directory not in `keep` (run, attempt); return how many.

        Younger ones than `older_than` stay: they may belong to attempts made after `keep` was put together.

        Raises:
            Unavailable: `disk_failed`; something could not be deleted. The rest was.
        """
        kept = {self._path(run_id, attempt).name for run_id, attempt in keep}
        return await asyncio.to_thread(self._collect, kept, older_than)

    def _path(self, run_id: str, attempt: int) -> Path:
        if not _RUN_ID.fullmatch(run_id):
            raise Invalid("run_id_invalid", f"{run_id!r} is not a run's id", {"run_id": run_id})
        return self._root / f"{run_id}.{attempt}"

    def _create(self, path: Path, files: Mapping[str, bytes]) -> Path:
        making = self._root / f"{_MAKING}{secrets.token_hex(8)}"
        try:
            self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                self._fill(making, files)
                # Onto a directory that isn't empty this fails: then the attempt has one already.
                making.rename(path)
            except BaseException:
                shutil.rmtree(making, ignore_errors=True)
                raise
        except FileExistsError:
            return path
        except OSError as error:
            if path.is_dir():
                return path
            raise _unavailable(error, path) from error
        return path

    def _fill(self, directory: Path, files: Mapping[str, bytes]) -> None:
        is_given_away = self._owner is not None and os.geteuid() == 0
        is_foreign = self._owner is not None and self._owner[0] != os.geteuid() and not is_given_away
        mode = 0o777 if is_foreign else 0o700
        folders = (directory, directory / OUTPUT_DIRECTORY, directory / STATE_DIRECTORY)
        for folder in folders:
            folder.mkdir()
            folder.chmod(mode)
        for name, content in files.items():
            (directory / name).write_bytes(content)
            (directory / name).chmod(0o644 if is_foreign else 0o600)
        if self._owner is not None and is_given_away:
            for path in (*folders, *(directory / name for name in files)):
                os.chown(path, *self._owner)

    def _remove(self, path: Path) -> None:
        removing = self._root / f"{_REMOVING}{secrets.token_hex(8)}"
        try:
            # Gone at once under its own name; the slow part can be taken up after a crash.
            path.rename(removing)
            remove_tree(removing)
        except FileNotFoundError:
            return
        except OSError as error:
            raise _unavailable(error, path) from error

    def _collect(self, kept: set[str], older_than: timedelta) -> int:
        if not self._root.is_dir():
            return 0
        born_before = time.time() - older_than.total_seconds()
        removed, failure = 0, None
        for entry in list(os.scandir(self._root)):
            # ctime, because an attempt can set the other times of its directory as it likes.
            if entry.name in kept or entry.name.startswith(SPARE_DIRECTORY):
                continue
            if entry.stat(follow_symlinks=False).st_ctime > born_before:
                continue
            try:
                self._remove(Path(entry.path))
                removed += 1
            except Unavailable as error:  # one stubborn directory does not keep the others
                failure = error
        if failure is not None:
            raise failure
        return removed


def route_in(directory: Path) -> RouteReading:
    """Read the route file of an attempt's directory, whatever lies there. Blocks on files."""
    try:
        parent = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:  # removed by hand, or by the janitor of a server that took the attempt for lost
        return RouteReading()
    try:
        if not stat.S_ISREG(os.stat(ROUTE_FILE, dir_fd=parent, follow_symlinks=False).st_mode):
            return refused_route("it is not a regular file")
        # Whatever takes its place meanwhile: a link is not followed, a FIFO does not block.
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
        file = os.open(ROUTE_FILE, flags, dir_fd=parent)
        try:
            if not stat.S_ISREG(os.fstat(file).st_mode):
                return refused_route("it is not a regular file")
            return read_route(os.read(file, READ_BYTES))
        finally:
            os.close(file)
    except FileNotFoundError:
        return RouteReading()
    except OSError as error:
        return refused_route(f"it can't be read: {error.strerror or error}")
    finally:
        os.close(parent)


def _unavailable(error: OSError, path: Path) -> Unavailable:
    code = "disk_full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "disk_failed"
    return Unavailable(code, f"The attempt's directory {path}: {error.strerror or error}")
