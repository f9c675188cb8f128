"""Finds the programs that tests run; what a bare Debian machine lacks is installed."""

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

_INSTALLING = Path(tempfile.gettempdir()) / f"fastflow-debian-{os.geteuid()}.lock"
_SECONDS = 600
_SERVERS = frozenset({"openssh-server"})
"""Packages that would open a door of a machine that somebody runs: there its owner installs them."""
_SYSTEM_FOLDERS = "/usr/sbin:/sbin:/usr/local/sbin"
"""Where servers lie; a user's PATH need not name them."""


def find_or_install(find: Callable[[], T | None], package: str, remedy: str) -> T:
    """Return what `find` finds, after installing the package where we may.

    Raises:
        RuntimeError: it is not there and could not be installed; the message is the remedy.
    """
    # Test processes that start together install it once.
    with _INSTALLING.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        found = find()
        if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
            _install(package)
            found = find()
    if found is None:
        raise RuntimeError(remedy)
    return found


def find_program(name: str, package: str) -> str:
    """Return the absolute path of a program; the Debian package that brings it is installed if need be.

    Raises:
        RuntimeError: it is not there and could not be installed.
    """

    def find() -> str | None:
        return shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}:{_SYSTEM_FOLDERS}")

    return find_or_install(
        find, package, f"The tests need {name}. Install it: apt-get install {package}, or put it on the PATH."
    )


def _install(package: str) -> None:
    # RUNLEVEL=1: the package starts no server that nobody would stop. systemd doesn't read it.
    if package in _SERVERS and Path("/run/systemd/system").exists():
        return
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    waiting = ("-o", "DPkg::Lock::Timeout=300")
    for arguments in (
        ["update", "-qq"],
        [*waiting, "install", "-y", "-qq", "--no-install-recommends", package],
    ):
        done = subprocess.run(
            ["apt-get", *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"apt-get {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
