"""The tables of schedules, and of what became of each of their occurrences (the ledger)."""

from datetime import datetime

from pydantic import JsonValue
from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from fastflow.domain.manifest import CatchUp
from fastflow.domain.occurrence import OccurrenceStatus, ScheduleOrigin
from fastflow.store.tables.columns import Id, JsonWithCiphertexts, Name, UtcDateTime, Word, table_name


class ScheduleRow(SQLModel, table=True):
    """A rule that makes runs. Stays when it vanishes, as its ledger does."""

    __tablename__ = table_name("schedules")
    __table_args__ = (
        Index("schedules_by_pipeline", "pipeline_name", "origin", "key", unique=True),
        Index("schedules_by_next_due", "next_due_at"),
    )

    id: str = Field(primary_key=True, sa_type=Id)
    pipeline_name: str = Field(sa_type=Name)
    key: str = Field(sa_type=Name)
    """Its `id` in the manifest; `default` for the timing at the manifest's top."""
    origin: ScheduleOrigin = Field(sa_type=Word(ScheduleOrigin))
    definition: dict[str, JsonValue] = Field(sa_type=JsonWithCiphertexts)
    """`domain.manifest.Schedule`: timing and run settings, as written."""
    zone: str
    """The time zone that holds: the definition's, else the manifest's, else the setting's."""
    catch_up: CatchUp = Field(sa_type=Word(CatchUp))
    catch_up_limit: int | None = None
    is_enabled: bool = True
    """What the definition says; the pipeline itself may be disabled beside."""
    is_present: bool = True
    """False: its pipeline or its definition has vanished, or the manifest has schedules of its own."""
    anchor_at: datetime = Field(sa_type=UtcDateTime)
    """Where intervals count from; never moved by a restart."""
    accounted_until: datetime = Field(sa_type=UtcDateTime)
    """Every occurrence up to this moment is in the ledger. Never goes back."""
    next_due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """The first occurrence after `accounted_until`; None: there is none, or it is not present."""
    paused_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    paused_by: str | None = Field(default=None, max_length=200)
    pause_reason: str | None = Field(default=None, max_length=1000)
    deleted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When a user deleted it over the API; it does not come back by itself."""
    created_at: datetime = Field(sa_type=UtcDateTime)
    changed_at: datetime = Field(sa_type=UtcDateTime)


class OccurrenceRow(SQLModel, table=True):
    """What became of one due moment; the unique key lets each make one run at most, whoever fires."""

    __tablename__ = table_name("occurrences")
    __table_args__ = (
        Index("occurrences_by_pipeline", "pipeline_name", "due_at"),
        Index("occurrences_by_status", "status", "due_at"),
    )

    schedule_id: str = Field(primary_key=True, sa_type=Id)
    due_at: datetime = Field(primary_key=True, sa_type=UtcDateTime)
    """The moment; of a summarised range its last one."""
    pipeline_name: str = Field(sa_type=Name)
    status: OccurrenceStatus = Field(sa_type=Word(OccurrenceStatus))
    code: str | None = Field(default=None, max_length=32)
    """Why there is no run: `missed`, `over_limit`, `paused`, `disabled`, `coalesced`…"""
    reason: str | None = None
    """The sentence for people."""
    run_id: str | None = Field(default=None, sa_type=Id)
    """The run that it made, or into which it was coalesced."""
    count: int = 1
    """How many occurrences this row stands for."""
    first_due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """Of a summarised range its first moment."""
    decided_at: datetime = Field(sa_type=UtcDateTime)
