"""How pipelines did lately, on the wire."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from fastflow.domain.run import RunStatus
from fastflow.services.recent import Lately
from fastflow.store.run_history import PastRun


class RecentRunView(BaseModel):
    """A run as a strip of many shows it."""

    id: str
    status: RunStatus
    created_at: datetime
    duration_seconds: float | None = Field(description="From start to end; null: it has not done both.")

    @classmethod
    def of(cls, run: PastRun) -> Self:
        """Show a run."""
        seconds = None
        if run.started_at is not None and run.finished_at is not None:
            seconds = (run.finished_at - run.started_at).total_seconds()
        return cls(id=run.id, status=run.status, created_at=run.created_at, duration_seconds=seconds)


class RecentView(BaseModel):
    """One pipeline."""

    pipeline_name: str
    runs: list[RecentRunView] = Field(description="The last 30, newest first.")
    next_due_at: datetime | None = Field(
        description="By the schedules that start runs now; null: not at all."
    )

    @classmethod
    def of(cls, lately: Lately) -> Self:
        """Show a pipeline."""
        return cls(
            pipeline_name=lately.name,
            runs=[RecentRunView.of(run) for run in lately.runs],
            next_due_at=lately.next_due_at,
        )


class RecentList(BaseModel):
    """The pipelines that were asked for and may be seen, in that order."""

    pipelines: list[RecentView]
