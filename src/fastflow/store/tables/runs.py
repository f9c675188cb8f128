"""The table of runs, one row a trigger."""

from datetime import datetime

from pydantic import JsonValue
from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel

from fastflow.domain.outcome import Blame, Outcome
from fastflow.domain.run import RunStatus, Trigger
from fastflow.store.tables.columns import Id, Json, JsonWithCiphertexts, Name, UtcDateTime, Word, table_name


class RunRow(SQLModel, table=True):
    """One request to execute a pipeline."""

    __tablename__ = table_name("runs")
    __table_args__ = (
        Index("runs_by_pipeline", "pipeline_name", "id"),
        Index("runs_by_status", "status", "id"),
        Index("runs_by_pipeline_and_status", "pipeline_name", "status", "id"),
        Index("runs_by_idempotency_key", "pipeline_name", "idempotency_key", unique=True),
        Index("runs_by_upstream", "upstream_run_id"),
    )

    id: str = Field(primary_key=True, sa_type=Id)
    pipeline_name: str = Field(sa_type=Name)
    status: RunStatus = Field(sa_type=Word(RunStatus))
    trigger: Trigger = Field(sa_type=Word(Trigger))
    cause: dict[str, JsonValue] | None = Field(default=None, sa_type=Json)
    """`domain.cause.Cause`: what exactly triggered it; None for a user or a program."""
    upstream_run_id: str | None = Field(default=None, sa_type=Id)
    revision: str | None = None
    repository: str | None = Field(default=None, sa_type=Name)
    commit: str | None = Field(default=None, max_length=64)
    """The one that brought this revision of the pipeline; None outside Git."""
    spec: dict[str, JsonValue] = Field(sa_type=JsonWithCiphertexts)
    """`domain.spec.RunSpec`; empty for a trigger that was rejected."""
    max_instances: int | None = None
    idempotency_key: str | None = None
    request_hash: str | None = None
    """Of the request that came with the idempotency key."""
    retry_of: str | None = Field(default=None, sa_type=Id)
    created_at: datetime = Field(sa_type=UtcDateTime)
    admitted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When its first attempt was claimed: from then to its end it is one of `max_instances`."""
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    cancel_requested_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    cancel_reason: str | None = None
    outcome: Outcome | None = Field(default=None, sa_type=Word(Outcome))
    blame: Blame | None = Field(default=None, sa_type=Word(Blame))
    exit_code: int | None = None
    reason: str | None = None
    """The sentence that says how it ended, or what it waits for."""
    route: str | None = Field(default=None, max_length=256)
    """What it wrote to its FASTFLOW_ROUTE_FILE."""
    attempt_count: int = 0
    peak_memory_bytes: int | None = Field(default=None, sa_type=BigInteger)
    cpu_seconds: float | None = None
    warnings: list[str] = Field(default_factory=list, sa_type=Json)
