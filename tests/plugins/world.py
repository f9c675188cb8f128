"""A whole server without a socket: real store, real log files, fake executor, environments and clock."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from fastflow.adapters.crypto.access_tokens import JwtAccessTokens
from fastflow.adapters.crypto.fernet import FernetCipher
from fastflow.adapters.crypto.passwords import Argon2Passwords
from fastflow.adapters.files.attempt_directory import AttemptDirectories
from fastflow.adapters.files.checkouts import Checkouts
from fastflow.adapters.files.data_directory import FileDataDirectory
from fastflow.adapters.files.log_store import FileLogStore
from fastflow.adapters.files.metric_store import FileMetricStore
from fastflow.adapters.files.pipeline_texts import FilePipelineTexts
from fastflow.domain.identity import Door
from fastflow.domain.log import LogKey
from fastflow.domain.run import RunStatus, Trigger
from fastflow.main.accounts import Elsewhere
from fastflow.main.outside import Options, Outside
from fastflow.main.parts import wire
from fastflow.services.provider_sign_in import Entrance
from fastflow.services.run_requests import RunRequest
from fastflow.services.runs import RunWithAttempts
from fastflow.store.database import Database
from tests.fakes.alarm import FakeAlarm
from tests.fakes.clock import FakeClock
from tests.fakes.credentials import FakeKeyMaker, FakeTokens
from tests.fakes.executor import FakeExecutor
from tests.fakes.host import FakeHost
from tests.fakes.mirrors import FakeMirrors
from tests.fakes.provider import FakeProvider
from tests.fakes.stores import FakeEnvironments, FakeSource

SIGNING_KEY = "0123456789abcdef0123456789abcdef0123456789"


@dataclass
class World:
    """What outlives a server: the Engine, the disk, the clock, the pipelines."""

    executor: FakeExecutor
    source: FakeSource
    environments: FakeEnvironments
    clock: FakeClock
    path: Path
    database_url: str
    mirrors: FakeMirrors = field(default_factory=FakeMirrors)
    cipher: FernetCipher = field(default_factory=lambda: FernetCipher([Fernet.generate_key().decode()]))
    tokens: FakeTokens = field(default_factory=FakeTokens)
    access_tokens: JwtAccessTokens = field(default_factory=lambda: JwtAccessTokens([SIGNING_KEY], "test"))

    provider: FakeProvider = field(default_factory=FakeProvider)
    door: Door = field(default_factory=Door)
    host: FakeHost = field(default_factory=FakeHost)
    log_bytes: int = 32 * 1024 * 1024
    """How much of an attempt's log is stored."""

    def outside(self, database: Database) -> Outside:
        """Return what a server that starts now stands on."""
        return Outside(
            database=database,
            clock=self.clock,
            alarm=FakeAlarm(),
            executor=self.executor,
            source=self.source,
            environments=self.environments,
            logs=FileLogStore(self.path / "logs", self.log_bytes),
            metrics=FileMetricStore(self.path / "logs"),
            directories=AttemptDirectories(self.path / "attempts", None),
            data=FileDataDirectory(self.path),
            texts=FilePipelineTexts(),
            host=self.host,
            mirrors=self.mirrors,
            checkouts=Checkouts(self.path / "checkouts"),
            cipher=self.cipher,
            keys=FakeKeyMaker(),
            tokens=self.tokens,
            passwords=Argon2Passwords(memory_kib=8),
            access_tokens=self.access_tokens,
            elsewhere=Elsewhere(
                FernetCipher.fresh(), [Entrance(self.provider, self.door)], "http://127.0.0.1:8000"
            ),
        )


class Instance:
    """One server process on that world."""

    def __init__(self, world: World, slots: int = 10, host: str = "host") -> None:
        self.world = world
        self.database = Database(world.database_url)
        outside = world.outside(self.database)
        self.alarm = outside.alarm
        self.parts = wire(outside, Options(host=host, slots=slots))
        services = self.parts.services
        self.events, self.pipelines = services.events, services.pipelines
        self.schedules, self.ledger = services.schedules, services.ledger
        self.secrets, self.rotation = services.secrets, services.rotation
        self.runs, self.logs, self.closing = services.runs, services.logs, services.closing
        self.tools, self.attempts = self.parts.tools, self.parts.tools.attempts
        self.worker, self.reconciler = self.parts.worker, self.parts.reconciler
        self.app = self.parts.app
        self.sync, self.repository_sync = services.sync, self.parts.git.repository_sync
        self._tasks: list[asyncio.Task[None]] = []

    async def begin(self) -> None:
        """Start what a server starts, but for claiming: tests say when to look into the queue."""
        await self.events.begin()
        await self.sync.begin()
        self._tasks = [asyncio.create_task(self.events.pump()), asyncio.create_task(self.worker.listen())]

    def run_beside(self, loop: Coroutine[Any, Any, None]) -> None:
        """Run one of the server's loops until its end."""
        self._tasks.append(asyncio.create_task(loop))

    async def trigger(self, pipeline: str = "p", **changes: str) -> str:
        """Trigger a run; return its id."""
        run = await self.runs.trigger(RunRequest(pipeline, Trigger.API, variables=changes))
        return run.id

    async def claim_all(self) -> int:
        """Claim until nothing is due or no slot is free; return how many."""
        count = 0
        while await self.worker.tick():
            count += 1
        return count

    async def get(self, run_id: str) -> RunWithAttempts:
        """Read the run."""
        return await self.runs.get(run_id)

    async def until(self, run_id: str, status: RunStatus) -> RunWithAttempts:
        """Block until the run has that status."""
        async for _ in self.events.follow(0, run_id=run_id, quiet_seconds=0.05):
            whole = await self.get(run_id)
            if whole.run.status is status:
                return whole
        raise AssertionError("events never end")

    async def lines(self, run_id: str) -> list[str]:
        """Read the whole log."""
        page = await self.logs.page(run_id, 0, 100_000)
        return [line.text.decode() for line in page.lines]

    async def logs_reach(self, run_id: str, lines: int) -> None:
        """Block until that many lines of the first attempt are stored."""
        await self.tools.logs.wait_beyond(LogKey(run_id, 1), lines - 1)

    async def end(self) -> None:
        """Shut down as SIGTERM does: attempts are let go of, not ended."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.worker.stop()
        await self.database.close()


@pytest.fixture
def world(sqlite_url: str, tmp_path: Path) -> World:
    clock = FakeClock()
    return World(
        FakeExecutor(clock), FakeSource(tmp_path / "source"), FakeEnvironments(), clock, tmp_path, sqlite_url
    )


@pytest.fixture
async def start(world: World) -> AsyncIterator[Callable[..., Awaitable[Instance]]]:
    """Start servers on the world; what is still up at the end is shut down."""
    instances: list[Instance] = []

    async def starting(slots: int = 10, host: str = "host") -> Instance:
        instance = Instance(world, slots, host)
        instances.append(instance)
        await instance.begin()
        return instance

    yield starting
    for instance in instances:
        await instance.end()
