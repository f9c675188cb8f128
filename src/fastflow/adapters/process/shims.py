"""Starts shims, recognises them later, and signals nothing that is not proven to be one."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Final

from fastflow.adapters.process import processes, shim
from fastflow.adapters.process.folder import Started
from fastflow.adapters.process.payload import Order
from fastflow.domain.errors import Unavailable

_LAUNCH_LIMIT: Final = timedelta(seconds=30)
_OWN_HAND_LIMIT: Final = timedelta(seconds=2)
_KILL_LIMIT: Final = timedelta(seconds=5)
_LOOK_SECONDS: Final = 0.005
_PACKAGES: Final = str(Path(__file__).parents[3])
_PROGRAM: Final = (
    "import sys; sys.path.append(sys.argv[1]); "
    "from fastflow.adapters.process.shim import main; main(sys.argv[2])"
)


def command(folder: Path) -> list[str]:
    """Return what starts a shim for the attempt in that folder."""
    return [sys.executable, "-I", "-S", "-c", _PROGRAM, _PACKAGES, str(folder)]


def launch(folder: Path, order: Order) -> None:
    """Start a shim and return when its payload runs. Blocks for some tens of milliseconds.

    Raises:
        Unavailable: `executor_unavailable`; nothing runs.
    """
    try:
        # S603: the command is this interpreter and constants; the order goes over stdin.
        launched = subprocess.run(  # noqa: S603
            command(folder),
            input=json.dumps(order).encode(),
            capture_output=True,
            timeout=_LAUNCH_LIMIT.total_seconds(),
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _unavailable(str(error)) from error
    if launched.stdout != shim.READY:
        raise _unavailable((launched.stdout or launched.stderr).decode(errors="replace").strip())


def is_alive(started: Started) -> bool:
    """Say whether that very shim is still there, whoever has its number now."""
    if started.boot_id != processes.boot_id():
        return False
    process = processes.look(started.pid)
    return process is not None and process.start == started.start and not process.is_zombie


def send(started: Started, number: signal.Signals) -> bool:
    """Signal that very shim; return whether it was there to get it."""
    if sys.platform != "linux":
        return is_alive(started) and _kill(started.pid, number)
    try:
        handle = os.pidfd_open(started.pid)
    except ProcessLookupError:
        return False
    try:
        # Looked at while it is held: the number can't go to another process in between.
        if not is_alive(started):
            return False
        signal.pidfd_send_signal(handle, number)
    except ProcessLookupError:
        return False
    finally:
        os.close(handle)
    return True


def end(started: Started) -> None:
    """Kill everything below that shim, then itself, and return when it is gone.

    Raises:
        Unavailable: `stop_failed`; something can't be killed.
    """
    # First by its own hand: as their subreaper it finds those that left its session too.
    if send(started, signal.SIGUSR1):
        give_up = time.monotonic() + _OWN_HAND_LIMIT.total_seconds()
        while is_alive(started) and time.monotonic() < give_up:
            time.sleep(_LOOK_SECONDS)
        send(started, signal.SIGKILL)
    kill_orphans(started)


def kill_orphans(started: Started) -> None:
    """Kill what a dead shim left in its session, and the shim where it still is.

    A session's number is not given away while the session has members. If another process has it now,
    ours is empty and nothing may be touched.

    Raises:
        Unavailable: `stop_failed`; something can't be killed.
    """
    if started.boot_id != processes.boot_id():
        return
    give_up = time.monotonic() + _KILL_LIMIT.total_seconds()
    while True:
        leader = processes.look(started.pid)
        if leader is not None and leader.start != started.start:
            return
        orphans = processes.in_session(started.pid)
        if not orphans:
            return
        if time.monotonic() > give_up:
            pids = ", ".join(str(orphan.pid) for orphan in orphans)
            raise Unavailable("stop_failed", f"Processes {pids} of the attempt can't be killed.")
        for orphan in orphans:
            _kill(orphan.pid, signal.SIGKILL)
        time.sleep(_LOOK_SECONDS)


def _kill(pid: int, number: signal.Signals) -> bool:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def _unavailable(reason: str) -> Unavailable:
    return Unavailable("executor_unavailable", f"The process could not be started: {reason}")
