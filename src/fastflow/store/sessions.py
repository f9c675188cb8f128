"""Sessions: who is signed in with which browser."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, delete, select

from fastflow.store.tables import SessionRow, UserRow


def get(session: Session, session_id: str) -> SessionRow | None:
    """Return the session of that id."""
    return session.get(SessionRow, session_id)


def with_user(session: Session, session_id: str) -> tuple[SessionRow, UserRow] | None:
    """Return a session and whose it is."""
    query = select(SessionRow, UserRow).join(UserRow, col(UserRow.id) == SessionRow.user_id)
    return session.exec(query.where(SessionRow.id == session_id)).first()


def of_user(session: Session, user_id: str) -> Sequence[SessionRow]:
    """Return a user's sessions, the newest first."""
    query = select(SessionRow).where(SessionRow.user_id == user_id)
    return session.exec(query.order_by(col(SessionRow.id).desc())).all()


def was_begun_from(session: Session, user_name: str, address: str) -> bool:
    """Whether that user has a session that was begun from that address."""
    query = select(SessionRow.id).join(UserRow, col(UserRow.id) == SessionRow.user_id)
    query = query.where(UserRow.name == user_name, SessionRow.address == address)
    return session.exec(query.limit(1)).first() is not None


def add(session: Session, row: SessionRow) -> SessionRow:
    """Insert a session."""
    session.add(row)
    session.flush()
    return row


def remove(session: Session, session_id: str) -> bool:
    """Delete a session: its tokens are good for nothing from now on. False: there was none."""
    return session.exec(delete(SessionRow).where(col(SessionRow.id) == session_id)).rowcount == 1


def remove_of_user(session: Session, user_id: str) -> int:
    """Delete all sessions of a user; return how many."""
    return session.exec(delete(SessionRow).where(col(SessionRow.user_id) == user_id)).rowcount


def remove_expired(session: Session, now: datetime) -> int:
    """Delete those that have expired; return how many."""
    return session.exec(delete(SessionRow).where(col(SessionRow.expires_at) <= now)).rowcount
