"""Runs units of work: writes one after the other, reads beside them, never on the event loop.

A unit of work is a plain function of a `Session`, run as one transaction on a thread. So a
transaction costs one hop, can't contain a network call that somebody awaits, and can't be torn apart
by a cancelled caller: the thread finishes what it began. Writes pass through one thread and begin
with `BEGIN IMMEDIATE`, so SQLite's "database is locked" can't happen within a process, nor a lost
update between processes. See docs/adr/0003.
"""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import Session

from fastflow.domain.actor import acting
from fastflow.domain.errors import Unavailable
from fastflow.store import audit, copying
from fastflow.store.schema import is_newest
from fastflow.store.signal import Signal

T = TypeVar("T")

READERS: Final = 4
_BUSY_TIMEOUT_MS: Final = 10_000
_CONNECT_TIMEOUT_SECONDS: Final = 10


class Database:
    """The one door to SQLite or PostgreSQL."""

    def __init__(self, url: str) -> None:
        """Prepare connections to `url` (`sqlite:///…` or `postgresql://…`); opens none yet."""
        self.url = _with_driver(url)
        self.events_written = Signal()
        """Set after each committed unit of work that wrote events."""
        self.queue_changed = Signal()
        """Set after each one that made an attempt wait, or that gave a slot back."""
        self.schedules_changed = Signal()
        """Set after each one that changed when a schedule is due."""
        self._writer = _engine(self.url, is_read_only=False, connections=1)
        self._reader = _engine(self.url, is_read_only=True, connections=READERS)
        self._write_thread = ThreadPoolExecutor(1, "fastflow-db-write")
        self._read_threads = ThreadPoolExecutor(READERS, "fastflow-db-read")

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded default."""
        return self._writer.dialect.name == "sqlite"

    async def write(self, work: Callable[[Session], T]) -> T:
        """Run `work` as one transaction after those that came before; return what it returns.

        What it records in the audit log is put down to whoever is `acting` in the caller's context. Rows
        that it returns stay readable after the commit. If the caller is cancelled, the work is still done,
        or not begun; never half done.

        Raises:
            Unavailable: `database_unavailable`, `disk_full`; nothing was changed.
        """
        loop = asyncio.get_running_loop()
        actor = acting.get()  # the thread that does the work knows nothing of its caller

        def unit() -> T:
            with _translated_errors(), Session(self._writer, expire_on_commit=False) as session:
                audit.acts_by(session, actor)
                result = work(session)
                audit.write_recorded(session)
                session.commit()
            if "has_queue_changed" in session.info:
                loop.call_soon_threadsafe(self.queue_changed.set)
            if "has_schedules_changed" in session.info:
                loop.call_soon_threadsafe(self.schedules_changed.set)
            if "has_events" in session.info:
                loop.call_soon_threadsafe(self.events_written.set)
            return result

        return await loop.run_in_executor(self._write_thread, unit)

    async def read(self, work: Callable[[Session], T]) -> T:
        """Run `work` in a read-only transaction beside all others; return what it returns.

        Raises:
            Unavailable: `database_unavailable`.
        """

        def unit() -> T:
            with _translated_errors(), Session(self._reader, expire_on_commit=False) as session:
                return work(session)

        return await asyncio.get_running_loop().run_in_executor(self._read_threads, unit)

    @property
    def kind(self) -> str:
        """The product's name."""
        return "SQLite" if self.is_sqlite else "PostgreSQL"

    async def version(self) -> str:
        """Return the version of the library or the server.

        Raises:
            Unavailable: `database_unavailable`.
        """
        question = text("SELECT sqlite_version()" if self.is_sqlite else "SHOW server_version")
        return str(await self.read(lambda session: session.connection().execute(question).scalar_one()))

    async def migrate(self) -> None:
        """Bring the schema to the newest revision.

        Raises:
            Unavailable: the database can't be reached.
        """

        def unit() -> None:
            with _translated_errors(), self._writer.connect() as connection:
                if is_newest(connection):
                    return
            # Alembic is slow to import, large, and needed once.
            from fastflow.store.migrations import upgrade

            with _translated_errors(), self._writer.connect() as connection:
                upgrade(connection)

        await asyncio.get_running_loop().run_in_executor(self._write_thread, unit)

    async def copy_into(self, target: "Database", report: copying.Report) -> Mapping[str, int]:
        """Copy one state of everything into another database, which is empty; return the rows of each table.

        Raises:
            Conflict: `schema_differs`, `database_not_empty`.
            Unavailable: `copy_incomplete`, or either can't be reached; the target is as it was.
        """

        def unit() -> Mapping[str, int]:
            with _translated_errors(), self._reader.connect() as source, target._writer.begin() as into:
                if not self.is_sqlite:
                    source = source.execution_options(isolation_level="REPEATABLE READ")
                return copying.copy_rows(source, into, report)

        return await asyncio.get_running_loop().run_in_executor(target._write_thread, unit)

    async def close(self) -> None:
        """Finish the work that was begun and close all connections."""
        await asyncio.to_thread(self._shut_down)

    def _shut_down(self) -> None:
        self._write_thread.shutdown()
        self._read_threads.shutdown()
        self._writer.dispose()
        self._reader.dispose()


class _translated_errors:
    """Turn the driver's failures into ours."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if not isinstance(error, DBAPIError):
            return
        words = str(error.orig)
        if "disk is full" in words or "No space left" in words:
            raise Unavailable(
                "disk_full", f"The database can't grow: {words}. Free space in DATA_DIR."
            ) from error
        if isinstance(error, OperationalError):
            raise Unavailable("database_unavailable", f"The database does not answer: {words}") from error


def _with_driver(url: str) -> str:
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def _engine(url: str, *, is_read_only: bool, connections: int) -> Engine:
    if not url.startswith("sqlite"):
        options: dict[str, Any] = {"connect_timeout": _CONNECT_TIMEOUT_SECONDS}
        if is_read_only:
            options["options"] = "-c default_transaction_read_only=on"
        return create_engine(
            url, pool_size=connections, max_overflow=0, pool_pre_ping=True, connect_args=options
        )
    engine = create_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        connect_args={"check_same_thread": False, "timeout": _BUSY_TIMEOUT_MS / 1000},
    )
    # The driver begins transactions lazily and deferred, which loses updates; so we begin them.
    begin = "BEGIN" if is_read_only else "BEGIN IMMEDIATE"

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _: object) -> None:  # pyright: ignore[reportUnusedFunction]
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "foreign_keys=ON",
            f"busy_timeout={_BUSY_TIMEOUT_MS}",
            "cache_size=-8000",
            f"query_only={int(is_read_only)}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction]
        connection.exec_driver_sql(begin)

    return engine
