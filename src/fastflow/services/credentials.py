"""Recognises who calls by what a request carries, from memory where that is recent enough."""

from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from fastflow.domain.account_ports import AccessTokens
from fastflow.domain.actor import Actor, ActorKind
from fastflow.domain.api_token import PREFIX, TokenKind, is_api_token, weaker
from fastflow.domain.errors import Unauthenticated
from fastflow.domain.ports import Clock
from fastflow.domain.role import Role
from fastflow.domain.signatures import digest_of
from fastflow.services.token_uses import TokenUses
from fastflow.store import api_tokens, sessions, users
from fastflow.store.database import Database
from fastflow.store.tables import UserRow

BELIEVED_FOR: Final = timedelta(seconds=5)
"""So soon a change by another process counts; ours count at once."""
_MOST_KNOWN: Final = 10_000


@dataclass(frozen=True, slots=True)
class Admitted:
    """Somebody who was recognised."""

    actor: Actor
    key: str | None
    """What the credential is known by, to ask later whether it still holds; None: nobody needs one."""


@dataclass(frozen=True, slots=True)
class _Known:
    actor: Actor
    ends_at: datetime
    token_id: str | None
    read_at: datetime


class Credentials:
    """Says who brings a credential, and whether it still holds.

    What the database says of one is kept in memory for a moment; every change of users, sessions and tokens
    calls `forget`.
    """

    def __init__(
        self,
        database: Database,
        access_tokens: AccessTokens,
        uses: TokenUses,
        clock: Clock,
        *,
        is_local: bool,
    ) -> None:
        """`is_local`: nobody but this machine reaches the server, so it may be open without accounts."""
        self._database = database
        self._access_tokens = access_tokens
        self._uses = uses
        self._clock = clock
        self._is_local = is_local
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._changes = 0
        self._has_users = False
        self._looked_at: datetime | None = None

    async def is_open(self) -> bool:
        """Whether everybody who gets here may do everything: on this machine, without accounts."""
        return self._is_local and not await self.has_accounts()

    async def has_accounts(self) -> bool:
        """Whether there is a user. Once there is one there always is: the last admin stays."""
        now = self._clock.now()
        if not self._has_users and not _is_recent(self._looked_at, now):
            self._has_users = await self._database.read(users.has_any)
            self._looked_at = now
        return self._has_users

    def forget(self) -> None:
        """Believe nothing that was read before now."""
        self._changes += 1
        self._known.clear()
        self._looked_at = None

    async def admit(self, authorization: str | None, address: str | None) -> Admitted:
        """Return who sent a request with this `Authorization` header.

        Raises:
            Unauthenticated: `credential_missing`, `credential_malformed`, `credential_invalid`,
                `access_token_expired`, `session_ended`, `account_disabled`.
        """
        if await self.is_open():
            return Admitted(Actor(ActorKind.LOCAL, "local", Role.ADMIN, address=address), None)
        key = self._key_of(authorization)
        known = await self._look_up(key)
        if known.token_id is not None:
            self._uses.note(known.token_id)
        return Admitted(replace(known.actor, address=address), key)

    async def holds(self, key: str | None) -> bool:
        """Whether a credential that was admitted would be admitted still, its access token's age aside."""
        if key is None:
            return await self.is_open()
        try:
            await self._look_up(key)
        except Unauthenticated:
            return False
        return True

    def _key_of(self, authorization: str | None) -> str:
        if authorization is None:
            raise Unauthenticated(
                "credential_missing",
                "Sign in first by /api/auth/login, or send an API token (the console: FASTFLOW_TOKEN) by "
                "`Authorization: Bearer`.",
            )
        scheme, _, given = authorization.partition(" ")
        credential = given.strip()
        if scheme.lower() != "bearer" or not credential:
            raise Unauthenticated(
                "credential_malformed", "The Authorization header must be `Bearer` and a token."
            )
        if not credential.startswith(PREFIX):
            claims = self._access_tokens.read(credential, self._clock.now())
            return f"session:{claims.session_id}:{claims.user_id}"
        if not is_api_token(credential):
            raise _no_token()
        return f"token:{digest_of(credential)}"

    async def _look_up(self, key: str) -> _Known:
        now = self._clock.now()
        known = self._known.get(key)
        if known is None or not _is_recent(known.read_at, now):
            changes = self._changes
            known = await self._database.read(lambda session: _read(session, key, now))
            if changes == self._changes:  # else it may have been read before the change
                self._known[key] = known
                if len(self._known) > _MOST_KNOWN:
                    self._known.popitem(last=False)
        if known.ends_at <= now:
            raise _no_token() if known.token_id is not None else _no_session()
        return known


def _is_recent(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and timedelta() <= now - moment < BELIEVED_FOR


def _read(session: Session, key: str, now: datetime) -> _Known:
    kind, _, rest = key.partition(":")
    if kind == "token":
        return _token(session, rest, now)
    session_id, _, user_id = rest.partition(":")
    return _session(session, session_id, user_id, now)


def _session(session: Session, session_id: str, user_id: str, now: datetime) -> _Known:
    found = sessions.with_user(session, session_id)
    if found is None or found[1].id != user_id:
        raise _no_session()
    row, user = found
    _refuse_disabled(user)
    return _Known(Actor(ActorKind.USER, user.name, user.role, user.id), row.expires_at, None, now)


def _token(session: Session, token_hash: str, now: datetime) -> _Known:
    found = api_tokens.with_user(session, token_hash)
    if found is None:
        raise _no_token()
    row, user = found
    _refuse_disabled(user)
    role = weaker(row.role, user.role)
    pipelines = frozenset(row.pipelines) if row.pipelines is not None else None
    actor = (
        Actor(ActorKind.USER, user.name, role, user.id)
        if row.kind is TokenKind.CONSOLE
        else Actor(ActorKind.TOKEN, f"{user.name}/{row.name}", role, row.id, pipelines=pipelines)
    )
    return _Known(actor, row.expires_at, row.id, now)


def _refuse_disabled(user: UserRow) -> None:
    if not user.is_enabled:
        raise Unauthenticated(
            "account_disabled",
            f"The account {user.name} is disabled. An administrator can enable it again.",
            {"name": user.name},
        )


def _no_token() -> Unauthenticated:
    return Unauthenticated(
        "credential_invalid", "This API token is not valid: it was revoked, has expired, or is none of ours."
    )


def _no_session() -> Unauthenticated:
    return Unauthenticated("session_ended", "You were signed out. Sign in again.")
