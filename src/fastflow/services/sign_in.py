"""Signs people in by name and password, ever more slowly for those who guess."""

from datetime import timedelta
from typing import Final

from sqlmodel import Session

from fastflow.domain.account_ports import Passwords
from fastflow.domain.actor import acting
from fastflow.domain.back_off import BackOff
from fastflow.domain.errors import Unauthenticated
from fastflow.domain.ports import Clock
from fastflow.domain.user import password_form
from fastflow.services.sessions import Sessions, SignedIn
from fastflow.services.wrong_keys import is_loopback, place_of, too_many
from fastflow.store import sessions, users
from fastflow.store.database import Database
from fastflow.store.tables import UserRow

_SECOND: Final = timedelta(seconds=1)


class SignIn:
    """Compares passwords.

    Who fails has to wait: each account after 5 times, each address after 20, up to five minutes and a
    quarter of an hour. An address that the account is signed in from need not wait for what others do to
    it, so that no stranger can lock anybody out. A loopback address may be a reverse proxy that does not say
    for whom it speaks; it is not counted.
    """

    def __init__(self, database: Database, passwords: Passwords, sessions: Sessions, clock: Clock) -> None:
        self._database = database
        self._passwords = passwords
        self._sessions = sessions
        self._clock = clock
        self._accounts = BackOff(5, _SECOND, timedelta(minutes=5))
        self._addresses = BackOff(20, _SECOND, timedelta(minutes=15))

    async def by_password(self, name: str, password: str, *, browser: str | None = None) -> SignedIn:
        """Begin a session for the user of that name and password.

        Unknown names take as long as wrong passwords, and are answered alike.

        Raises:
            Unauthenticated: `sign_in_failed`.
            Forbidden: `account_disabled`.
            TooMany: `too_many_sign_ins`, `busy`.
        """
        account, address = name.strip().lower()[:64], acting.get().address
        await self._refuse_hasty(account, address)
        self._count(account, address)  # before looking: those that come at once count, too
        user = await self._database.read(lambda session: users.named(session, account))
        stored = user.password_hash if user is not None else None
        if not await self._passwords.is_right(password_form(password), stored) or user is None:
            raise Unauthenticated("sign_in_failed", "Name or password is wrong.")
        self._accounts.forget(account)
        self._addresses.forget(place_of(address))
        if stored is not None and self._passwords.is_outdated(stored):
            await self._renew(user, password_form(password))
        return await self._sessions.begin(user.id, browser=browser)

    async def _refuse_hasty(self, account: str, address: str | None) -> None:
        now = self._clock.now()
        wait = None if is_loopback(address) else self._addresses.wait(place_of(address), now)
        if wait is None:
            wait = self._accounts.wait(account, now)
            if wait is not None and await self._is_at_home(account, address):
                return
        if wait is not None:
            raise too_many("too_many_sign_ins", "Too many sign-ins failed", wait)

    async def _is_at_home(self, account: str, address: str | None) -> bool:
        if address is None or is_loopback(address):
            return False
        return await self._database.read(lambda session: sessions.was_begun_from(session, account, address))

    def _count(self, account: str, address: str | None) -> None:
        now = self._clock.now()
        self._accounts.fail(account, now)
        if not is_loopback(address):
            self._addresses.fail(place_of(address), now)

    async def _renew(self, user: UserRow, password: str) -> None:
        """Keep the password under today's parameters."""
        hashed = await self._passwords.hash(password)

        def work(session: Session) -> None:
            row = users.get(session, user.id)
            if row is not None and row.password_hash == user.password_hash:
                row.password_hash = hashed

        await self._database.write(work)
