"""Ends a process with everything that descends from it, sessions of their own included."""

import contextlib
from typing import Final

import psutil

_SECONDS: Final = 10


def kill_tree(pid: int) -> None:
    """Kill a child of ours and its descendants; the child itself is left to be waited for.

    All are stopped before the first dies: an orphan could no longer be found by its parents.
    """
    try:
        root = psutil.Process(pid)
    except psutil.NoSuchProcess:
        return
    found: set[psutil.Process] = set()
    while new := ({root, *_descendants(root)} - found):
        found |= new
        for process in new:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.suspend()
    for process in found:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    _, left = psutil.wait_procs(found - {root}, timeout=_SECONDS)
    if left:
        raise RuntimeError(f"survived SIGKILL: {left}")


def _descendants(root: psutil.Process) -> list[psutil.Process]:
    try:
        return root.children(recursive=True)
    except psutil.NoSuchProcess:
        return []
