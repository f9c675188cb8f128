"""Lets a thread read a mirror, bounded in time."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from fastflow.adapters.git.command import GitCommand
from fastflow.adapters.git.objects import ObjectReader
from fastflow.domain.errors import Unavailable

Result = TypeVar("Result")


async def read_objects(
    git: GitCommand, git_dir: Path, work: Callable[[ObjectReader], Result], time_limit: timedelta
) -> Result:
    """Return what `work` makes of the mirror's objects, on another thread. It ends with this call.

    Raises:
        ObjectMissing: the mirror lacks something, or is not there.
        Unavailable: `git_timeout`, `git_missing`, `git_too_old`.
    """
    command, environment = await git.invocation(())
    reader = await asyncio.to_thread(ObjectReader, git_dir, command, environment)
    working = asyncio.ensure_future(asyncio.to_thread(work, reader))
    try:
        async with asyncio.timeout(time_limit.total_seconds()):
            return await asyncio.shield(working)
    except TimeoutError as error:
        raise Unavailable(
            "git_timeout",
            f"Its files could not be looked at within {time_limit.total_seconds():.0f} s. Set "
            "PIPELINES_SUBDIR to a smaller folder, or GIT_TIMEOUT_SECONDS higher.",
        ) from error
    finally:
        reader.kill()  # what it waits for comes to an end
        await asyncio.gather(working, return_exceptions=True)
        await asyncio.to_thread(reader.close)
