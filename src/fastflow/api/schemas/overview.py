"""What goes on at this moment, on the wire."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from fastflow.api.schemas.runs import SampleView
from fastflow.api.schemas.system import CheckView
from fastflow.domain.outcome import Outcome
from fastflow.domain.run import AttemptStatus, RunStatus, Trigger
from fastflow.domain.spec import RunSpec
from fastflow.domain.waiting import WaitsFor
from fastflow.services.health import FailedSync, Health
from fastflow.services.overview import Now, Running, Waiting
from fastflow.store.tables import RunRow


class RunningView(BaseModel):
    """A run that holds a slot."""

    run_id: str
    pipeline_name: str
    status: RunStatus = Field(description="PENDING while its first attempt is prepared.")
    attempt: int
    attempt_status: AttemptStatus
    claimed_at: datetime | None = Field(description="Since when it holds its slot.")
    started_at: datetime | None = Field(description="Of the run: when its first attempt began.")
    attempt_started_at: datetime | None
    estimated_seconds: float | None = Field(
        description="From start to end: the median of the last successful runs; null: there is none."
    )
    sample: SampleView | None = Field(description="What it used last.")
    cpu_limit_cores: float | None
    memory_limit_bytes: int | None
    soft_cpu_limit_cores: float | None
    soft_memory_limit_bytes: int | None
    warnings: list[str]

    @classmethod
    def of(cls, running: Running) -> Self:
        """Put it together."""
        run, attempt = running.run, running.attempt
        limits = RunSpec.model_validate(run.spec).limits
        return cls(
            run_id=run.id,
            pipeline_name=run.pipeline_name,
            status=run.status,
            attempt=attempt.number,
            attempt_status=attempt.status,
            claimed_at=attempt.claimed_at,
            started_at=run.started_at,
            attempt_started_at=attempt.started_at,
            estimated_seconds=running.estimated_seconds,
            sample=SampleView.of(running.sample) if running.sample is not None else None,
            cpu_limit_cores=limits.cpu_cores,
            memory_limit_bytes=limits.memory_bytes,
            soft_cpu_limit_cores=limits.soft_cpu_cores,
            soft_memory_limit_bytes=limits.soft_memory_bytes,
            warnings=run.warnings,
        )


class QueuedView(BaseModel):
    """A run that waits."""

    run_id: str
    pipeline_name: str
    status: RunStatus
    trigger: Trigger
    created_at: datetime
    attempt: int = Field(description="The number that its next attempt has.")
    available_at: datetime = Field(description="Since when the attempt is due; of a retry, when it will be.")
    waits_for: WaitsFor
    reason: str = Field(description="The same as a sentence.")

    @classmethod
    def of(cls, waiting: Waiting) -> Self:
        """Put it together."""
        run, attempt = waiting.run, waiting.attempt
        return cls(
            run_id=run.id,
            pipeline_name=run.pipeline_name,
            status=run.status,
            trigger=run.trigger,
            created_at=run.created_at,
            attempt=attempt.number,
            available_at=attempt.available_at,
            waits_for=waiting.waits_for,
            reason=waiting.reason,
        )


class FailedRunView(BaseModel):
    """A run that failed lately."""

    run_id: str
    pipeline_name: str
    trigger: Trigger
    finished_at: datetime
    attempt_count: int
    outcome: Outcome | None
    reason: str | None

    @classmethod
    def of(cls, run: RunRow) -> Self:
        """Show a run."""
        return cls(
            run_id=run.id,
            pipeline_name=run.pipeline_name,
            trigger=run.trigger,
            finished_at=run.finished_at or run.created_at,
            attempt_count=run.attempt_count,
            outcome=run.outcome,
            reason=run.reason,
        )


class SlotsView(BaseModel):
    """Slots, of all pipelines together."""

    limit: int
    used: int


class SchedulerView(BaseModel):
    """What starts runs by the clock."""

    is_alive: bool
    ticked_at: datetime | None = Field(description="When it looked last; null: not since the start.")


class DiskView(BaseModel):
    """The filesystem of the data directory."""

    free_bytes: int
    total_bytes: int


class FailedSyncView(BaseModel):
    """A repository whose newest sync failed."""

    repository: str
    sync_id: str
    failed_at: datetime | None
    code: str | None
    message: str | None
    failures: int = Field(description="In a row, since the server started.")

    @classmethod
    def of(cls, failed: FailedSync) -> Self:
        """Put it together."""
        sync = failed.sync
        return cls(
            repository=failed.repository.name,
            sync_id=sync.id,
            failed_at=sync.finished_at,
            code=sync.code,
            message=sync.message,
            failures=failed.failures,
        )


class PartsHealthView(BaseModel):
    """How the server's parts do."""

    is_ready: bool = Field(description="Whether runs can be started: as /ready says.")
    checks: list[CheckView]
    scheduler: SchedulerView
    disk: DiskView | None = Field(description="null: it can't be read.")
    failed_syncs: list[FailedSyncView] = Field(
        description="Of every repository whose newest sync failed, that one; "
        "empty for a credential for some pipelines only."
    )

    @classmethod
    def of(cls, health: Health, *, with_syncs: bool) -> Self:
        """Put it together."""
        disk = health.disk
        return cls(
            is_ready=all(check.is_ready for check in health.checks if check.is_needed),
            checks=[CheckView.model_validate(check, from_attributes=True) for check in health.checks],
            scheduler=SchedulerView(is_alive=health.is_scheduler_alive, ticked_at=health.scheduler_ticked_at),
            disk=DiskView(free_bytes=disk.free_bytes, total_bytes=disk.total_bytes) if disk else None,
            failed_syncs=[FailedSyncView.of(failed) for failed in health.failed_syncs] if with_syncs else [],
        )


