"""Cursors: how far durable listeners have come; they only ever move on."""

from sqlalchemy import update
from sqlmodel import Session, col, func, select

from fastflow.store.tables import CursorRow


def take(session: Session, name: str) -> int:
    """Return the position of that listener; a new one begins with the oldest event that is kept."""
    row = session.get(CursorRow, name)
    if row is None:
        # Stored at once, so that from now on no event is trimmed before the listener has seen it.
        row = CursorRow(name=name, sequence=0)
        session.add(row)
    return row.sequence


def advance(session: Session, name: str, sequence: int) -> bool:
    """Note that every event up to that one has been dealt with; False where that was noted before."""
    statement = (
        update(CursorRow)
        .where(col(CursorRow.name) == name, col(CursorRow.sequence) < sequence)
        .values(sequence=sequence)
        .execution_options(synchronize_session=False)
    )
    return session.exec(statement).rowcount == 1


def slowest(session: Session) -> int | None:
    """Return the position that every durable listener has reached; None where there is no listener."""
    return session.exec(select(func.min(CursorRow.sequence))).one()
