"""Writes that happen entirely or not at all, as far as this process can tell."""

import asyncio
import errno
import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Final, TypeVar

from fastflow.domain.errors import Unavailable

_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

Result = TypeVar("Result")


@contextmanager
def reporting_a_full_disk() -> Generator[None]:
    """Turn the errors of a disk, quota or file-size limit that is used up into `Unavailable`."""
    try:
        yield
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        raise Unavailable(
            "disk_full",
            "There is no room left to store logs; free some space in the data directory.",
            {"reason": error.strerror},
        ) from error


def write_at(file: int, content: bytes, offset: int) -> None:
    """Write all of `content` at the end of a file, which is at `offset`; on failure cut it off again.

    Raises:
        Unavailable: `disk_full`; the file is as it was.
    """
    written = 0
    with reporting_a_full_disk():
        try:
            # A full disk first shortens a write and refuses the next one.
            while written < len(content):
                rest = memoryview(content)[written:] if written else content
                written += os.pwrite(file, rest, offset + written)
        except OSError:
            os.ftruncate(file, offset)
            raise


async def run_to_end(function: Callable[[], Result]) -> Result:
    """Run file work in a thread; a cancel is delivered only after the work has ended.

    A thread can't be cancelled: a caller that went on at once would race with it.
    """
    work = asyncio.get_running_loop().run_in_executor(None, function)
    cancelled: asyncio.CancelledError | None = None
    while not work.done():
        try:
            await asyncio.wait((work,))
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        work.exception()
        raise cancelled
    return work.result()
