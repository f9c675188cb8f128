"""Says what the server is made of, and what it finds when it examines its machine."""

import asyncio
import platform
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from fastflow.domain.errors import Unavailable
from fastflow.domain.finding import Finding
from fastflow.domain.ports import Clock, Executor
from fastflow.domain.server_ports import DataDirectory, Host, Size, Space
from fastflow.store.database import Database

REPORT_HOLDS: Final = timedelta(minutes=5)
"""An examination starts programs and a container: whoever looks again and again gets what was found."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the server is made of."""

    python_version: str
    database_kind: str
    database_version: str | None
    """None, like the other ones: it does not answer."""
    executor: str
    is_isolating: bool
    engine_version: str | None
    uv_version: str
    started_at: datetime
    uptime: timedelta
    size: Size | None
    space: Space | None


@dataclass(frozen=True, slots=True)
class Report:
    """What an examination found."""

    findings: list[Finding]
    examined_at: datetime


class About:
    """Asks everything that is asked for nowhere else."""

    def __init__(
        self, database: Database, clock: Clock, executor: Executor, data: DataDirectory, host: Host
    ) -> None:
        self._database = database
        self._clock = clock
        self._executor = executor
        self._data = data
        self._host = host
        self._started_at = clock.now()
        self._report: Report | None = None
        self._examining = asyncio.Lock()

    async def facts(self) -> Facts:
        """Say what the server is made of; what does not answer is left out."""
        engine, uv, database, disk = await asyncio.gather(
            self._host.engine_version(), self._host.uv_version(), self._database_version(), self._disk()
        )
        return Facts(
            python_version=platform.python_version(),
            database_kind=self._database.kind,
            database_version=database,
            executor=self._executor.name,
            is_isolating=self._executor.is_isolating,
            engine_version=engine,
            uv_version=uv,
            started_at=self._started_at,
            uptime=self._clock.now() - self._started_at,
            size=disk[0],
            space=disk[1],
        )

    async def report(self) -> Report:
        """Examine the machine, or return what was found a moment ago."""
        async with self._examining:
            now, report = self._clock.now(), self._report
            if report is None or not timedelta() <= now - report.examined_at < REPORT_HOLDS:
                report = self._report = Report(await self._host.examine(), now)
            return report

    async def _database_version(self) -> str | None:
        try:
            return await self._database.version()
        except Unavailable:  # said by the checks; here it is one fact of many
            return None

    async def _disk(self) -> tuple[Size | None, Space | None]:
        try:
            return await self._data.size(), await self._data.space()
        except Unavailable:  # as above
            return None, None
