"""Estimates how long a run will take, from those before it."""

from collections.abc import Iterable
from statistics import median
from typing import Final

from sqlmodel import Session

from fastflow.store import run_history
from fastflow.store.database import Database

LOOKED_AT: Final = 20


def estimated_seconds(session: Session, pipeline_names: Iterable[str]) -> dict[str, float]:
    """Return the median duration of the last successful runs of each; none that never succeeded."""
    found: dict[str, float] = {}
    for name in set(pipeline_names):
        durations = run_history.last_durations(session, name, LOOKED_AT)
        if durations:
            found[name] = median(duration.total_seconds() for duration in durations)
    return found


class Estimates:
    """Looks at the history of a pipeline."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def seconds_of(self, pipeline_name: str) -> float | None:
        """Return how long a run of the pipeline will take; None where none has succeeded yet."""
        found = await self._database.read(lambda session: estimated_seconds(session, [pipeline_name]))
        return found.get(pipeline_name)
