"""The table of stored secrets."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from fastflow.store.tables.columns import Ciphertext, Id, Name, SecretName, UtcDateTime, table_name

GLOBAL = ""
"""Instead of a pipeline's name: every pipeline that lists the secret receives it."""


class SecretRow(SQLModel, table=True):
    """A value that is handed only to runs of pipelines that list its name."""

    __tablename__ = table_name("secrets")

    pipeline_name: str = Field(primary_key=True, sa_type=Name)
    """Whose it is alone; `GLOBAL`: everybody's who has none of its own."""
    name: str = Field(primary_key=True, sa_type=SecretName)
    value: str = Field(sa_type=Ciphertext)
    created_at: datetime = Field(sa_type=UtcDateTime)
    changed_at: datetime = Field(sa_type=UtcDateTime)
    last_used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_run_id: str | None = Field(default=None, sa_type=Id)
    """The run that received it last."""
