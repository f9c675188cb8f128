"""Turns a fork of the shim into the payload: group, limits, streams, then exec."""

import os
import resource
import signal
import sys
from typing import Final, TypedDict

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_CHILD_SUBREAPER: Final = 36
_EXEC_FAILED: Final = 127
_UMASK: Final = 0o077
_HEADROOM: Final = 2
"""RLIMIT_DATA counts memory that was asked for, the limit means memory in use: hence the factor."""


class Order(TypedDict):
    """What a shim is told over its stdin. Never on disk: the variables may be secrets."""

    command: list[str]
    directory: str
    variables: dict[str, str]
    secret_files: dict[str, str]
    memory_bytes: int | None


def adopt_orphans() -> None:
    """Let whatever loses its parent below this process become its child (Linux 3.4)."""
    if sys.platform == "linux":
        _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def spawn(order: Order, stdout: int, stderr: int) -> int:
    """Start the payload in its own process group; return its process id once it has been executed.

    Raises:
        ChildProcessError: it could not be executed; the message says why.
    """
    shim = os.getpid()
    failure, report = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            _become(order, shim, stdout, stderr)
        except (OSError, ValueError) as error:
            os.write(report, str(error).encode())
        finally:
            os._exit(_EXEC_FAILED)
    os.close(report)
    # The pipe closes with exec: nothing to read means that it went well.
    with os.fdopen(failure, "rb") as file:
        message = file.read().decode()
    if message:
        os.waitpid(pid, 0)
        raise ChildProcessError(message)
    return pid


def _become(order: Order, shim: int, stdout: int, stderr: int) -> None:
    os.setpgid(0, 0)
    if sys.platform == "linux":
        # A killed shim takes its payload along, or nobody would record how it ends.
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != shim:
            os._exit(_EXEC_FAILED)
    # Python ignores these two; exec would hand that on.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(stdout, 1)
    os.dup2(stderr, 2)
    os.umask(_UMASK)
    os.chdir(order["directory"])
    _limit(resource.RLIMIT_CORE, 0)
    if order["memory_bytes"] is not None:
        _limit(resource.RLIMIT_DATA, order["memory_bytes"] * _HEADROOM)
    command = order["command"]
    os.execve(command[0], command, order["variables"])  # noqa: S606 - no shell is what we want


def _limit(kind: int, most: int) -> None:
    _, hard = resource.getrlimit(kind)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(kind, (most, most))


def _prctl(option: int, value: int) -> None:
    # Imported here: only Linux has prctl(2), and Python has no other way to it.
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl was refused")
