"""Runs on the wire."""

from datetime import UTC, datetime
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from fastflow.api.schemas.redaction import without_secrets
from fastflow.domain.cause import Cause, cause_of, why
from fastflow.domain.execution import StartKind
from fastflow.domain.log import Sample
from fastflow.domain.outcome import Blame, Outcome
from fastflow.domain.run import AttemptStatus, RunStatus, Trigger
from fastflow.domain.run_actions import actions_for
from fastflow.services.logs import RunHits
from fastflow.services.runs import RunWithAttempts
from fastflow.store.tables import AttemptRow, RunRow


class StartRun(BaseModel):
    """What a trigger brings along."""

    model_config = ConfigDict(extra="forbid")

    env_vars: dict[str, str] = Field(
        default_factory=dict, description="Variables of this run; they win over the manifest's default_env."
    )
    parameters: dict[str, JsonValue] = Field(
        default_factory=dict, description="Validated against the manifest's `parameters` schema."
    )
    revision: Literal["current", "last_valid"] = Field(
        default="current", description="last_valid: the last revision whose manifest had no error."
    )


class RetryRun(BaseModel):
    """How to repeat a run."""

    model_config = ConfigDict(extra="forbid")

    revision: Literal["same", "latest"] = Field(
        default="same", description="same: exactly what ran then; latest: the pipeline as it is now."
    )


class RunView(BaseModel):
    """A run as lists show it."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    pipeline_name: str
    status: RunStatus
    trigger: Trigger
    cause: Cause | None = Field(
        description="What exactly triggered it, and in `triggered_by` who asked for it."
    )
    revision: str | None
    repository: str | None
    commit: str | None = Field(description="The commit that brought this revision; null outside Git.")
    route: str | None = Field(description="What it wrote to its FASTFLOW_ROUTE_FILE.")
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    outcome: Outcome | None = Field(description="How the last attempt ended.")
    blame: Blame | None
    exit_code: int | None
    reason: str | None = Field(description="One sentence: why it ended, or what it waits for.")
    attempt_count: int
    retry_of: str | None
    peak_memory_bytes: int | None
    cpu_seconds: float | None
    warnings: list[str]


class AttemptView(BaseModel):
    """One container or process that was started for a run."""

    number: int
    status: AttemptStatus
    available_at: datetime
    claimed_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    outcome: Outcome | None
    blame: Blame | None
    exit_code: int | None
    reason: str | None
    peak_memory_bytes: int | None
    cpu_seconds: float | None
    environment_key: str | None
    lockfile_key: str | None
    log_lines: int | None
    waited_seconds: float | None = Field(
        description="For its turn, since it was due; null: it still waits, or never had one."
    )
    setup_seconds: float | None = Field(
        description="From its turn to its start: the environment, the files, the container; "
        "null: it was not started."
    )
    lock_seconds: float | None = Field(
        description="Of these, for the interpreter and the lockfile; null: as above, or it was adopted."
    )
    build_seconds: float | None = Field(description="Of these, for the packages to be installed.")
    start_kind: StartKind | None = Field(
        description="`standby`: its container was made ahead and had served nobody; `cold`: made for it."
    )
    oci_runtime: str | None = Field(
        description="What its container was started by, such as `crun`; null: the Engine's default."
    )
    start_seconds: float | None = Field(
        description="The rest of these: the code, the files, the secrets, the container."
    )

    @classmethod
    def of(cls, row: AttemptRow) -> Self:
        """Show an attempt, and how long it took to begin."""
        setup = _seconds_between(row.claimed_at, row.started_at)
        start = None
        if setup is not None and row.lock_seconds is not None and row.build_seconds is not None:
            start = max(0.0, setup - row.lock_seconds - row.build_seconds)
        return cls.model_validate(
            {
                **row.model_dump(),
                "waited_seconds": _seconds_between(row.available_at, row.claimed_at),
                "setup_seconds": setup,
                "start_seconds": start,
            }
        )


class ActionView(BaseModel):
    """Whether something can be done now."""

    model_config = ConfigDict(from_attributes=True)

    is_allowed: bool
    reason: str | None


class RunActionsView(BaseModel):
    """What can be done with a run."""

    model_config = ConfigDict(from_attributes=True)

    cancel: ActionView
    retry: ActionView


class DownstreamRunView(BaseModel):
    """A run that another one has started."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    pipeline_name: str
    status: RunStatus
    reason: str | None


