"""Chooses what attempts run on, and says so."""

import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from fastflow.adapters.process.executor import ProcessExecutor
from fastflow.adapters.process.toolbox import ProcessToolbox
from fastflow.domain.ports import Executor, Toolbox
from fastflow.settings import Settings

Report = Callable[[str], None]

STARTS_A_CORE = 2
"""More starts at a time only make each of them slower: the Engine is bound by the processor."""


@dataclass(frozen=True, slots=True)
class Platform:
    """An executor with what belongs to it."""

    executor: Executor
    toolbox: Toolbox
    owner: tuple[int, int] | None
    """User and group that attempts run as, where the server may choose them."""
    inside_directory: PurePosixPath | None
    """Where attempts see their private folder; None: where it really is."""
    starts_at_once: int
    preparing: Callable[[], Awaitable[None]] | None = None
    """Work to do beside everything else until the executor is ready."""


async def choose_platform(settings: Settings, installation_id: str, report: Report) -> Platform:
    """Pick the executor that the settings name; `auto` takes Docker where an Engine answers now."""
    return _process_platform(settings, settings.data_dir.absolute())


def _process_platform(settings: Settings, data: Path) -> Platform:
    return Platform(
        executor=ProcessExecutor(data / "processes"),
        toolbox=ProcessToolbox(settings.uv_store, ca_bundle=settings.ca_bundle),
        owner=None,
        inside_directory=None,
        starts_at_once=STARTS_A_CORE * (os.cpu_count() or 1),
    )
