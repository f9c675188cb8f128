"""Signs a console in for somebody who is at a browser: they are asked, and the console redeems a code."""

import hmac
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from sqlmodel import Session

from fastflow.domain.actor import acting
from fastflow.domain.audit import AuditAction
from fastflow.domain.console import ConsoleRequest
from fastflow.domain.errors import Forbidden, Unauthenticated
from fastflow.domain.ports import Clock
from fastflow.domain.proof_key import challenge_of
from fastflow.services.one_time_secrets import OneTimeSecrets
from fastflow.services.recognition import refused
from fastflow.services.session_rows import Caller, entering, note
from fastflow.services.sessions import Sessions, SignedIn
from fastflow.store import identities
from fastflow.store.database import Database
from fastflow.store.tables import UserRow

QUESTION_LIFE: Final = timedelta(minutes=5)
CODE_LIFE: Final = timedelta(seconds=60)
"""The browser takes it to the console at once."""


@dataclass(frozen=True, slots=True)
class _Wish:
    user_id: str
    provider: str
    console: ConsoleRequest


@dataclass(frozen=True, slots=True)
class Question:
    """Whether a console may act as somebody; only they see it."""

    console: ConsoleRequest
    user: UserRow
    ticket: str = field(repr=False)
    """Comes back with the answer."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What the browser does after an answer."""

    address: str = field(repr=False)
    """Where it has to go."""
    is_allowed: bool


class ConsoleSignIn:
    """Asks before it lets a console in: a link that somebody sends is not enough to open it."""

    def __init__(self, database: Database, sessions: Sessions, clock: Clock) -> None:
        self._database = database
        self._sessions = sessions
        self._clock = clock
        self._questions = OneTimeSecrets[_Wish](clock, QUESTION_LIFE)
        self._codes = OneTimeSecrets[_Wish](clock, CODE_LIFE)

    async def ask(self, user_id: str, provider: str, console: ConsoleRequest) -> Question:
        """Return what to ask the user whom that provider has vouched for.

        Raises:
            Forbidden: `access_refused`, `account_disabled`.
        """
        wish = _Wish(user_id, provider, console)
        user = await self._database.read(lambda session: _still_welcome(session, wish))
        return Question(console, user, self._questions.give(wish))

    async def answer(self, ticket: str, *, is_allowed: bool) -> Answered:
        """Take the answer to a question; return where the browser tells the console.

        Raises:
            Forbidden: `sign_in_expired`, `access_refused`, `account_disabled`.
        """
        wish = self._questions.take(ticket)
        if wish is None:
            raise Forbidden(
                "sign_in_expired",
                "This was answered already, or left for more than five minutes, or the server was restarted "
                "meanwhile. Type it again: fastflow login",
            )
        if not is_allowed:
            refusal = wish.console.refused("access_denied", "You did not allow it in the browser.")
            return Answered(refusal, is_allowed=False)
        now, caller = self._clock.now(), Caller(acting.get().address)

        def work(session: Session) -> None:
            user = _still_welcome(session, wish)
            facts = {"machine": wish.console.machine, "way": wish.provider}
            note(session, AuditAction.CONSOLE_ALLOWED, user, caller, now, **facts)

        await self._database.write(work)
        return Answered(wish.console.allowed(self._codes.give(wish)), is_allowed=True)

    async def enter(self, code: str, verifier: str, *, browser: str | None = None) -> SignedIn:
        """Begin a session for the console that brings a code and the secret it was asked for with.

        A wrong secret uses the code up as well: somebody else has got hold of it.

        Raises:
            Unauthenticated: `console_code_invalid`.
            Forbidden: `access_refused`, `account_disabled`.
        """
        wish = self._codes.take(code)
        if wish is None or not hmac.compare_digest(challenge_of(verifier), wish.console.challenge):
            raise Unauthenticated(
                "console_code_invalid",
                "The browser's code is not good: it is used up, older than a minute, or for another console. "
                "Type it again: fastflow login",
            )
        await self._database.read(lambda session: _still_welcome(session, wish))
        return await self._sessions.begin(
            wish.user_id, browser=browser, way=wish.provider, machine=wish.console.machine
        )


def _still_welcome(session: Session, wish: _Wish) -> UserRow:
    """Return the user; an admin may have changed their mind since the provider was asked.

    Raises:
        Forbidden: `access_refused`, `account_disabled`.
    """
    if not identities.has_one_at(session, wish.user_id, wish.provider):
        raise refused()
    return entering(session, wish.user_id)
