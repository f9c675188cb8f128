"""Excludes other tasks and other processes that share the store."""

import asyncio
import fcntl
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

_POLL_SECONDS: Final = 0.05


@asynccontextmanager
async def held(path: Path) -> AsyncGenerator[None]:
    """Hold the lock of that file, waiting for it; a process that dies lets go of it.

    Asked for again and again instead of blocking in a thread, because a thread can't be cancelled.
    """
    descriptor = await asyncio.to_thread(try_lock, path)
    while descriptor is None:
        await asyncio.sleep(_POLL_SECONDS)
        descriptor = await asyncio.to_thread(try_lock, path)
    try:
        yield
    finally:
        os.close(descriptor)


def try_lock(path: Path) -> int | None:
    """Return a descriptor that holds the lock until it is closed, or None: somebody else holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if _is_still(path, descriptor):
            return descriptor
    except BlockingIOError:
        pass
    except BaseException:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None


def _is_still(path: Path, descriptor: int) -> bool:
    # Whoever collects locks removes the file while holding it: then ours has no name any more.
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
