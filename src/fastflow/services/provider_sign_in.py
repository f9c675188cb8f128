"""Signs people in whom a provider vouches for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlmodel import Session

from fastflow.domain.actor import acting
from fastflow.domain.console import ConsoleRequest
from fastflow.domain.errors import FastFlowError, NotFound
from fastflow.domain.identity import ComeBack, Door, IdentityProvider, Person
from fastflow.domain.local_path import local_path
from fastflow.domain.ports import Clock
from fastflow.domain.rate_limit import RateLimit
from fastflow.services.console_sign_in import ConsoleSignIn, Question
from fastflow.services.credentials import Credentials
from fastflow.services.recognition import linked, noted, recognised
from fastflow.services.sessions import Sessions, SignedIn
from fastflow.services.sign_in_attempts import Attempt, SignInAttempts
from fastflow.services.wrong_keys import is_loopback, place_of, too_many
from fastflow.store.database import Database

PER_MINUTE: Final = 30


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
    signed_in: SignedIn | None = None
    """None: an identity was linked to the user who was signed in before; or it was for a console."""
    question: Question | None = None
    """What to ask before a console is signed in."""
    failure: FastFlowError | None = None
    """Why a console is not signed in; it has to be told."""


class ProviderSignIn:
    """Leads a browser to a provider and back."""

    def __init__(
        self,
        database: Database,
        credentials: Credentials,
        sessions: Sessions,
        consoles: ConsoleSignIn,
        entrances: Sequence[Entrance],
        attempts: SignInAttempts,
        clock: Clock,
        public_url: str,
    ) -> None:
        """`public_url`: under which address browsers reach this server."""
        self._database = database
        self._credentials = credentials
        self._sessions = sessions
        self._consoles = consoles
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

    async def begin(
        self,
        provider_name: str,
        path: str | None = None,
        *,
        link_to: str | None = None,
        console: ConsoleRequest | None = None,
    ) -> Begun:
        """Begin a sign-in that ends at a path of this server, or at a console.

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
        attempt = self._attempts.begin(provider_name, local_path(path), link_to=link_to, console=console)
        address = await provider.address(attempt.challenge, self.address(provider, "callback"))
        return Begun(address, self._attempts.seal(attempt))

    async def end(
        self, provider_name: str, come_back: ComeBack, sealed: str | None, *, browser: str | None = None
    ) -> Ended:
        """Sign in whoever came back from the provider, or link them to the user who began it.

        Where it was for a console, ask them first; what is raised then is in the answer once it is known.

        Raises:
            NotFound: `provider_unknown`.
            Forbidden: `sign_in_expired`, `sign_in_cancelled`, `sign_in_refused`, `email_not_verified`,
                `not_allowed_here`, `access_refused`, `role_withdrawn`, `admission_pending`,
                `account_disabled`.
            Conflict: `identity_taken`.
            Unavailable: `provider_unusable`, `too_many_pending`.
        """
        entrance = self._entrance(provider_name)
        attempt = self._attempts.open(sealed, provider_name, come_back.state)
        if attempt.console is not None:
            try:
                user_id = await self._vouched_for(entrance, attempt, come_back)
                question = await self._consoles.ask(user_id, provider_name, attempt.console)
            except FastFlowError as error:
                return Ended(attempt, failure=error)
            return Ended(attempt, question=question)
        user_id = await self._vouched_for(entrance, attempt, come_back)
        if attempt.link_to is not None:
            return Ended(attempt)
        return Ended(attempt, await self._sessions.begin(user_id, browser=browser, way=provider_name))

    def address(self, provider: IdentityProvider, way: str) -> str:
        """Return a route of a provider in full, by the host that the cookies belong to."""
        return f"{self._public_url}/api/auth/{provider.name}/{way}"

    async def _vouched_for(self, entrance: Entrance, attempt: Attempt, come_back: ComeBack) -> str:
        """Return the id of the user whom the provider vouches for; raises as `end`."""
        provider = entrance.provider
        person = await provider.person(attempt.challenge, come_back, self.address(provider, "callback"))
        entrance.door.check(person)
        return await self._recognised(entrance, person, attempt.link_to)

    async def _recognised(self, entrance: Entrance, person: Person, link_to: str | None) -> str:
        """Note that somebody was here, and return the id of the user that they are."""
        now, remote = self._clock.now(), acting.get().address

        def work(session: Session) -> str | FastFlowError:
            row = noted(session, entrance.provider.name, person, now)
            if link_to is not None:
                return linked(session, row, link_to, now, remote)
            return recognised(session, row, person, entrance.door, now)

        found = await self._database.write(work)
        self._credentials.forget()  # their role may be another now
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
