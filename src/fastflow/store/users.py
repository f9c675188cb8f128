"""People who may sign in."""

from collections.abc import Sequence

from sqlmodel import Session, col, exists, func, or_, select

from fastflow.domain.role import Role
from fastflow.store.tables import IdentityRow, UserRow


def every(session: Session) -> Sequence[UserRow]:
    """Return all by name."""
    return session.exec(select(UserRow).order_by(col(UserRow.name))).all()


def get(session: Session, user_id: str) -> UserRow | None:
    """Return the user of that id."""
    return session.get(UserRow, user_id)


def named(session: Session, name: str) -> UserRow | None:
    """Return the user of that name, which is in lower case."""
    return session.exec(select(UserRow).where(UserRow.name == name)).first()


def has_any(session: Session) -> bool:
    """Whether there is one at all."""
    return session.exec(select(UserRow.id).limit(1)).first() is not None


def count_admins(session: Session) -> int:
    """Return how many may administer now and can sign in: by a password, or by a provider."""
    has_identity = exists().where(col(IdentityRow.user_id) == col(UserRow.id))
    can_sign_in = or_(col(UserRow.password_hash).is_not(None), has_identity)
    query = select(func.count()).select_from(UserRow)
    return session.exec(
        query.where(UserRow.role == Role.ADMIN, col(UserRow.is_enabled).is_(True), can_sign_in)
    ).one()


def add(session: Session, row: UserRow) -> UserRow:
    """Insert a user; the name must be free."""
    session.add(row)
    session.flush()
    return row


def remove(session: Session, row: UserRow) -> None:
    """Delete a user, whose sessions and tokens must be gone."""
    session.delete(row)
    session.flush()
