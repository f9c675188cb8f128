"""Everything that is stored encrypted: found by the types of the columns, so that none is forgotten."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import JsonValue
from sqlalchemy import Column, ColumnElement, Select, String, Table, cast, select, tuple_, update
from sqlmodel import Session, SQLModel, col

from fastflow.domain.occurrence import ScheduleOrigin
from fastflow.store.tables import ScheduleRow
from fastflow.store.tables.columns import Ciphertext, JsonWithCiphertexts

_LARGE: Final = frozenset({"attempts", "runs", "schedules"})

Renew = Callable[[str], str | None]
"""Returns what is to stand in the place of a ciphertext; None: it stays."""

_BEGINNING: Final = "gAAAA"
"""Of every Fernet ciphertext: version 0x80, then the time, whose first bytes are zero until the year 2242."""
_PAGE: Final = 100
_NOT_OF_MANIFESTS: Final[dict[str, ColumnElement[bool]]] = {
    "schedules": col(ScheduleRow.origin) == ScheduleOrigin.API
}
"""What repeats a manifest stays as it is there: the next sync would put it back."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A column with ciphertexts, or with JSON in which some are."""

    table: Table
    column: Column[Any]

    @property
    def name(self) -> str:
        """Such as `secrets.value`."""
        return f"{self.table.name}.{self.column.name}"

    @property
    def is_json(self) -> bool:
        """Whether ciphertexts are somewhere in its values."""
        return isinstance(self.column.type, JsonWithCiphertexts)

    @property
    def is_small(self) -> bool:
        """Whether its table has few rows, however long the installation is in use."""
        return self.table.name not in _LARGE

    @property
    def keys(self) -> list[Column[Any]]:
        """The primary key of its table."""
        return list(self.table.primary_key.columns)


def holders() -> list[Holder]:
    """Return every column with ciphertexts."""
    return [
        Holder(table, column)
        for table in SQLModel.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Ciphertext | JsonWithCiphertexts)
    ]


def page(session: Session, holder: Holder, after: Sequence[Any] | None) -> list[tuple[Any, ...]]:
    """Return the next values after that key: its primary key, and the value last; empty at the end."""
    query = _held(holder).order_by(*holder.keys).limit(_PAGE)
    if after is not None:
        query = query.where(tuple_(*holder.keys) > tuple_(*after))
    return [tuple(row) for row in session.connection().execute(query).all()]


def renew(session: Session, holder: Holder, keys: Sequence[Sequence[Any]], renewed: Renew) -> int:
    """Replace the ciphertexts of these rows, as they are by now; return how many rows changed."""
    count = 0
    for key in keys:
        is_row = tuple_(*holder.keys) == tuple_(*key)
        row = session.connection().execute(_held(holder).where(is_row).with_for_update()).first()
        value = replaced(row[-1], renewed) if row is not None else None
        if row is not None and value != row[-1]:
            change = update(holder.table).where(is_row).values({holder.column: value})
            count += session.connection().execute(change).rowcount
    return count


def replaced(value: JsonValue, renewed: Renew) -> JsonValue:
    """Return a text or JSON with every ciphertext in it replaced."""
    match value:
        case str():
            new = renewed(value) if value.startswith(_BEGINNING) else None
            return value if new is None else new
        case list():
            return [replaced(item, renewed) for item in value]
        case dict():
            return {name: replaced(item, renewed) for name, item in value.items()}
        case _:
            return value


def _held(holder: Holder) -> Select[Any]:
    query = select(*holder.keys, holder.column).where(holder.column.is_not(None))
    if holder.is_json:
        query = query.where(cast(holder.column, String).contains(_BEGINNING))
    only = _NOT_OF_MANIFESTS.get(holder.table.name)
    return query if only is None else query.where(only)
