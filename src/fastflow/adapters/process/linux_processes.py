"""Looks at processes through /proc (proc(5))."""

import os
from functools import cache
from typing import Final

from fastflow.adapters.process.process import Process

_TICKS_PER_SECOND: Final = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")


@cache
def boot_id() -> str:
    """Return what changes with every start of the machine."""
    with open("/proc/sys/kernel/random/boot_id") as file:
        return file.read().strip()


def look(pid: int) -> Process | None:
    """Return what is known of a process; None where there is none of that number."""
    fields = _stat(pid)
    if fields is None:
        return None
    user, system, children_user, children_system = (int(field) for field in fields[11:15])
    return Process(
        pid=pid,
        parent=int(fields[1]),
        start=fields[19],
        cpu_seconds=(user + system) / _TICKS_PER_SECOND,
        children_cpu_seconds=(children_user + children_system) / _TICKS_PER_SECOND,
        memory_bytes=int(fields[21]) * _PAGE_BYTES,
        is_zombie=fields[0] in "ZX",
    )


def members(shim: int) -> list[Process]:
    """Return everything that descends from a shim, parents before children.

    A shim is the subreaper of its payload: what daemonizes becomes its child, and is still found.
    """
    found: list[Process] = []
    parents = [shim]
    while parents:
        for pid in _children(parents.pop(0)):
            process = look(pid)
            if process is not None:
                found.append(process)
                parents.append(pid)
    return found


def in_session(session: int) -> list[Process]:
    """Return the living processes of a session."""
    found: list[Process] = []
    for name in os.listdir("/proc"):
        if name.isdecimal() and (fields := _stat(int(name))) and int(fields[3]) == session:
            process = look(int(name))
            if process is not None and not process.is_zombie:
                found.append(process)
    return found


def _stat(pid: int) -> list[str] | None:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            # The command stands in parentheses and may itself contain some.
            return file.read().rpartition(b")")[2].decode().split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def _children(pid: int) -> list[int]:
    # Listed for each thread, because threads fork too.
    found: list[int] = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children") as file:
                found += [int(child) for child in file.read().split()]
    except (FileNotFoundError, ProcessLookupError):
        return found
    return found
