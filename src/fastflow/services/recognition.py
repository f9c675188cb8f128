"""Recognises, within one transaction, the people whom a provider vouches for."""

from datetime import datetime
from typing import Final

from sqlmodel import Session

from fastflow.domain.actor import Actor, ActorKind
from fastflow.domain.audit import AuditAction
from fastflow.domain.errors import FastFlowError, Forbidden, Unavailable
from fastflow.domain.identity import Door, Person
from fastflow.domain.role import Role
from fastflow.services.identities import give, make_user
from fastflow.store import audit, identities, users
from fastflow.store.ids import new_id
from fastflow.store.tables import IdentityRow, UserRow

_MOST_PENDING: Final = 1_000
"""Whoever has an account at the provider can ask to be admitted: they are not to fill the database."""


def noted(session: Session, provider: str, person: Person, now: datetime) -> IdentityRow:
    """Return the identity with what is said of the person today; a new one for a stranger.

    Raises:
        Unavailable: `too_many_pending`.
    """
    row = identities.of_subject(session, person.issuer, person.subject)
    if row is None:
        if identities.count_pending(session) >= _MOST_PENDING:
            raise Unavailable(
                "too_many_pending",
                "Too many people wait to be admitted. An admin can admit or refuse them.",
            )
        row = IdentityRow(
            id=new_id(),
            provider=provider,
            issuer=person.issuer,
            subject=person.subject,
            login=person.login,
            created_at=now,
            seen_at=now,
        )
        identities.add(session, row)
        audit.record(
            session, AuditAction.IDENTITY_SEEN, f"{provider}/{person.login}", now, after={"id": row.id}
        )
    row.login, row.name, row.email, row.seen_at = person.login, person.name, person.email, now
    return row


def recognised(
    session: Session, row: IdentityRow, person: Person, door: Door, now: datetime
) -> str | FastFlowError:
    """Return the id of the user that somebody is, made now where nobody has to admit them; or why not."""
    claimed = door.claimed_role(person)
    user = users.get(session, row.user_id) if row.user_id is not None else None
    if user is not None:
        return _as_claimed(session, row, user, claimed, now)
    if row.is_refused:
        return refused()
    role = claimed or door.default_role
    if role is None or not users.has_any(session):  # the first user is an admin, made on purpose
        return _pending()
    user = make_user(session, row, role, now)
    row.claimed_role = claimed
    return user.id


def _as_claimed(
    session: Session, row: IdentityRow, user: UserRow, claimed: Role | None, now: datetime
) -> str | FastFlowError:
    """Give a user whom the provider's claim admitted the role that it says now; return the id, or why not.

    As long as it says the same as the last time, what an admin made of it here stays; and so does the last
    admin.
    """
    if row.claimed_role is None or claimed == row.claimed_role:
        return user.id
    if claimed is None:
        return Forbidden(
            "role_withdrawn",
            "You were recognised, but the provider no longer gives you a role here. Ask an admin.",
        )
    is_last = user.role is Role.ADMIN and user.is_enabled and users.count_admins(session) == 1
    if not is_last:
        before, user.role, row.claimed_role = user.role, claimed, claimed
        facts = {"role": claimed, "way": row.provider}
        audit.record(session, AuditAction.USER_CHANGED, user.name, now, before={"role": before}, after=facts)
    return user.id


def linked(
    session: Session, row: IdentityRow, user_id: str, now: datetime, remote: str | None
) -> str | FastFlowError:
    """Let somebody be that user from now on, who is signed in; return the user's id, or why not."""
    user: UserRow | None = users.get(session, user_id)
    if user is None or not user.is_enabled or row.is_refused:
        return refused()
    audit.acts_by(session, Actor(ActorKind.USER, user.name, user.role, user.id, remote))
    give(session, row, user, now)
    return user.id


def refused() -> Forbidden:
    """Return the error for somebody who is known and not to come in."""
    return Forbidden("access_refused", "You were recognised, but an admin has taken your access away.")


def _pending() -> Forbidden:
    return Forbidden(
        "admission_pending",
        "You were recognised. An admin has to admit you; sign in again when that has been done.",
    )
