"""API tokens of people."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlmodel import Session, col, delete, func, select, update

from fastflow.domain.api_token import TokenKind
from fastflow.store.tables import ApiTokenRow, UserRow


def get(session: Session, token_id: str) -> ApiTokenRow | None:
    """Return the token of that id."""
    return session.get(ApiTokenRow, token_id)


def with_user(session: Session, token_hash: str) -> tuple[ApiTokenRow, UserRow] | None:
    """Return a token by its digest, and whose it is."""
    query = select(ApiTokenRow, UserRow).join(UserRow, col(UserRow.id) == ApiTokenRow.user_id)
    return session.exec(query.where(ApiTokenRow.token_hash == token_hash)).first()


def every(session: Session, user_id: str | None = None) -> Sequence[tuple[ApiTokenRow, UserRow]]:
    """Return the tokens of one user, or of all, with whose they are; by user and name."""
    query = select(ApiTokenRow, UserRow).join(UserRow, col(UserRow.id) == ApiTokenRow.user_id)
    if user_id is not None:
        query = query.where(ApiTokenRow.user_id == user_id)
    return session.exec(query.order_by(col(UserRow.name), col(ApiTokenRow.name), col(ApiTokenRow.id))).all()


def count(session: Session, user_id: str) -> int:
    """Return how many a user has."""
    query = select(func.count()).select_from(ApiTokenRow).where(ApiTokenRow.user_id == user_id)
    return session.exec(query).one()


def add(session: Session, row: ApiTokenRow) -> ApiTokenRow:
    """Insert a token."""
    session.add(row)
    session.flush()
    return row


def remove(session: Session, row: ApiTokenRow) -> None:
    """Delete a token: it opens nothing from now on."""
    session.delete(row)
    session.flush()


def remove_of_user(session: Session, user_id: str, kind: TokenKind | None = None) -> int:
    """Delete a user's tokens, or only those of a kind; return how many."""
    statement = delete(ApiTokenRow).where(col(ApiTokenRow.user_id) == user_id)
    if kind is not None:
        statement = statement.where(col(ApiTokenRow.kind) == kind)
    return session.exec(statement).rowcount


def remove_expired(session: Session, before: datetime) -> int:
    """Delete those that had expired by then; return how many."""
    return session.exec(delete(ApiTokenRow).where(col(ApiTokenRow.expires_at) < before)).rowcount


def note_uses(session: Session, used_at: Mapping[str, datetime]) -> None:
    """Remember when tokens were used last; those that were revoked meanwhile stay revoked."""
    for token_id, moment in used_at.items():
        session.exec(update(ApiTokenRow).where(col(ApiTokenRow.id) == token_id).values(used_at=moment))
