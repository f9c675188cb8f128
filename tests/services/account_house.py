"""Accounts on a real store with real, cheap cryptography; the clock stands until a test moves it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta

from fastflow.adapters.crypto.access_tokens import JwtAccessTokens
from fastflow.adapters.crypto.fernet import FernetCipher
from fastflow.adapters.crypto.passwords import Argon2Passwords
from fastflow.domain.actor import SYSTEM, Actor, acting
from fastflow.domain.role import Role
from fastflow.main.accounts import Elsewhere, wire_accounts
from fastflow.services.sessions import SignedIn
from fastflow.services.wrong_keys import WrongKeys
from fastflow.store.database import Database
from fastflow.store.tables import UserRow
from tests.fakes.clock import FakeClock

PASSWORD = "correct horse battery"  # noqa: S105 - opens nothing
HOME, ELSEWHERE = "192.0.2.1", "198.51.100.7"


class AccountHouse:
    """One database and the services on it."""

    def __init__(self, database_url: str, *, is_local: bool = False) -> None:
        self.database = Database(database_url)
        self.clock = FakeClock()
        self.passwords = Argon2Passwords(memory_kib=8)
        self.signing = JwtAccessTokens(["0123456789abcdef0123456789abcdef"], "house")
        services = wire_accounts(
            self.database,
            self.clock,
            self.passwords,
            self.signing,
            WrongKeys(self.clock, timedelta()),
            Elsewhere(FernetCipher.fresh()),
            is_local=is_local,
        ).services
        self.credentials, self.users, self.sessions = services.credentials, services.users, services.sessions
        self.own_password = services.own_password
        self.sign_in, self.set_up, self.tokens = services.sign_in, services.set_up, services.api_tokens

    async def admit(self, name: str = "ann", role: Role = Role.ADMIN) -> UserRow:
        """Admit a user with `PASSWORD`."""
        return await self.users.create(name, role, PASSWORD)

    async def enter(self, name: str = "ann", password: str = PASSWORD, address: str = HOME) -> SignedIn:
        """Sign in from an address."""
        before = acting.set(Actor(SYSTEM.kind, SYSTEM.name, address=address))
        try:
            return await self.sign_in.by_password(name, password)
        finally:
            acting.reset(before)

    async def caller(self, credential: str) -> Actor:
        """Return who sends this credential."""
        return (await self.credentials.admit(f"Bearer {credential}", HOME)).actor


@asynccontextmanager
async def house_on(database_url: str, *, is_local: bool = False) -> AsyncGenerator[AccountHouse]:
    """Open a house and close its database."""
    house = AccountHouse(database_url, is_local=is_local)
    try:
        yield house
    finally:
        await house.database.close()
