"""Signs people in whom a provider vouches for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session

from fastflow.domain.actor import Actor, ActorKind, acting
from fastflow.domain.audit import AuditAction
from fastflow.domain.errors import FastFlowError, Forbidden, NotFound, Unavailable
from fastflow.domain.identity import ComeBack, Door, IdentityProvider, Person
from fastflow.domain.local_path import local_path
from fastflow.domain.ports import Clock
from fastflow.domain.rate_limit import RateLimit
from fastflow.services.identities import give, make_user
from fastflow.services.sessions import Sessions, SignedIn
from fastflow.services.sign_in_attempts import Attempt, SignInAttempts
from fastflow.services.wrong_keys import is_loopback, place_of, too_many
from fastflow.store import audit, identities, users
from fastflow.store.database import Database
from fastflow.store.ids import new_id
from fastflow.store.tables import IdentityRow, UserRow

PER_MINUTE: Final = 30
_MOST_PENDING: Final = 1_000
"""Whoever has an account at the provider can ask to be admitted: they are not to fill the database."""


@dataclass(frozen=True, slots=True)
class Entrance:
    """One provider and whom of its people may come in."""

    provider: IdentityProvider
    door: Door


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that was begun."""

    address: str
    """Where the browser has to go."""
    sealed: str
    """What it has to bring back."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A sign-in that came to its end."""

    attempt: Attempt
    signed_in: SignedIn | None
    """None: an identity was linked to the user who was signed in before."""


class ProviderSignIn:
    """Leads a browser to a provider and back."""

    def __init__(
        self,
        database: Database,
        sessions: Sessions,
        entrances: Sequence[Entrance],
        attempts: SignInAttempts,
        clock: Clock,
        public_url: str,
    ) -> None:
        """`public_url`: under which address browsers reach this server."""
        self._database = database
        self._sessions = sessions
        self._entrances: Mapping[str, Entrance] = {each.provider.name: each for each in entrances}
        self._attempts = attempts
        self._clock = clock
        self._public_url = public_url.rstrip("/")
        self._limit = RateLimit(PER_MINUTE)

    @property
    def providers(self) -> Sequence[IdentityProvider]:
        """Those that people can sign in at."""
        return [each.provider for each in self._entrances.values()]

    @property
    def is_secure(self) -> bool:
        """Whether browsers reach this server by HTTPS."""
        return self._public_url.startswith("https://")

    async def begin(self, provider_name: str, path: str | None, *, link_to: str | None = None) -> Begun:
        """Begin a sign-in that ends at a path of this server.

        `link_to`: the signed-in user to whom the identity is to be linked.

        Raises:
            NotFound: `provider_unknown`.
            Unavailable: `provider_unusable`.
            TooMany: `too_many_sign_ins`.
        """
        provider = self._entrance(provider_name).provider
        remote = acting.get().address
        wait = None if is_loopback(remote) else self._limit.hit(place_of(remote), self._clock.now())
        if wait is not None:
            raise too_many("too_many_sign_ins", "Too many sign-ins were begun from this address", wait)
        attempt = self._attempts.begin(provider_name, local_path(path), link_to=link_to)
        address = await provider.address(attempt.challenge, self._redirect_uri(provider))
        return Begun(address, self._attempts.seal(attempt))

    async def end(
        self, provider_name: str, come_back: ComeBack, sealed: str | None, *, browser: str | None = None
    ) -> Ended:
        """Sign in whoever came back from the provider, or link them to the user who began it.

        Raises:
            NotFound: `provider_unknown`.
            Forbidden: `sign_in_expired`, `sign_in_cancelled`, `sign_in_refused`, `email_not_verified`,
                `not_allowed_here`, `access_refused`, `admission_pending`, `account_disabled`.
            Conflict: `identity_taken`.
            Unavailable: `provider_unusable`, `too_many_pending`.
        """
        entrance = self._entrance(provider_name)
        attempt = self._attempts.open(sealed, provider_name, come_back.state)
        provider = entrance.provider
        person = await provider.person(attempt.challenge, come_back, self._redirect_uri(provider))
        entrance.door.check(person)
        user_id = await self._recognised(entrance, person, attempt.link_to)
        if attempt.link_to is not None:
            return Ended(attempt, None)
        return Ended(attempt, await self._sessions.begin(user_id, browser=browser, way=provider_name))

    async def _recognised(self, entrance: Entrance, person: Person, link_to: str | None) -> str:
        """Note that somebody was here, and return the id of the user that they are."""
        now, remote = self._clock.now(), acting.get().address

        def work(session: Session) -> str | FastFlowError:
            row = _noted(session, entrance.provider.name, person, now)
            if link_to is not None:
                return _linked(session, row, link_to, now, remote)
            if row.user_id is not None:
                return row.user_id
            if row.is_refused:
                return _refused()
            role = entrance.door.default_role
            if role is None or not users.has_any(session):  # the first user is an admin, made on purpose
                return _pending()
            return make_user(session, row, role, now).id

        found = await self._database.write(work)
        if isinstance(found, FastFlowError):  # raised only now: that they were here is to be kept
            raise found
        return found

    def _entrance(self, name: str) -> Entrance:
        entrance = self._entrances.get(name)
        if entrance is None:
            raise NotFound(
                "provider_unknown",
                "Nobody can sign in by that provider here. GET /api/auth/providers lists those there are.",
            )
        return entrance

    def _redirect_uri(self, provider: IdentityProvider) -> str:
        return f"{self._public_url}/api/auth/{provider.name}/callback"


def _noted(session: Session, provider: str, person: Person, now: datetime) -> IdentityRow:
    """Return the identity with what is said of the person today; a new one for a stranger.

    Raises:
        Unavailable: `too_many_pending`.
    """
    row = identities.of_subject(session, person.issuer, person.subject)
    if row is None:
        if identities.count_pending(session) >= _MOST_PENDING:
            raise Unavailable(
                "too_many_pending",
                "Too many people wait to be admitted. An admin can admit or refuse them.",
            )
        row = IdentityRow(
            id=new_id(),
            provider=provider,
            issuer=person.issuer,
            subject=person.subject,
            login=person.login,
            created_at=now,
            seen_at=now,
        )
        identities.add(session, row)
        audit.record(
            session, AuditAction.IDENTITY_SEEN, f"{provider}/{person.login}", now, after={"id": row.id}
        )
    row.login, row.name, row.email, row.seen_at = person.login, person.name, person.email, now
    return row


def _linked(
    session: Session, row: IdentityRow, user_id: str, now: datetime, remote: str | None
) -> str | FastFlowError:
    user: UserRow | None = users.get(session, user_id)
    if user is None or not user.is_enabled or row.is_refused:
        return _refused()
    audit.acts_by(session, Actor(ActorKind.USER, user.name, user.role, user.id, remote))
    give(session, row, user, now)
    return user.id


def _refused() -> Forbidden:
    return Forbidden("access_refused", "You were recognised, but an admin has taken your access away.")


def _pending() -> Forbidden:
    return Forbidden(
        "admission_pending",
        "You were recognised. An admin has to admit you; sign in again when that has been done.",
    )
