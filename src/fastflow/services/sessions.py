"""Sessions of people who signed in: an access token for minutes, a refresh token that works once."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from fastflow.domain.account_ports import AccessClaims, AccessTokens
from fastflow.domain.actor import acting
from fastflow.domain.audit import AuditAction
from fastflow.domain.errors import Unauthenticated
from fastflow.domain.ports import Clock
from fastflow.domain.rate_limit import RateLimit
from fastflow.services.credentials import Credentials
from fastflow.services.session_rows import (
    IDLE_LIFE,
    Caller,
    begun,
    ended,
    entering,
    has_ended,
    note,
    refreshed,
    sign_out,
)
from fastflow.services.wrong_keys import place_of, too_many
from fastflow.store import api_tokens, audit, sessions, users
from fastflow.store.database import Database
from fastflow.store.tables import SessionRow, UserRow

ACCESS_LIFE: Final = timedelta(minutes=10)

REFRESHES_PER_MINUTE: Final = 30
"""Of one session, and of all that have ended, from one address: a browser needs one in ten minutes."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a person gets who signed in, or refreshed."""

    user: UserRow
    access_token: str = field(repr=False)
    access_expires_at: datetime
    refresh_token: str | None = field(repr=False)
    """None: the one that the browser has by now stays valid."""
    refresh_expires_at: datetime


class Sessions:
    """Begins, refreshes and ends sessions."""

    def __init__(
        self, database: Database, access_tokens: AccessTokens, credentials: Credentials, clock: Clock
    ) -> None:
        self._database = database
        self._access_tokens = access_tokens
        self._credentials = credentials
        self._clock = clock
        self._limit = RateLimit(REFRESHES_PER_MINUTE)

    async def begin(
        self,
        user_id: str,
        *,
        browser: str | None = None,
        way: str = "password",
        machine: str | None = None,
    ) -> SignedIn:
        """Sign in somebody who has proven, in that way, to be this user; `machine`: of their console.

        Raises:
            Unauthenticated: `sign_in_failed`; the user was removed meanwhile.
            Forbidden: `account_disabled`.
        """
        now, secret = self._clock.now(), secrets.token_urlsafe(32)
        caller = Caller(acting.get().address, browser)
        facts = {"way": way} if machine is None else {"way": way, "machine": machine}

        def work(session: Session) -> tuple[SessionRow, UserRow]:
            user = entering(session, user_id)
            row = begun(session, user, secret, caller, now)
            note(session, AuditAction.SIGNED_IN, user, caller, now, **facts)
            return row, user

        row, user = await self._database.write(work)
        return self._answer(user, row, now, secret)

    async def refresh(self, refresh_token: str) -> SignedIn:
        """Give a new access token and a new refresh token; the one that was sent is used up.

        One that was used up before ends its whole session: somebody has a copy of it.

        Raises:
            Unauthenticated: `session_ended`, `refresh_token_reused`.
            TooMany: `too_many_refreshes`.
        """
        session_id, _, given = refresh_token.partition(".")
        now, secret, caller = self._clock.now(), secrets.token_urlsafe(32), Caller(acting.get().address)
        await self._refuse_hasty(session_id, caller.address, now)
        done = await self._database.write(
            lambda session: refreshed(session, session_id, given, secret, caller, now)
        )
        if done is None:
            self._credentials.forget()
            raise Unauthenticated(
                "refresh_token_reused",
                "This session was ended: its refresh token was used a second time, so somebody else may have "
                "a copy of it. Sign in again; if it was not you, change your password.",
            )
        row, user, new = done
        return self._answer(user, row, now, new)

    async def end(self, refresh_token: str) -> bool:
        """Sign out of the session that this refresh token belongs to; False: there is none."""
        session_id, _, given = refresh_token.partition(".")
        now, caller = self._clock.now(), Caller(acting.get().address)
        # A stranger who makes tokens up costs neither a write nor what is known of everybody else.
        is_done = await self._is_there(session_id) and await self._database.write(
            lambda session: ended(session, session_id, given, caller, now)
        )
        if is_done:
            self._credentials.forget()
        return is_done

    async def end_all(self, user_id: str) -> int:
        """Sign somebody out of all browsers and consoles, but not their programs; return how many."""

        def work(session: Session) -> int:
            user = users.get(session, user_id)
            return 0 if user is None else sign_out(session, user, self._clock.now())

        count = await self._database.write(work)
        self._credentials.forget()
        return count

    async def rotate_signing_key(self) -> str:
        """Sign access tokens with a new key from now on; return its id. Those there are stay valid.

        Raises:
            Conflict: `signing_key_in_settings`.
            Unavailable: `signing_key_unwritable`.
        """
        key_id, now = await self._access_tokens.rotate(), self._clock.now()
        await self._database.write(
            lambda session: audit.record(
                session, AuditAction.SIGNING_KEY_ROTATED, key_id, now, after={"id": key_id}
            )
        )
        return key_id

    async def trim(self) -> int:
        """Delete what has expired; return how many."""

        def work(session: Session) -> int:
            now = self._clock.now()
            api_tokens.remove_expired(session, now - IDLE_LIFE)
            return sessions.remove_expired(session, now)

        return await self._database.write(work)

    async def _refuse_hasty(self, session_id: str, address: str | None, now: datetime) -> None:
        """Let nobody refresh without pause: each time is a write.

        Tokens of no session are counted by address, right ones by session: nobody refreshes too often for
        somebody else.

        Raises:
            TooMany: `too_many_refreshes`.
        """
        is_there = await self._is_there(session_id)
        wait = self._limit.hit(f"session:{session_id}" if is_there else f"from:{place_of(address)}", now)
        if wait is not None:
            raise too_many("too_many_refreshes", "Refreshed too often", wait)
        if not is_there:
            raise has_ended()

    async def _is_there(self, session_id: str) -> bool:
        return await self._database.read(lambda session: sessions.get(session, session_id)) is not None

    def _answer(self, user: UserRow, row: SessionRow, now: datetime, secret: str | None) -> SignedIn:
        expires_at = now + ACCESS_LIFE
        token = self._access_tokens.issue(AccessClaims(user.id, row.id, expires_at), now)
        refresh_token = f"{row.id}.{secret}" if secret is not None else None
        return SignedIn(user, token, expires_at, refresh_token, row.expires_at)
