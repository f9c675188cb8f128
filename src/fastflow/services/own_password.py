"""Lets people give themselves another password."""

from datetime import timedelta
from typing import Final

from sqlmodel import Session

from fastflow.domain.account_ports import Passwords
from fastflow.domain.audit import AuditAction
from fastflow.domain.back_off import BackOff
from fastflow.domain.errors import Conflict, Forbidden
from fastflow.domain.ports import Clock
from fastflow.domain.user import checked_password, password_form, user_name
from fastflow.services.credentials import Credentials
from fastflow.services.session_rows import sign_out
from fastflow.services.users import existing
from fastflow.services.wrong_keys import too_many
from fastflow.store import audit
from fastflow.store.database import Database
from fastflow.store.tables import UserRow

_SECOND: Final = timedelta(seconds=1)


class OwnPassword:
    """Changes a password for who knows the present one.

    Who finds somebody's browser open is slowed down like everybody who guesses: with the password they could
    lock its owner out.
    """

    def __init__(
        self, database: Database, passwords: Passwords, credentials: Credentials, clock: Clock
    ) -> None:
        self._database = database
        self._passwords = passwords
        self._credentials = credentials
        self._clock = clock
        self._guesses = BackOff(5, _SECOND, timedelta(minutes=5))

    async def change(self, name: str, current: str, new: str) -> UserRow:
        """Change the password of that user, who acts; it signs them out everywhere.

        Raises:
            Forbidden: `password_wrong`; the present one was not right.
            Conflict: `no_password`; they sign in by a provider only.
            Invalid: `password_invalid`.
            TooMany: `too_many_guesses`, `busy`.
        """
        before = (await self._database.read(lambda session: existing(session, name))).password_hash
        if before is None:
            raise Conflict(
                "no_password",
                "You have no password here: you sign in elsewhere. An admin can give you one: "
                f"fastflow users password {name}",
            )
        await self._check(name, current, before)
        hashed = await self._passwords.hash(checked_password(new, user_name(name)))
        now = self._clock.now()

        def work(session: Session) -> UserRow:
            user = existing(session, name)
            if user.password_hash != before:  # somebody was first
                raise Forbidden("password_wrong", "The password was changed meanwhile. Sign in again.")
            user.password_hash = hashed
            audit.record(session, AuditAction.PASSWORD_CHANGED, user.name, now, after={"by": "user"})
            sign_out(session, user, now)
            return user

        changed = await self._database.write(work)
        self._credentials.forget()
        return changed

    async def _check(self, name: str, current: str, stored: str) -> None:
        now = self._clock.now()
        wait = self._guesses.wait(name, now)
        if wait is not None:
            raise too_many("too_many_guesses", "The present password was wrong too often", wait)
        self._guesses.fail(name, now)  # before looking: those that come at once count, too
        if not await self._passwords.is_right(password_form(current), stored):
            raise Forbidden("password_wrong", "The present password is not right.")
        self._guesses.forget(name)
