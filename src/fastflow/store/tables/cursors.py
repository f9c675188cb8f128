"""The table of cursors: how far each durable listener has worked through the events."""

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from fastflow.store.tables.columns import Name, table_name


class CursorRow(SQLModel, table=True):
    """A listener that must miss nothing, also across a crash."""

    __tablename__ = table_name("cursors")

    name: str = Field(primary_key=True, sa_type=Name)
    sequence: int = Field(sa_type=BigInteger)
    """Every event up to this one has been dealt with."""
