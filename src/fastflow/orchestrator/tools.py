"""What the loops work with, handed in by main."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path, PurePosixPath
from typing import Protocol

from pydantic import JsonValue

from fastflow.domain.environment_ports import Environments
from fastflow.domain.ports import Clock, Executor, LogStore, MetricStore
from fastflow.domain.route import RouteReading
from fastflow.services.attempts import Attempts
from fastflow.services.run_secrets import RunSecrets
from fastflow.services.sources import Sources


class AttemptDirectories(Protocol):
    """The private, writable folders of attempts on this host."""

    async def create(
        self,
        run_id: str,
        attempt: int,
        parameters: Mapping[str, JsonValue],
        payload: bytes | None = None,
    ) -> Path:
        """Make the folder with the parameters and the payload in it; an existing one is used again."""
        ...

    async def read_route(self, run_id: str, attempt: int) -> RouteReading:
        """Read what an attempt that has ended wrote to its FASTFLOW_ROUTE_FILE; it never fails for that."""
        ...

    async def remove(self, run_id: str, attempt: int) -> None:
        """Delete it with all that the attempt left there."""
        ...

    async def collect(self, keep: set[tuple[str, int]], older_than: timedelta = timedelta(minutes=1)) -> int:
        """Delete those not in `keep` (run, attempt) and not too young; return how many."""
        ...


@dataclass(frozen=True, slots=True)
class Tools:
    """Everything an attempt needs on its way."""

    attempts: Attempts
    secrets: RunSecrets
    executor: Executor
    environments: Environments
    source: Sources
    logs: LogStore
    metrics: MetricStore
    directories: AttemptDirectories
    clock: Clock
    starts: asyncio.Semaphore
    """How many containers are started at once: more only make each start slower."""
    stop_grace: timedelta
    network: str
    inside_directory: PurePosixPath | None
    """Where an attempt sees its private folder; None: where it really is."""
