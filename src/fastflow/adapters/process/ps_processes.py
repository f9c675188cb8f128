"""Looks at processes through ps(1), where there is no /proc (macOS)."""

import os
import subprocess
from datetime import timedelta
from typing import Final

from fastflow.adapters.process.process import Process

_COLUMNS: Final = "pid=,ppid=,rss=,stat=,time=,lstart="
_TIME_LIMIT: Final = timedelta(seconds=10)


def boot_id() -> str:
    """Return what changes with every start of the machine."""
    return _output(["/usr/sbin/sysctl", "-n", "kern.bootsessionuuid"]).strip()


def look(pid: int) -> Process | None:
    """Return what is known of a process; None where there is none of that number."""
    return next(iter(_table(["-p", str(pid)])), None)


def members(shim: int) -> list[Process]:
    """Return everything that descends from a shim or stayed in its session, parents before children.

    What left the session *and* lost its parent can't be told from a foreign process: it escapes.
    """
    table = _table(["-ax"])
    found = {shim}
    grew = True
    while grew:
        more = {p.pid for p in table if p.parent in found} - found
        found |= more
        grew = bool(more)
    found |= {process.pid for process in table if _session(process.pid) == shim}
    return [process for process in table if process.pid in found and process.pid != shim]


def in_session(session: int) -> list[Process]:
    """Return the living processes of a session."""
    return [p for p in _table(["-ax"]) if not p.is_zombie and _session(p.pid) == session]


def _table(selection: list[str]) -> list[Process]:
    rows = _output(["/bin/ps", *selection, "-o", _COLUMNS]).splitlines()
    return [_process(row.split(None, 5)) for row in rows]


def _process(columns: list[str]) -> Process:
    pid, parent, kibibytes, state, cpu, start = columns
    return Process(
        pid=int(pid),
        parent=int(parent),
        start=start.strip(),
        cpu_seconds=_seconds(cpu),
        children_cpu_seconds=0.0,
        memory_bytes=int(kibibytes) * 1024,
        is_zombie=state.startswith("Z"),
    )


def _seconds(text: str) -> float:
    """Read `[[days-]hours:]minutes:seconds[.hundredths]`."""
    days, _, clock = text.rpartition("-")
    seconds = 0.0
    for part in clock.split(":"):
        seconds = seconds * 60 + float(part)
    return seconds + int(days or 0) * 86400


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except (ProcessLookupError, PermissionError):
        return None


def _output(command: list[str]) -> str:
    # ps answers 1 where no process matches; S603: every argument is a constant or a number.
    completed = subprocess.run(  # noqa: S603
        command, capture_output=True, text=True, timeout=_TIME_LIMIT.total_seconds(), check=False
    )
    return completed.stdout
