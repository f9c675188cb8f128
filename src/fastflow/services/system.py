"""Says how the server itself is doing."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlmodel import Session

from fastflow.domain.errors import Unavailable
from fastflow.domain.ports import Executor, Readiness
from fastflow.domain.run import RunStatus
from fastflow.services.figures import Figures
from fastflow.store import attempts, runs
from fastflow.store.database import Database


@dataclass(frozen=True, slots=True)
class Check:
    """One part of the server and whether it can do its work."""

    name: str
    is_ready: bool
    message: str
    is_needed: bool = True
    """Whether nothing can be started without it."""


@dataclass(frozen=True, slots=True)
class Load:
    """What is going on at this moment."""

    active_runs: dict[RunStatus, int]
    slots_in_use: int
    slots: int


class System:
    """Readiness and load."""

    def __init__(
        self,
        database: Database,
        executor: Executor,
        slots: int,
        startup: Callable[[], Readiness],
        encryption: Callable[[], Awaitable[Readiness]],
        figures: Figures,
    ) -> None:
        self.figures = figures
        """What has ended since the start."""
        self._database = database
        self._executor = executor
        self._slots = slots
        self._startup = startup
        self._encryption = encryption

    @property
    def executor(self) -> Executor:
        """What starts attempts here."""
        return self._executor

    async def checks(self) -> list[Check]:
        """Look at every part that a run needs."""
        executor = await self._executor.readiness()
        startup = self._startup()
        return [
            await self._check_database(),
            await self._check_encryption(),
            Check("executor", executor.is_ready, executor.message),
            Check("startup", startup.is_ready, startup.message),
        ]

    async def load(self) -> Load:
        """Count what is active."""

        def work(session: Session) -> Load:
            return Load(runs.count_by_status(session), attempts.slots_in_use(session), self._slots)

        return await self._database.read(work)

    async def _check_encryption(self) -> Check:
        try:
            found = await self._encryption()
        except Unavailable:  # of the database, which speaks for itself
            found = Readiness(False, "Can't be looked at without the database.")
        return Check("encryption", found.is_ready, found.message, is_needed=False)

    async def _check_database(self) -> Check:
        try:
            await self._database.read(attempts.slots_in_use)
        except Unavailable as error:
            return Check("database", False, error.message)
        return Check("database", True, f"{self._database.kind} answers.")
