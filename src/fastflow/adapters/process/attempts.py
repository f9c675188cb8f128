"""Makes, lists and removes the folders of attempts, each step so that a crash in it does no harm."""

import errno
import os
import secrets
import shutil
import stat
import time
from datetime import timedelta
from pathlib import Path, PurePosixPath
from typing import Final

from fastflow.adapters.process import secret_folder, shims
from fastflow.adapters.process.attempt import AttemptFolder
from fastflow.adapters.process.certificates import certificate_variables
from fastflow.adapters.process.payload import Order
from fastflow.domain.errors import Conflict, Unavailable
from fastflow.domain.execution import ExecutionRequest, Found
from fastflow.domain.secret_file import path_variables

_MAKING: Final = "making-"
_REMOVING: Final = "removing-"
_ABANDONED: Final = timedelta(minutes=10)
"""A folder in the making of that age belongs to a server that died."""
_FULL: Final = (errno.ENOSPC, errno.EDQUOT)


class AttemptFolders:
    """The folders below one root."""

    def __init__(self, root: Path, ca_bundle: Path | None = None) -> None:
        self._root = root
        self._ca_bundle = ca_bundle

    def make_root(self) -> None:
        """Create the root, for this user only."""
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)

    def find_one(self, reference: str) -> AttemptFolder:
        """Return the folder of that name, there or not."""
        return AttemptFolder(self._root / reference)

    def start(self, request: ExecutionRequest) -> str:
        """Make the folder and start the payload in it; return the reference.

        Raises:
            Conflict: `already_started`.
            Unavailable: `executor_unavailable`, `disk_full`. Nothing was left behind.
        """
        attempt = self.find_one(request.identity.name)
        interpreter, path = _interpreter(request)
        self._make(request, attempt)
        order = Order(
            command=[interpreter, *request.arguments],
            directory=str(attempt.code),
            variables={
                **certificate_variables(self._ca_bundle),
                "PATH": path,
                **request.variables,
                **path_variables(request.secret_files, PurePosixPath(attempt.path / secret_folder.SECRETS)),
            },
            secret_files={file.name: file.value for file in request.secret_files},
            memory_bytes=request.limits.memory_bytes,
        )
        try:
            shims.launch(attempt.path, order)
        except Unavailable:
            self.remove(attempt.path.name)
            raise
        return attempt.path.name

    def find(self) -> list[Found]:
        """List the attempts, and finish what a crash left half made or half removed."""
        self.make_root()
        found: list[Found] = []
        for path in sorted(self._root.iterdir()):
            if path.name.startswith(_REMOVING):
                _destroy(AttemptFolder(path))
            elif path.name.startswith(_MAKING):
                _destroy_if_abandoned(path)
            elif (attempt := AttemptFolder(path).found()) is not None:
                found.append(attempt)
        return found

    def remove(self, reference: str) -> None:
        """Kill what runs of that attempt and delete its folder. No error if it is gone already.

        Renamed first: a shim that is just being started finds no folder to start its payload in.
        """
        removing = self._root / f"{_REMOVING}{reference}-{secrets.token_hex(4)}"
        try:
            (self._root / reference).rename(removing)
        except FileNotFoundError:
            return
        _destroy(AttemptFolder(removing))

    def _make(self, request: ExecutionRequest, attempt: AttemptFolder) -> None:
        """Put the folder together under another name; it appears complete, once, or not at all."""
        if attempt.path.exists():
            raise _already_started(attempt)
        self.make_root()
        making = AttemptFolder(self._root / f"{_MAKING}{secrets.token_hex(8)}")
        try:
            making.path.mkdir(mode=0o700)
            making.write_identity(request.identity)
            if request.secret_files:
                secret_folder.promise(str(making.path))
            shutil.copytree(request.checkout, making.code, symlinks=True, copy_function=_copy)
            making.path.rename(attempt.path)
        except Unavailable:
            _delete(making.path)
            raise
        except OSError as error:
            _delete(making.path)
            if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
                raise _already_started(attempt) from error
            raise _unavailable(error) from error


def _interpreter(request: ExecutionRequest) -> tuple[str, str]:
    """Return the interpreter's absolute path and the PATH that goes with it."""
    python = request.environment.python
    path = os.environ.get("PATH", os.defpath)
    if os.path.isabs(python):
        return python, f"{os.path.dirname(python)}{os.pathsep}{path}"
    found = shutil.which(python, path=path)
    if found is None:
        raise Unavailable("executor_unavailable", f"There is no {python} on this machine's PATH.")
    return os.path.abspath(found), path


def _destroy(attempt: AttemptFolder) -> None:
    started = attempt.started()
    if started is not None:
        shims.end(started)
    try:
        secret_folder.remove(str(attempt.path))
    except OSError as error:
        raise Unavailable("disk_failed", f"The files of secrets of {attempt.path}: {error}") from error
    _delete(attempt.path)


def _destroy_if_abandoned(path: Path) -> None:
    try:
        age_seconds = time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return
    if age_seconds > _ABANDONED.total_seconds():
        _delete(path)


def _delete(path: Path) -> None:
    """Delete a tree, whatever permissions its owner gave to what is in it."""
    for folder, names, _ in os.walk(path):
        for name in names:
            inner = os.path.join(folder, name)
            if not os.path.islink(inner):
                os.chmod(inner, stat.S_IRWXU)
    if path.exists():
        shutil.rmtree(path)


def _copy(source: str, target: str) -> str:
    # copytree would collect an OSError and forget its number.
    try:
        return shutil.copy2(source, target, follow_symlinks=False)
    except OSError as error:
        raise _unavailable(error) from error


def _already_started(attempt: AttemptFolder) -> Conflict:
    name = attempt.path.name
    return Conflict("already_started", f"{name} was started before.", {"name": name})


def _unavailable(error: OSError) -> Unavailable:
    code = "disk_full" if error.errno in _FULL else "executor_unavailable"
    return Unavailable(code, f"It could not be set up: {error}.")
