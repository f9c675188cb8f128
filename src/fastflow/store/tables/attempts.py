"""The table of attempts; it is the queue as well."""

from datetime import datetime

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel

from fastflow.domain.execution import StartKind
from fastflow.domain.outcome import Blame, Outcome
from fastflow.domain.run import AttemptStatus
from fastflow.store.tables.columns import Ciphertext, Id, Name, UtcDateTime, Word, table_name


class AttemptRow(SQLModel, table=True):
    """One container (or process) started, or to be started, for a run."""

    __tablename__ = table_name("attempts")
    __table_args__ = (Index("attempts_queue", "status", "pipeline_name", "available_at", "run_id"),)

    run_id: str = Field(primary_key=True, foreign_key="runs.id", sa_type=Id)
    number: int = Field(primary_key=True)
    pipeline_name: str = Field(sa_type=Name)
    status: AttemptStatus = Field(sa_type=Word(AttemptStatus))
    available_at: datetime = Field(sa_type=UtcDateTime)
    lease_token: str | None = Field(default=None, sa_type=Id)
    lease_expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    host: str | None = None
    reference: str | None = None
    """The executor's name for it, such as the container id."""
    claimed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    outcome: Outcome | None = Field(default=None, sa_type=Word(Outcome))
    blame: Blame | None = Field(default=None, sa_type=Word(Blame))
    exit_code: int | None = None
    reason: str | None = None
    peak_memory_bytes: int | None = Field(default=None, sa_type=BigInteger)
    cpu_seconds: float | None = None
    environment_key: str | None = None
    lockfile_key: str | None = None
    lock_seconds: float | None = None
    """What it waited for interpreter and lockfile."""
    build_seconds: float | None = None
    """What it waited for the packages to be there."""
    start_kind: StartKind | None = Field(default=None, sa_type=Word(StartKind))
    oci_runtime: str | None = Field(default=None, max_length=32)
    """Other than the Engine's default."""
    log_lines: int | None = Field(default=None, sa_type=BigInteger)
    """Set when it has ended: from then on its log does not grow."""
    secret_values: str | None = Field(default=None, sa_type=Ciphertext)
    """Ciphertext of the values it received, until it ends: whoever goes on with its log has to hide them."""
