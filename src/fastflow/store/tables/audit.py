"""The tables of the audit log: its rows, which the database itself lets nobody change, and its beginning."""

from datetime import datetime

from pydantic import JsonValue
from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel

from fastflow.domain.actor import ActorKind
from fastflow.domain.audit import AuditAction
from fastflow.store.tables.columns import Id, Json, Name, UtcDateTime, Word, table_name


class AuditRow(SQLModel, table=True):
    """One thing that was done: by whom, when, from where, to what."""

    __tablename__ = table_name("audit")
    __table_args__ = (
        Index("audit_by_actor", "actor_name", "sequence"),
        Index("audit_by_target", "target", "sequence"),
        Index("audit_by_time", "at"),
    )

    sequence: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    """Without gaps."""
    at: datetime = Field(sa_type=UtcDateTime)
    actor_kind: ActorKind = Field(sa_type=Word(ActorKind))
    actor_name: str = Field(max_length=200)
    actor_id: str | None = Field(default=None, sa_type=Id)
    address: str | None = Field(default=None, max_length=64)
    """The network address that the request came from."""
    action: AuditAction = Field(sa_type=Word(AuditAction))
    target: str = Field(max_length=200)
    """The name or the id of what it was done to."""
    pipeline_name: str | None = Field(default=None, sa_type=Name)
    """The pipeline that the target belongs to."""
    before: dict[str, JsonValue] | None = Field(default=None, sa_type=Json)
    """Of the fields that changed; None: it did not exist."""
    after: dict[str, JsonValue] | None = Field(default=None, sa_type=Json)
    digest: str = Field(max_length=64)
    """SHA-256 of the row before it and of this one, so that a row changed by force shows."""


class AuditHorizonRow(SQLModel, table=True):
    """Where the log begins: everything up to there was deleted because it had become too old."""

    __tablename__ = table_name("audit_horizon")

    id: int = Field(default=1, primary_key=True, sa_column_kwargs={"autoincrement": False})
    """There is one row."""
    sequence: int = Field(sa_type=BigInteger)
    """The last row that was deleted; the database lets none after it go."""
    digest: str = Field(max_length=64)
    """Its digest, with which the chain goes on."""
    moved_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
