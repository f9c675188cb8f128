"""What Alembic runs: migrations over the connection that `upgrade` hands in."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import DateTime, String
from sqlmodel import AutoString

from fastflow.store import tables
from fastflow.store.tables.columns import UtcDateTime, Word


def plain_type(kind: str, value: Any, _: Any) -> str | Literal[False]:
    """Write our own column types as what they are in the database, so that migrations stand alone."""
    if kind != "type":
        return False
    if isinstance(value, UtcDateTime | DateTime):
        return "sa.DateTime(timezone=True)"
    if isinstance(value, String | AutoString | Word):
        length = 32 if isinstance(value, Word) else getattr(value, "length", None)
        return f"sa.String({length})" if length else "sa.String()"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=tables.RunRow.metadata,
    compare_type=True,
    render_as_batch=True,
    render_item=plain_type,
)
with context.begin_transaction():
    context.run_migrations()
connection.commit()
