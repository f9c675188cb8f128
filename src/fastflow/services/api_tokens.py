"""Makes, lists and revokes API tokens."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from pydantic import JsonValue
from sqlmodel import Session

from fastflow.domain.api_token import LONGEST_LIFE, PREFIX, USUAL_LIFE, TokenKind
from fastflow.domain.audit import AuditAction
from fastflow.domain.errors import Conflict, Forbidden, Invalid, NotFound
from fastflow.domain.names import is_pipeline_name
from fastflow.domain.ports import Clock
from fastflow.domain.role import Role
from fastflow.domain.signatures import digest_of
from fastflow.services.credentials import Credentials
from fastflow.services.token_uses import TokenUses
from fastflow.services.users import existing
from fastflow.store import api_tokens, audit, users
from fastflow.store.database import Database
from fastflow.store.ids import new_id
from fastflow.store.tables import ApiTokenRow, UserRow

MOST_PER_USER: Final = 100
MOST_PIPELINES: Final = 100
LONGEST_NAME: Final = 64
_HINT: Final = 4


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token and whose it is."""

    row: ApiTokenRow
    user: UserRow


@dataclass(frozen=True, slots=True)
class NewApiToken:
    """A token that was just made; it can't be shown again."""

    entry: ApiToken
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class TokenWish:
    """What a token is to be."""

    name: str
    role: Role | None = None
    """None: its user's."""
    pipelines: tuple[str, ...] | None = None
    expires_in: timedelta = USUAL_LIFE
    kind: TokenKind = TokenKind.API


class ApiTokens:
    """What people do with their tokens, and administrators with all."""

    def __init__(self, database: Database, credentials: Credentials, uses: TokenUses, clock: Clock) -> None:
        self._database = database
        self._credentials = credentials
        self._uses = uses
        self._clock = clock

    async def every(self, user_name: str | None = None) -> list[ApiToken]:
        """Return the tokens of a user, or of all; never the tokens themselves."""
        await self._uses.flush()

        def work(session: Session) -> Sequence[tuple[ApiTokenRow, UserRow]]:
            user_id = existing(session, user_name).id if user_name is not None else None
            return api_tokens.every(session, user_id)

        return [ApiToken(row, user) for row, user in await self._database.read(work)]

    async def create(self, user_name: str, wish: TokenWish) -> NewApiToken:
        """Make a token for a user. It is returned this once.

        Raises:
            NotFound: `user_not_found`.
            Invalid: `token_invalid`.
            Forbidden: `role_too_high`; nobody gives away more than they have.
            Conflict: `too_many_tokens`.
        """
        _check(wish)
        token, now = PREFIX + secrets.token_urlsafe(32), self._clock.now()

        def work(session: Session) -> ApiToken:
            user = existing(session, user_name)
            role = wish.role or user.role
            _check_allowed(session, user, role)
            row = ApiTokenRow(
                id=new_id(),
                user_id=user.id,
                name=wish.name.strip(),
                kind=wish.kind,
                token_hash=digest_of(token),
                hint=token[-_HINT:],
                role=role,
                pipelines=sorted(wish.pipelines) if wish.pipelines is not None else None,
                created_at=now,
                expires_at=now + wish.expires_in,
            )
            audit.record(session, AuditAction.TOKEN_CREATED, _target(user, row), now, after=_facts(row))
            return ApiToken(api_tokens.add(session, row), user)

        return NewApiToken(await self._database.write(work), token)

    async def revoke(self, token_id: str, of_user: str | None) -> ApiToken:
        """End a token at once; return what it was. `of_user`: only if it is that user's.

        Raises:
            NotFound: `token_not_found`.
        """
        now = self._clock.now()

        def work(session: Session) -> ApiToken:
            row = api_tokens.get(session, token_id)
            user = users.get(session, row.user_id) if row is not None else None
            if row is None or user is None or of_user not in (None, user.name):
                raise NotFound(
                    "token_not_found",
                    f"There is no token {token_id[:80]!r} of yours. /api/tokens lists them.",
                    {"id": token_id[:80]},
                )
            api_tokens.remove(session, row)
            audit.record(session, AuditAction.TOKEN_REVOKED, _target(user, row), now, before=_facts(row))
            return ApiToken(row, user)

        revoked = await self._database.write(work)
        self._credentials.forget()
        return revoked


def _check(wish: TokenWish) -> None:
    problems: dict[str, str] = {}
    if not 0 < len(wish.name.strip()) <= LONGEST_NAME or not wish.name.isprintable():
        problems["name"] = f"must have 1 to {LONGEST_NAME} printable characters"
    if not timedelta() < wish.expires_in <= LONGEST_LIFE:
        problems["expires_in_seconds"] = f"must be at most {LONGEST_LIFE.days} days: a token always ends"
    if wish.pipelines is not None:
        wrong = [name for name in wish.pipelines if not is_pipeline_name(name)]
        if wrong:
            problems["pipelines"] = f"{wrong[0][:80]!r} can't be the name of a pipeline"
        elif not 0 < len(wish.pipelines) <= MOST_PIPELINES:
            problems["pipelines"] = f"must name 1 to {MOST_PIPELINES}, or be left out for all"
    if wish.kind is TokenKind.CONSOLE and (wish.role is not None or wish.pipelines is not None):
        # It acts as its user, who may make any token: limits would be none.
        problems["kind"] = "console is as good as being signed in: leave role and pipelines out, or take api"
    if problems:
        sentence = "; ".join(f"{field} {problem}" for field, problem in problems.items())
        raise Invalid("token_invalid", f"The token can't be made: {sentence}.", problems)


def _check_allowed(session: Session, user: UserRow, role: Role) -> None:
    if not user.role.includes(role):
        raise Forbidden(
            "role_too_high",
            f"A token of {user.name} can be {user.role} at most, not {role}.",
            {"role": role, "highest": user.role},
        )
    if api_tokens.count(session, user.id) >= MOST_PER_USER:
        raise Conflict(
            "too_many_tokens", f"{user.name} has {MOST_PER_USER} tokens. Revoke those that nobody uses."
        )


def _target(user: UserRow, row: ApiTokenRow) -> str:
    return f"{user.name}/{row.name}"


def _facts(row: ApiTokenRow) -> dict[str, JsonValue]:
    return {
        "id": row.id,
        "kind": row.kind,
        "hint": row.hint,
        "role": row.role,
        "pipelines": list(row.pipelines) if row.pipelines is not None else None,
        "expires_at": row.expires_at.isoformat(),
    }
