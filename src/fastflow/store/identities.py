"""People as providers know them."""

from collections.abc import Sequence

from sqlmodel import Session, col, func, select, update

from fastflow.store.tables import IdentityRow, UserRow


def every(session: Session) -> Sequence[tuple[IdentityRow, str | None]]:
    """Return all with the name of the user that they are, the newest first."""
    query = select(IdentityRow, col(UserRow.name)).join(
        UserRow, col(UserRow.id) == col(IdentityRow.user_id), isouter=True
    )
    return session.exec(query.order_by(col(IdentityRow.id).desc())).all()


def get(session: Session, identity_id: str) -> IdentityRow | None:
    """Return the one of that id."""
    return session.get(IdentityRow, identity_id)


def of_subject(session: Session, issuer: str, subject: str) -> IdentityRow | None:
    """Return whom that issuer calls so."""
    query = select(IdentityRow).where(IdentityRow.issuer == issuer, IdentityRow.subject == subject)
    return session.exec(query).first()


def has_one_at(session: Session, user_id: str, provider: str) -> bool:
    """Whether a user can sign in by that provider."""
    query = select(IdentityRow.id).where(IdentityRow.user_id == user_id, IdentityRow.provider == provider)
    return session.exec(query.limit(1)).first() is not None


def count_pending(session: Session) -> int:
    """Return how many wait for an admin."""
    query = select(func.count()).select_from(IdentityRow)
    return session.exec(
        query.where(col(IdentityRow.user_id).is_(None), col(IdentityRow.is_refused).is_(False))
    ).one()


def add(session: Session, row: IdentityRow) -> IdentityRow:
    """Insert one; its issuer must not have called anybody so before."""
    session.add(row)
    session.flush()
    return row


def remove(session: Session, row: IdentityRow) -> None:
    """Delete one: they are strangers again."""
    session.delete(row)
    session.flush()


def refuse_of_user(session: Session, user_id: str) -> None:
    """Refuse all that a user has, before the user is removed: they are not to come back by themselves."""
    statement = update(IdentityRow).where(col(IdentityRow.user_id) == user_id)
    session.exec(statement.values(user_id=None, is_refused=True))
