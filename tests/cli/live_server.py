"""A real server on a real port, whose executor, pipelines and environments are fakes."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import uvicorn
from cryptography.fernet import Fernet
from fastapi import FastAPI

from fastflow.adapters.crypto.access_tokens import JwtAccessTokens
from fastflow.adapters.crypto.fernet import FernetCipher
from fastflow.adapters.crypto.passwords import Argon2Passwords
from fastflow.adapters.files.attempt_directory import AttemptDirectories
from fastflow.adapters.files.checkouts import Checkouts
from fastflow.adapters.files.data_directory import FileDataDirectory
from fastflow.adapters.files.log_store import FileLogStore
from fastflow.adapters.files.metric_store import FileMetricStore
from fastflow.adapters.files.pipeline_texts import FilePipelineTexts
from fastflow.api.schemas.system import SettingView
from fastflow.domain.events import EventType
from fastflow.domain.identity import Door
from fastflow.domain.log import LogKey
from fastflow.main.accounts import Elsewhere
from fastflow.main.outside import Options, Outside
from fastflow.main.parts import Parts, wire
from fastflow.services.clock import SystemClock
from fastflow.services.provider_sign_in import Entrance
from fastflow.settings import Settings, described
from fastflow.store.database import Database
from tests.fakes.alarm import FakeAlarm
from tests.fakes.credentials import FakeKeyMaker, FakeTokens
from tests.fakes.executor import FakeExecutor
from tests.fakes.host import FakeHost
from tests.fakes.mirrors import FakeMirrors
from tests.fakes.provider import FakeProvider
from tests.fakes.stores import FakeEnvironments, FakeSource

T = TypeVar("T")
PATIENCE_SECONDS = 30


@dataclass
class _Running:
    """One server process: everything that a restart makes anew."""

    database: Database
    parts: Parts
    listener: uvicorn.Server
    tasks: list[asyncio.Future[None]] = field(default_factory=list[asyncio.Future[None]])


class ShiftedClock(SystemClock):
    """Real time, from where the test has moved it to."""

    def __init__(self) -> None:
        self.ahead_by = timedelta()

    def now(self) -> datetime:
        """Return the moment that the server takes for the present."""
        return super().now() + self.ahead_by


class LiveServer:
    """Runs on a thread with its own event loop, so that tests may call the console as users do.

    The executor, the pipelines and the disk outlive a `restart`, as the Engine and the host do.
    """

    def __init__(self, database_url: str, path: Path) -> None:
        self._database_url = database_url
        self._path = path
        self.source = FakeSource(path / "source")
        self.mirrors = FakeMirrors()
        self._clock = ShiftedClock()
        self.tokens = FakeTokens()
        self.provider = FakeProvider()
        self._cipher = FernetCipher([Fernet.generate_key().decode()])
        self.environments = FakeEnvironments()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="live server")
        self._thread.start()
        self.executor = self.on_loop(self._make_executor)
        self._port = 0
        try:
            self._running = self.wait_for(self._start())
        except BaseException:
            self._end_thread()  # else the test session never ends
            raise

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._port}"

    def on_loop(self, call: Callable[..., T], *arguments: Any) -> T:
        """Call something of the server on its own thread."""

        async def called() -> T:
            return call(*arguments)

        return self.wait_for(called())

    def wait_for(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the server's loop and return its result."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE_SECONDS)

    def emit(self, run_id: str, *texts: str) -> None:
        """Let a run print lines."""
        for text in texts:
            self.on_loop(self.executor.emit, run_id, text)

    def finish(self, run_id: str, exit_code: int = 0) -> None:
        """Let a run exit."""
        self.on_loop(self.executor.finish, run_id, exit_code)

    def scan(self) -> None:
        """Look at all pipelines now, as the watch of a real server does every few seconds."""
        self.wait_for(self._running.parts.services.pipelines.refresh())

    def pass_time(self, duration: timedelta) -> None:
        """Let the server's clock be that much later, and start what is due by then."""
        self._clock.ahead_by += duration
        self.wait_for(self._running.parts.scheduling.scheduler.tick())

    def wait_until_stored(self, run_id: str, lines: int) -> None:
        """Block until that many lines of the run's first attempt are stored."""
        self.wait_for(self._running.parts.tools.logs.wait_beyond(LogKey(run_id, 1), lines - 1))

    def newest_started(self, pipeline: str | None = None) -> str:
        """Block until an attempt runs, of that pipeline if it is named; return the id of its run."""

        async def started() -> str:
            async for events in self._running.parts.services.events.follow(0, quiet_seconds=1):
                ids = [
                    event.run_id
                    for event in events
                    if event.type is EventType.RUN_STARTED and pipeline in (None, event.pipeline_name)
                ]
                if ids and ids[-1] is not None:
                    return ids[-1]
            raise AssertionError("events never end")

        return self.wait_for(started())

    def restart(self) -> None:
        """End the server as a signal does and start it again on the same port; attempts go on."""
        self.stop()
        self.start()

    def stop(self) -> None:
        """End the server as a signal does."""
        self.wait_for(self._stop(self._running))

    def start(self) -> None:
        """Start it again on the same port."""
        self._running = self.wait_for(self._start())

    def cut_connections(self) -> None:
        """Break every connection off in the middle of whatever it carries."""

        def cut() -> None:
            for connection in list(self._running.listener.server_state.connections):
                getattr(connection, "transport").abort()  # noqa: B009 - the protocol's type is uvicorn's own

        self.on_loop(cut)

    def close(self) -> None:
        """End the server and its thread."""
        self.stop()
        self._end_thread()

    def _end_thread(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE_SECONDS)
        self._loop.close()

    def _make_executor(self) -> FakeExecutor:
        return FakeExecutor()

    async def _start(self) -> _Running:
        database, data = Database(self._database_url), self._path
        outside = Outside(
            database=database,
            clock=self._clock,
            alarm=FakeAlarm(),
            executor=self.executor,
            source=self.source,
            environments=self.environments,
            logs=FileLogStore(data / "logs", 64 * 1024**2),
            metrics=FileMetricStore(data / "logs"),
            directories=AttemptDirectories(data / "attempts", None),
            data=FileDataDirectory(data),
            texts=FilePipelineTexts(),
            host=FakeHost(),
            mirrors=self.mirrors,
            checkouts=Checkouts(data / "checkouts"),
            cipher=self._cipher,
            keys=FakeKeyMaker(),
            tokens=self.tokens,
            passwords=Argon2Passwords(memory_kib=8),
            access_tokens=JwtAccessTokens(["0123456789abcdef0123456789abcdef"], "test"),
            elsewhere=Elsewhere(
                FernetCipher.fresh(), [Entrance(self.provider, Door())], "http://127.0.0.1:8000"
            ),
        )
        settings = await asyncio.to_thread(_settings)
        parts = wire(outside, Options(host="host", stop_grace=timedelta(seconds=1), settings=settings))
        await parts.services.events.begin()
        await parts.services.sync.begin()
        listener = await self._listen(parts.app)
        running = _Running(database, parts, listener)
        loops: list[Callable[[], Awaitable[None]]] = [
            *(
                parts.loops[name]
                for name in ("events", "dispatcher", "cancels", "reconciler", "chain", "repository sync")
            ),
            listener.main_loop,
        ]
        running.tasks = [asyncio.ensure_future(loop()) for loop in loops]
        return running

    async def _listen(self, app: FastAPI) -> uvicorn.Server:
        config = uvicorn.Config(
            app,
            port=self._port,
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=1,
        )
        config.load()
        listener = uvicorn.Server(config)
        listener.lifespan = config.lifespan_class(config)
        await listener.startup()
        self._port = listener.servers[0].sockets[0].getsockname()[1]
        return listener

    async def _stop(self, running: _Running) -> None:
        running.parts.services.closing.begin()
        running.listener.should_exit = True
        await running.tasks[-1]
        await running.listener.shutdown()
        for task in running.tasks:
            task.cancel()
        await asyncio.gather(*running.tasks, return_exceptions=True)
        await running.parts.worker.stop()
        await running.database.close()


def _settings() -> tuple[SettingView, ...]:
    """Read the environment, and the file of the time zone: not for the loop."""
    return tuple(SettingView.model_validate(view) for view in described(Settings.model_validate({})))
