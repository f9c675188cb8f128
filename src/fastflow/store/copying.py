"""Copies all that one database has into another one: a single state of it, table by table."""

from collections.abc import Callable, Mapping
from typing import Final

from sqlalchemy import Column, Connection, Table, func, insert, select, text, update
from sqlmodel import SQLModel

from fastflow.domain.errors import Conflict, Unavailable
from fastflow.store.schema import is_newest

_BATCH: Final = 1_000
_ALWAYS_THERE: Final = "audit_horizon"
"""Its one row is made with the schema, and can be moved on only."""

Report = Callable[[str, int], None]


def every_table() -> list[Table]:
    """Return the tables, those that others refer to first."""
    return SQLModel.metadata.sorted_tables


def copy_rows(source: Connection, target: Connection, report: Report) -> Mapping[str, int]:
    """Copy every row; return how many each table has. `report` is told table and number, batch by batch.

    The source has to be in a transaction that sees one state; the target's is to be committed by the caller.

    Raises:
        Conflict: `schema_differs`, `database_not_empty`.
        Unavailable: `copy_incomplete`; a table has other rows than were read. Nothing is to be kept of it.
    """
    if not (is_newest(source) and is_newest(target)):
        raise Conflict(
            "schema_differs",
            "The database has the schema of another version of Fast-Flow. Start this version on it once, "
            "which brings it up to date, stop it, and copy then.",
        )
    _refuse_what_is_used(target)
    counts: dict[str, int] = {}
    for table in every_table():
        counts[table.name] = _copy_table(source, target, table, report)
        if counts[table.name]:
            _go_on_counting(target, table)
    _compare(target, counts)
    return counts


def _copy_table(source: Connection, target: Connection, table: Table, report: Report) -> int:
    count = 0
    everything = select(table).order_by(*table.primary_key)  # the audit log insists on its order
    with source.execution_options(yield_per=_BATCH).execute(everything) as found:
        for batch in found.mappings().partitions():
            rows = [dict(row) for row in batch]
            if table.name == _ALWAYS_THERE:
                target.execute(update(table), rows[0])
            else:
                target.execute(insert(table), rows)
            count += len(rows)
            report(table.name, count)
    return count


def _refuse_what_is_used(target: Connection) -> None:
    for table in every_table():
        if table.name == _ALWAYS_THERE:
            continue
        if target.execute(select(func.count()).select_from(table)).scalar_one():
            raise Conflict(
                "database_not_empty",
                f"The database to copy into has rows already (in {table.name}). Name an empty one, so that "
                "nothing is mixed up or lost.",
                {"table": table.name},
            )


def _go_on_counting(target: Connection, table: Table) -> None:
    """Let PostgreSQL number what comes next after what was copied; SQLite does so by itself."""
    column: Column[int] | None = table.autoincrement_column
    if column is None or target.dialect.name != "postgresql":
        return
    newest = target.execute(select(func.max(column))).scalar_one()
    statement = text("SELECT setval(pg_get_serial_sequence(:table, :column), :newest)")
    target.execute(statement, {"table": table.name, "column": column.name, "newest": newest})


def _compare(target: Connection, counts: Mapping[str, int]) -> None:
    for table in every_table():
        there = target.execute(select(func.count()).select_from(table)).scalar_one()
        if there != counts[table.name]:
            raise Unavailable(
                "copy_incomplete",
                f"Of {counts[table.name]} rows of {table.name} {there} arrived. Nothing was kept: try again.",
                {"table": table.name},
            )
