"""Lets the first administrator in, where nobody can sign in yet."""

import hmac
import secrets
from datetime import datetime, timedelta
from typing import Final

from fastflow.domain.actor import Actor, ActorKind, acting
from fastflow.domain.errors import Conflict, Forbidden
from fastflow.domain.ports import Clock
from fastflow.domain.role import Role
from fastflow.domain.signatures import digest_of
from fastflow.domain.user import user_name
from fastflow.services.credentials import Credentials
from fastflow.services.users import Users
from fastflow.services.wrong_keys import WrongKeys
from fastflow.store.tables import UserRow

TOKEN_LIFE: Final = timedelta(hours=24)


class SetUp:
    """Makes the first user: for whoever can read the server's log, or is on this machine."""

    def __init__(self, users: Users, credentials: Credentials, wrong_keys: WrongKeys, clock: Clock) -> None:
        self._users = users
        self._credentials = credentials
        self._wrong_keys = wrong_keys
        self._clock = clock
        self._token_hash = ""
        self._expires_at: datetime | None = None

    async def offer(self) -> str | None:
        """Return a new set-up token, valid once and for 24 hours; None: there is nothing to set up."""
        if await self._credentials.has_accounts() or await self._credentials.is_open():
            return None
        token = f"setup_{secrets.token_urlsafe(32)}"
        self._token_hash = digest_of(token)
        self._expires_at = self._clock.now() + TOKEN_LIFE
        return token

    async def is_needed(self) -> bool:
        """Whether there is no account yet."""
        return not await self._credentials.has_accounts()

    async def complete(self, token: str | None, name: str, password: str) -> UserRow:
        """Make the first admin. On this machine, while it is open, no token is asked for.

        Raises:
            Conflict: `already_set_up`.
            Forbidden: `setup_token_wrong`, `setup_token_expired`.
            Invalid: `user_name_invalid`, `password_invalid`.
            TooMany: `too_many_wrong_keys`.
        """
        if not await self.is_needed():
            raise Conflict("already_set_up", "There are accounts already. Sign in; an admin can admit you.")
        if not await self._credentials.is_open():
            await self._check(token or "")
        # The one who is being made acts: there is nobody else yet.
        before = acting.set(Actor(ActorKind.USER, user_name(name), Role.ADMIN, address=acting.get().address))
        try:
            user = await self._users.create(name, Role.ADMIN, password, must_be_first=True)
        finally:
            acting.reset(before)
        self._token_hash, self._expires_at = "", None
        return user

    async def _check(self, token: str) -> None:
        address, now = acting.get().address, self._clock.now()
        self._wrong_keys.refuse_guesser(address)
        if not hmac.compare_digest(self._token_hash, digest_of(token)):
            await self._wrong_keys.count(address, now)
            raise Forbidden(
                "setup_token_wrong",
                "That is not the set-up token. It is in the server's log, once per start.",
            )
        if self._expires_at is None or self._expires_at <= now:
            raise Forbidden(
                "setup_token_expired",
                "The set-up token was valid for 24 hours. Start the server again for a new one.",
            )
