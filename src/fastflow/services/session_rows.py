"""What happens to sessions within one transaction, audit log included."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from fastflow.domain.actor import Actor, ActorKind
from fastflow.domain.api_token import TokenKind
from fastflow.domain.audit import AuditAction
from fastflow.domain.errors import Forbidden, Unauthenticated
from fastflow.domain.signatures import digest_of
from fastflow.store import api_tokens, audit, sessions, users
from fastflow.store.ids import new_id
from fastflow.store.tables import SessionRow, UserRow

IDLE_LIFE: Final = timedelta(days=14)
"""A session that is not refreshed for so long ends."""
WHOLE_LIFE: Final = timedelta(days=90)
"""And every session after this."""
GRACE: Final = timedelta(seconds=10)
"""For two tabs that refresh with the same token at once: the second gets no new one, and does no harm."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, as far as the request says it."""

    address: str | None
    browser: str | None = None


def entering(session: Session, user_id: str) -> UserRow:
    """Return the user who is to be signed in.

    Raises:
        Unauthenticated: `sign_in_failed`; the user was removed meanwhile.
        Forbidden: `account_disabled`.
    """
    user = users.get(session, user_id)
    if user is None:
        raise Unauthenticated("sign_in_failed", "Name or password is wrong.")
    if not user.is_enabled:
        raise Forbidden(
            "account_disabled",
            f"The account {user.name} is disabled. An administrator can enable it again.",
        )
    return user


def begun(session: Session, user: UserRow, secret: str, caller: Caller, now: datetime) -> SessionRow:
    """Begin a session of that user, which that secret goes on with."""
    user.signed_in_at = now
    row = SessionRow(
        id=new_id(),
        user_id=user.id,
        token_hash=digest_of(secret),
        rotated_at=now,
        created_at=now,
        expires_at=now + IDLE_LIFE,
        address=caller.address[:64] if caller.address else None,
        browser=caller.browser[:200] if caller.browser else None,
    )
    return sessions.add(session, row)


def refreshed(
    session: Session, session_id: str, given: str, secret: str, caller: Caller, now: datetime
) -> tuple[SessionRow, UserRow, str | None] | None:
    """Let a session go on with a new secret instead of the given one; return what it goes on with.

    The secret is None where the given one was used up only just now: the new one stays. Nothing is returned
    where it was used up before: somebody has a copy, and the session is ended.

    Raises:
        Unauthenticated: `session_ended`.
    """
    found = sessions.with_user(session, session_id)
    if found is None or found[0].expires_at <= now or not found[1].is_enabled:
        raise has_ended()
    row, user = found
    if hmac.compare_digest(row.token_hash, digest_of(given)):
        row.previous_hash, row.token_hash, row.rotated_at = row.token_hash, digest_of(secret), now
        row.expires_at = min(now + IDLE_LIFE, row.created_at + WHOLE_LIFE)
        return row, user, secret
    if _is_racing(row, given, now):
        return row, user, None
    sessions.remove(session, row.id)
    note(session, AuditAction.REFRESH_TOKEN_REUSED, user, caller, now)
    return None


def ended(session: Session, session_id: str, given: str, caller: Caller, now: datetime) -> bool:
    """End the session that a secret belongs to, the present or the last one; False: there is none."""
    found = sessions.with_user(session, session_id)
    if found is None or digest_of(given) not in (found[0].token_hash, found[0].previous_hash):
        return False
    note(session, AuditAction.SIGNED_OUT, found[1], caller, now)
    return sessions.remove(session, session_id)


def sign_out(session: Session, user: UserRow, now: datetime) -> int:
    """End all sessions and console tokens of a user; return how many."""
    count = sessions.remove_of_user(session, user.id)
    count += api_tokens.remove_of_user(session, user.id, TokenKind.CONSOLE)
    if count:
        audit.record(session, AuditAction.SIGNED_OUT, user.name, now, after={"count": count})
    return count


def note(
    session: Session, action: AuditAction, user: UserRow, caller: Caller, now: datetime, **facts: str
) -> None:
    """Note what a user did who brought no credential that the access check could read."""
    audit.acts_by(session, Actor(ActorKind.USER, user.name, user.role, user.id, caller.address))
    audit.record(session, action, user.name, now, after=facts or {"user": user.name})


def has_ended() -> Unauthenticated:
    """Return the error for a session that there is not, or not any more."""
    return Unauthenticated("session_ended", "You were signed out. Sign in again.")


def _is_racing(row: SessionRow, given: str, now: datetime) -> bool:
    """Whether that is the secret before the present one, used up only just now."""
    is_recent = timedelta() <= now - row.rotated_at < GRACE
    return is_recent and row.previous_hash == digest_of(given)
