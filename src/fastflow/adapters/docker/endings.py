"""Says how a container ended, from what the Engine, the kernel and the init tell."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

from fastflow.adapters.docker import labels
from fastflow.adapters.docker.containers import Containers
from fastflow.adapters.docker.engine import Engine
from fastflow.adapters.docker.engine_types import Container
from fastflow.adapters.docker.exit_watch import Exit
from fastflow.adapters.docker.patience import Patience
from fastflow.adapters.docker.usage import Usage, read_usage
from fastflow.domain.errors import FastFlowError, NotFound, Unavailable
from fastflow.domain.outcome import Ending

_TAKEN_DOWN: Final = frozenset({137, 143, 255})
"""SIGKILL, SIGTERM; 255 is what an Engine says of a container that it found dead after a reboot."""


async def ending_of(
    containers: Containers,
    container: str,
    seen: Exit,
    was_asked_by_us: Callable[[], bool],
    directory: Path | None,
) -> Ending:
    """Return how it ended, asking the Engine until it answers.

    `directory` is the attempt's where this process started it: then a success that was watched throughout
    says all, and the Engine is not asked.
    """
    had_outage = has_been_killed = False
    if directory is None or seen.code != 0 or not seen.was_watched_throughout:
        inspected, had_outage = await _inspect(containers, container)
        if seen.code is None or inspected is None:
            return Ending(None, was_host_lost=True, detail="its container is gone")
        if not inspected.state.is_started:
            return Ending(None, detail=f"Its container never ran. {inspected.state.error}".strip())
        has_been_killed = inspected.state.was_out_of_memory
        directory = directory or labels.directory_from(inspected.labels)
    usage = await asyncio.to_thread(read_usage, directory)
    was_out_of_memory = seen.code != 0 and (has_been_killed or usage.has_been_killed_for_memory)
    is_suspect = usage.was_asked_to_end or seen.code in _TAKEN_DOWN
    was_host_lost = (
        is_suspect
        and not was_out_of_memory
        and not was_asked_by_us()
        and (had_outage or not seen.was_witnessed or not await _is_there(containers.engine))
    )
    return _ending(seen.code, usage, was_out_of_memory=was_out_of_memory, was_host_lost=was_host_lost)


def _ending(code: int, usage: Usage, *, was_out_of_memory: bool, was_host_lost: bool) -> Ending:
    return Ending(
        code,
        was_out_of_memory=was_out_of_memory,
        was_host_lost=was_host_lost,
        detail="it was ended together with its Engine" if was_host_lost else "",
        peak_memory_bytes=usage.peak_memory_bytes,
        cpu_seconds=usage.cpu_seconds,
    )


async def _inspect(containers: Containers, container: str) -> tuple[Container | None, bool]:
    """Return the container, None where it is gone; and whether the Engine was away meanwhile."""
    patience = Patience()
    had_outage = False
    while True:
        try:
            return await containers.inspect(container), had_outage
        except NotFound:
            return None, had_outage
        except FastFlowError:
            had_outage = True
            await patience.sleep()


async def _is_there(engine: Engine) -> bool:
    """Ask over a new connection: an Engine that is going down still answers on the old ones."""
    fresh = Engine(engine.address)
    try:
        await fresh.ping()
    except Unavailable:
        return False
    finally:
        await fresh.close()
    return True