class RunDetail(RunView):
    """A run with its attempts and all it was given."""

    why: str = Field(description="One sentence: why it exists.")
    upstream_run_id: str | None = Field(description="The run that it follows.")
    downstream: list[DownstreamRunView] = Field(description="The runs that it has started, oldest first.")

    spec: dict[str, JsonValue] = Field(description="Limits, retries, variables and parameters as promised.")
    cancel_requested_at: datetime | None
    estimated_seconds: float | None = Field(
        description="From start to end: the median of the last successful runs; "
        "null: there is none, or the run has ended."
    )
    setup_seconds: float | None = Field(description="Of the last attempt that was started.")
    attempts: list[AttemptView]
    actions: RunActionsView

    @classmethod
    def of(cls, whole: RunWithAttempts, estimated_seconds: float | None) -> Self:
        """Put a run and its attempts together."""
        run, attempts = whole.run, [AttemptView.of(attempt) for attempt in whole.attempts]
        actions = actions_for(
            run.status,
            is_cancel_requested=run.cancel_requested_at is not None,
            was_accepted=bool(run.spec),
        )
        return cls.model_validate(
            {
                **run.model_dump(),
                "spec": without_secrets(run.spec),
                "estimated_seconds": estimated_seconds,
                "why": why(run.trigger, cause_of(run.cause), run.retry_of),
                "downstream": [DownstreamRunView.model_validate(started) for started in whole.downstream],
                "setup_seconds": next(
                    (each.setup_seconds for each in reversed(attempts) if each.setup_seconds is not None),
                    None,
                ),
                "attempts": attempts,
                "actions": RunActionsView.model_validate(actions),
            }
        )


class RunPageView(BaseModel):
    """A page of runs, newest first."""

    runs: list[RunView]
    next_cursor: str | None = Field(description="Give it as `cursor` for the next page; null at the end.")

    @classmethod
    def of(cls, rows: list[RunRow], cursor: str | None) -> Self:
        """Put a page together."""
        return cls(runs=[RunView.model_validate(row) for row in rows], next_cursor=cursor)


class LogLineView(BaseModel):
    """One line of a log."""

    number: int = Field(description="0 for the first line of the run; counts through all attempts.")
    at: datetime = Field(description="When it was read, nanoseconds on the wire.")
    stream: Literal["stdout", "stderr"]
    line: str


class LogHitsView(BaseModel):
    """Where a text stands in a stretch of a log."""

    hits: list[int] = Field(description="Numbers of the lines that hold it, in order.")
    next_line: int = Field(description="The first line not looked at: go on there, hits or not.")
    total_lines: int = Field(description="How many there are by now; `next_line` reaches it at the end.")
    is_complete: bool = Field(description="The run has ended and nothing follows `next_line`.")

    @classmethod
    def of(cls, found: RunHits) -> Self:
        """Show what was found."""
        return cls(
            hits=list(found.numbers),
            next_line=found.next_line,
            total_lines=found.total_lines,
            is_complete=found.is_complete,
        )


class DownloadTicketView(BaseModel):
    """A link to a log that works once, without a header."""

    url: str = Field(description="On this server.")
    expires_at: datetime


class SampleView(BaseModel):
    """What an attempt used at one moment."""

    at: datetime
    cpu_percent: float = Field(description="100 means one core fully used.")
    memory_bytes: int

    @classmethod
    def of(cls, sample: Sample) -> Self:
        """Show a sample."""
        return cls(
            at=datetime.fromtimestamp(sample.at_ns / 1e9, UTC),
            cpu_percent=sample.cpu_percent,
            memory_bytes=sample.memory_bytes,
        )


class MetricsView(BaseModel):
    """The samples of one attempt, with the marks to draw beside them."""

    samples: list[SampleView]
    cpu_limit_cores: float | None
    memory_limit_bytes: int | None
    soft_cpu_limit_cores: float | None
    soft_memory_limit_bytes: int | None
    peak_memory_bytes: int | None
    cpu_seconds: float | None


def _seconds_between(begin: datetime | None, end: datetime | None) -> float | None:
    """Return how long it was; never less than nothing, whatever a clock that was set back says."""
    return None if begin is None or end is None else max((end - begin).total_seconds(), 0.0)