class EndedView(BaseModel):
    """How the runs ended that were made within the last 24 hours; each counted up to 100,000."""

    succeeded: int
    failed: int
    cancelled: int
    skipped: int

    @classmethod
    def of(cls, ended: dict[RunStatus, int]) -> Self:
        """Name the statuses."""
        return cls(
            succeeded=ended.get(RunStatus.SUCCESS, 0),
            failed=ended.get(RunStatus.FAILED, 0),
            cancelled=ended.get(RunStatus.CANCELLED, 0),
            skipped=ended.get(RunStatus.SKIPPED, 0),
        )


class OverviewView(BaseModel):
    """What goes on at this moment, of the pipelines that the caller may see."""

    at: datetime
    running: list[RunningView] = Field(description="The 100 that were made first.")
    running_total: int
    queued: list[QueuedView] = Field(description="The 50 that were made first.")
    queued_total: int
    slots: SlotsView
    failed_lately: list[FailedRunView] = Field(description="Of the last 24 hours, the latest first; 10.")
    ended_lately: EndedView
    health: PartsHealthView
    has_pipelines: bool
    has_runs: bool
    is_empty: bool = Field(description="There is no pipeline, or there never was a run.")
    executor: str
    is_isolating: bool
    version: str

    @classmethod
    def of(cls, now: Now, health: PartsHealthView, **server: object) -> Self:
        """Put it together."""
        return cls.model_validate(
            {
                "at": now.at,
                "running": [RunningView.of(running) for running in now.running],
                "running_total": now.running_total,
                "queued": [QueuedView.of(waiting) for waiting in now.queued],
                "queued_total": now.queued_total,
                "slots": SlotsView(limit=now.slots, used=now.slots_in_use),
                "failed_lately": [FailedRunView.of(run) for run in now.failed],
                "ended_lately": EndedView.of(now.ended),
                "health": health,
                "has_pipelines": now.has_pipelines,
                "has_runs": now.has_runs,
                "is_empty": not (now.has_pipelines and now.has_runs),
                **server,
            }
        )
