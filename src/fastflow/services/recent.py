"""Looks at how some pipelines did lately and when they are due: what the rows of a list show."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session

from fastflow.store import run_history, schedules
from fastflow.store.database import Database
from fastflow.store.run_history import PastRun

RUNS_SHOWN: Final = 30


@dataclass(frozen=True, slots=True)
class Lately:
    """One pipeline."""

    name: str
    runs: Sequence[PastRun]
    """The newest `RUNS_SHOWN`, newest first."""
    next_due_at: datetime | None
    """Of its schedules that start runs now."""


class Recent:
    """Reads a few rows for each pipeline, however many runs there are."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, names: Collection[str]) -> list[Lately]:
        """Return what is known of each of these, in their order; of an unknown one nothing."""

        def work(session: Session) -> list[Lately]:
            due = schedules.next_due_of(session, names)
            return [
                Lately(name, run_history.last(session, name, RUNS_SHOWN), due.get(name)) for name in names
            ]

        return await self._database.read(work)
