"""Admits, refuses and forgets the people whom providers vouch for."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Final

from pydantic import JsonValue
from sqlmodel import Session

from fastflow.domain.audit import AuditAction
from fastflow.domain.errors import Conflict, NotFound
from fastflow.domain.ports import Clock
from fastflow.domain.role import Role
from fastflow.domain.user import user_name
from fastflow.services.credentials import Credentials
from fastflow.services.session_rows import sign_out
from fastflow.services.users import added, existing
from fastflow.store import audit, identities, users
from fastflow.store.database import Database
from fastflow.store.ids import new_id
from fastflow.store.tables import IdentityRow, UserRow

_LONGEST_NAME: Final = 64


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody as a provider knows them, and who they are here."""

    row: IdentityRow
    user: str | None
    """The user's name."""


class Identities:
    """What administrators do with people who sign in elsewhere."""

    def __init__(self, database: Database, credentials: Credentials, clock: Clock) -> None:
        self._database = database
        self._credentials = credentials
        self._clock = clock

    async def every(self) -> list[Identity]:
        """Return all, the newest first."""
        return [Identity(row, user) for row, user in await self._database.read(identities.every)]

    async def admit(self, identity_id: str, role: Role, name: str | None = None) -> Identity:
        """Make a user of somebody. `name`: what to call them; None: as the provider does, if that is free.

        Raises:
            NotFound: `identity_not_found`.
            Conflict: `identity_taken`, `user_exists`, `first_user_not_admin`.
            Invalid: `user_name_invalid`, `password_invalid` (of the first user, who needs one).
        """

        def work(session: Session, row: IdentityRow, now: datetime) -> UserRow:
            return make_user(session, row, role, now, name)

        return await self._given(identity_id, work)

    async def link(self, identity_id: str, name: str) -> Identity:
        """Let somebody be a user that there is.

        Raises:
            NotFound: `identity_not_found`, `user_not_found`.
            Conflict: `identity_taken`.
        """

        def work(session: Session, row: IdentityRow, now: datetime) -> UserRow:
            user = existing(session, name)
            give(session, row, user, now)
            return user

        return await self._given(identity_id, work)

    async def refuse(self, identity_id: str) -> Identity:
        """Keep somebody out, whatever the settings say; where they were a user, it signs that user out.

        Raises:
            NotFound: `identity_not_found`.
            Conflict: `last_admin`; nobody could administer any more.
        """

        def work(session: Session, row: IdentityRow, now: datetime) -> None:
            _take_away(session, row, now)
            row.is_refused = True
            audit.record(session, AuditAction.IDENTITY_REFUSED, _target(row), now, after=_facts(row))

        return await self._changed(identity_id, work)

    async def forget(self, identity_id: str) -> Identity:
        """Make somebody a stranger again, who may ask to be admitted; return who it was.

        Raises:
            NotFound: `identity_not_found`.
            Conflict: `last_admin`; nobody could administer any more.
        """

        def work(session: Session, row: IdentityRow, now: datetime) -> None:
            _take_away(session, row, now)
            audit.record(session, AuditAction.IDENTITY_FORGOTTEN, _target(row), now, before=_facts(row))
            identities.remove(session, row)

        return await self._changed(identity_id, work)

    async def _given(
        self, identity_id: str, work: Callable[[Session, IdentityRow, datetime], UserRow]
    ) -> Identity:
        def whole(session: Session) -> Identity:
            row = _found(session, identity_id)
            return Identity(row, work(session, row, self._clock.now()).name)

        done = await self._database.write(whole)
        self._credentials.forget()
        return done

    async def _changed(
        self, identity_id: str, work: Callable[[Session, IdentityRow, datetime], None]
    ) -> Identity:
        def whole(session: Session) -> Identity:
            row = _found(session, identity_id)
            work(session, row, self._clock.now())
            return Identity(row, None)

        done = await self._database.write(whole)
        self._credentials.forget()
        return done


def make_user(
    session: Session, row: IdentityRow, role: Role, now: datetime, name: str | None = None
) -> UserRow:
    """Make a new user of an identity in this transaction.

    Never one that there is: who is called the same, or has the same e-mail address, need not be the same.

    Raises:
        Conflict: `identity_taken`, `user_exists`, `first_user_not_admin`.
        Invalid: `user_name_invalid`, `password_invalid` (of the first user, who needs one).
    """
    _check_free(row, None)
    called = user_name(name) if name is not None else _free_name(session, row)
    user = added(session, UserRow(id=new_id(), name=called, role=role, created_at=now))
    give(session, row, user, now)
    return user


def give(session: Session, row: IdentityRow, user: UserRow, now: datetime) -> None:
    """Let an identity be that user from now on.

    Raises:
        Conflict: `identity_taken`.
    """
    _check_free(row, user.id)
    row.user_id, row.is_refused, row.claimed_role = user.id, False, None
    session.flush()
    audit.record(
        session, AuditAction.IDENTITY_LINKED, _target(row), now, after={**_facts(row), "user": user.name}
    )


def _take_away(session: Session, row: IdentityRow, now: datetime) -> None:
    user = users.get(session, row.user_id) if row.user_id is not None else None
    if user is not None:
        sign_out(session, user, now)
    row.user_id = None
    session.flush()
    if user is not None and users.count_admins(session) == 0:
        raise Conflict(
            "last_admin",
            f"{user.name} is the last admin and signs in by {row.provider} only. Give them a password first "
            f"(`fastflow users password {user.name}`), or make somebody else an admin.",
            {"id": row.id, "user": user.name},
        )


def _check_free(row: IdentityRow, user_id: str | None) -> None:
    if row.user_id is not None and row.user_id != user_id:
        raise Conflict(
            "identity_taken",
            f"{row.login} of {row.provider} is another user already. An admin can make the provider's "
            "account free by forgetting it.",
            {"id": row.id},
        )


def _free_name(session: Session, row: IdentityRow) -> str:
    """Return what the provider calls them, as far as that makes a name, with a number if it is taken."""
    word = re.sub(r"[^a-z0-9._@+-]+", "-", row.login.lower()).strip("-._@+")[: _LONGEST_NAME - 4]
    wanted = word or row.provider
    names = (wanted if number == 1 else f"{wanted}-{number}" for number in count(1))
    return next(name for name in names if users.named(session, name) is None)


def _found(session: Session, identity_id: str) -> IdentityRow:
    row = identities.get(session, identity_id)
    if row is None:
        raise NotFound(
            "identity_not_found",
            f"Nobody {identity_id[:80]!r} has signed in by a provider. GET /api/identities lists who has.",
            {"id": identity_id[:80]},
        )
    return row


def _target(row: IdentityRow) -> str:
    return f"{row.provider}/{row.login}"


def _facts(row: IdentityRow) -> dict[str, JsonValue]:
    return {"id": row.id, "issuer": row.issuer, "subject": row.subject}
