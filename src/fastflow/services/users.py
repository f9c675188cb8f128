"""Admits, changes and removes the people who may sign in."""

from collections.abc import Sequence

from sqlmodel import Session

from fastflow.domain.account_ports import Passwords
from fastflow.domain.audit import AuditAction
from fastflow.domain.errors import Conflict, Invalid, NotFound
from fastflow.domain.ports import Clock
from fastflow.domain.role import Role
from fastflow.domain.user import checked_password, user_name
from fastflow.services.credentials import Credentials
from fastflow.services.session_rows import sign_out
from fastflow.store import api_tokens, audit, identities, sessions, users
from fastflow.store.database import Database
from fastflow.store.ids import new_id
from fastflow.store.tables import UserRow


class Users:
    """What administrators do with people."""

    def __init__(
        self, database: Database, passwords: Passwords, credentials: Credentials, clock: Clock
    ) -> None:
        self._database = database
        self._passwords = passwords
        self._credentials = credentials
        self._clock = clock

    async def every(self) -> Sequence[UserRow]:
        """Return all by name."""
        return await self._database.read(users.every)

    async def get(self, name: str) -> UserRow:
        """Return one.

        Raises:
            NotFound: `user_not_found`.
        """
        return await self._database.read(lambda session: existing(session, name))

    async def create(
        self, name: str, role: Role, password: str | None, *, must_be_first: bool = False
    ) -> UserRow:
        """Admit somebody. Without a password they sign in by another way.

        With the first user, an admin, this server begins to ask everybody for a credential.

        Raises:
            Invalid: `user_name_invalid`, `password_invalid`.
            Conflict: `user_exists`, `first_user_not_admin`, `already_set_up` (`must_be_first`).
        """
        name = user_name(name)
        hashed = await self._hashed(password, name) if password is not None else None
        now = self._clock.now()
        row = UserRow(id=new_id(), name=name, role=role, password_hash=hashed, created_at=now)
        made = await self._database.write(lambda session: added(session, row, must_be_first=must_be_first))
        self._credentials.forget()
        return made

    async def change(
        self,
        name: str,
        *,
        role: Role | None = None,
        is_enabled: bool | None = None,
        password: str | None = None,
    ) -> UserRow:
        """Change what is given. A new password, or being disabled, signs them out everywhere at once.

        Raises:
            NotFound: `user_not_found`.
            Invalid: `password_invalid`.
            Conflict: `last_admin`.
        """
        hashed = await self._hashed(password, user_name(name)) if password is not None else None
        now = self._clock.now()

        def work(session: Session) -> UserRow:
            user = existing(session, name)
            before = {"role": user.role, "is_enabled": user.is_enabled}
            user.role = role or user.role
            user.is_enabled = user.is_enabled if is_enabled is None else is_enabled
            after = {"role": user.role, "is_enabled": user.is_enabled}
            _keep_an_admin(session)
            audit.record(session, AuditAction.USER_CHANGED, user.name, now, before=before, after=after)
            if hashed is not None:
                user.password_hash = hashed
                audit.record(session, AuditAction.PASSWORD_CHANGED, user.name, now, after={"by": "admin"})
            if hashed is not None or not user.is_enabled:
                sign_out(session, user, now)
            return user

        changed = await self._database.write(work)
        self._credentials.forget()
        return changed

    async def remove(self, name: str) -> UserRow:
        """Remove somebody, with sessions and tokens; return who it was.

        Raises:
            NotFound: `user_not_found`.
            Conflict: `last_admin`.
        """
        now = self._clock.now()

        def work(session: Session) -> UserRow:
            user = existing(session, name)
            identities.refuse_of_user(session, user.id)
            sessions.remove_of_user(session, user.id)
            api_tokens.remove_of_user(session, user.id)
            users.remove(session, user)
            _keep_an_admin(session)
            audit.record(session, AuditAction.USER_REMOVED, user.name, now, before={"role": user.role})
            return user

        removed = await self._database.write(work)
        self._credentials.forget()
        return removed

    async def _hashed(self, password: str, name: str) -> str:
        return await self._passwords.hash(checked_password(password, name))


def added(session: Session, row: UserRow, *, must_be_first: bool = False) -> UserRow:
    """Insert a user in this transaction.

    Raises:
        Conflict: `user_exists`, `first_user_not_admin`, `already_set_up` (`must_be_first`).
    """
    _check_order(session, row, must_be_first=must_be_first)
    if users.named(session, row.name) is not None:
        raise Conflict("user_exists", f"There is a user {row.name} already.", {"name": row.name})
    audit.record(session, AuditAction.USER_CREATED, row.name, row.created_at, after={"role": row.role})
    return users.add(session, row)


def existing(session: Session, name: str) -> UserRow:
    """Return the user of that name.

    Raises:
        NotFound: `user_not_found`.
    """
    user = users.named(session, name.strip().lower())
    if user is None:
        raise NotFound(
            "user_not_found",
            f"There is no user {name[:80]!r}. /api/users lists those there are.",
            {"name": name[:80]},
        )
    return user


def _check_order(session: Session, row: UserRow, *, must_be_first: bool) -> None:
    has_any = users.has_any(session)
    if must_be_first and has_any:
        raise Conflict("already_set_up", "There are accounts already. Sign in; an admin can admit you.")
    if not has_any and row.role is not Role.ADMIN:
        raise Conflict(
            "first_user_not_admin",
            "The first user must be an admin: from then on this server asks everybody to sign in, and "
            "somebody has to be able to admit the others.",
            {"role": row.role},
        )
    if not has_any and row.password_hash is None:
        raise Invalid(
            "password_invalid",
            "password: the first user needs one: nobody else could let them in.",
            {"password": "is missing"},
        )


def _keep_an_admin(session: Session) -> None:
    session.flush()
    if users.count_admins(session) == 0:
        raise Conflict(
            "last_admin", "This is the last admin who can sign in. Make somebody else an admin first."
        )
