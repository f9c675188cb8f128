"""The table of events: written with the change they report, read by everything that listens."""

from datetime import datetime

from pydantic import JsonValue
from sqlalchemy import BigInteger, Integer
from sqlmodel import Field, SQLModel

from fastflow.domain.events import EventType
from fastflow.store.tables.columns import Id, Json, Name, UtcDateTime, Word, table_name


class EventRow(SQLModel, table=True):
    """One past-tense fact."""

    __tablename__ = table_name("events")

    sequence: int | None = Field(
        default=None,
        primary_key=True,
        # SQLite counts by itself only in a column that is exactly INTEGER.
        sa_type=BigInteger().with_variant(Integer(), "sqlite"),
    )
    type: EventType = Field(sa_type=Word(EventType))
    at: datetime = Field(sa_type=UtcDateTime)
    pipeline_name: str | None = Field(default=None, sa_type=Name)
    run_id: str | None = Field(default=None, sa_type=Id)
    payload: dict[str, JsonValue] = Field(default_factory=dict, sa_type=Json)
