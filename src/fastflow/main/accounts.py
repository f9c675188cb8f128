"""Wires people, their sessions and their tokens."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from fastflow.api.deps import AccountServices
from fastflow.domain.account_ports import AccessTokens, Passwords
from fastflow.domain.ports import Clock
from fastflow.domain.repository_ports import Cipher
from fastflow.services.api_tokens import ApiTokens
from fastflow.services.console_sign_in import ConsoleSignIn
from fastflow.services.credentials import Credentials
from fastflow.services.identities import Identities
from fastflow.services.own_password import OwnPassword
from fastflow.services.provider_sign_in import Entrance, ProviderSignIn
from fastflow.services.sessions import Sessions
from fastflow.services.set_up import SetUp
from fastflow.services.sign_in import SignIn
from fastflow.services.sign_in_attempts import SignInAttempts
from fastflow.services.token_uses import TokenUses
from fastflow.services.users import Users
from fastflow.services.wrong_keys import WrongKeys
from fastflow.store.database import Database


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Where else people can sign in, and what it takes."""

    cipher: Cipher
    """Seals sign-ins that are under way; of a key that nothing else uses."""
    entrances: Sequence[Entrance] = ()
    public_url: str = ""
    """By which address browsers reach this server."""


@dataclass(frozen=True, slots=True)
class AccountParts:
    """What the API asks for, and what runs beside it."""

    services: AccountServices
    uses: TokenUses

    @property
    def loops(self) -> dict[str, Callable[[], Awaitable[None]]]:
        """What runs until the server ends, by name."""
        return {"token uses": self.uses.run}


def wire_accounts(
    database: Database,
    clock: Clock,
    passwords: Passwords,
    access_tokens: AccessTokens,
    wrong_keys: WrongKeys,
    elsewhere: Elsewhere,
    *,
    is_local: bool,
) -> AccountParts:
    """Return the parts. `is_local`: without accounts everybody who gets here may do everything."""
    uses = TokenUses(database, clock)
    credentials = Credentials(database, access_tokens, uses, clock, is_local=is_local)
    users = Users(database, passwords, credentials, clock)
    sessions = Sessions(database, access_tokens, credentials, clock)
    consoles = ConsoleSignIn(database, sessions, clock)
    services = AccountServices(
        credentials,
        users,
        OwnPassword(database, passwords, credentials, clock),
        sessions,
        SignIn(database, passwords, sessions, clock),
        ProviderSignIn(
            database,
            credentials,
            sessions,
            consoles,
            elsewhere.entrances,
            SignInAttempts(elsewhere.cipher, clock),
            clock,
            elsewhere.public_url,
        ),
        consoles,
        Identities(database, credentials, clock),
        SetUp(users, credentials, wrong_keys, clock),
        ApiTokens(database, credentials, uses, clock),
    )
    return AccountParts(services, uses)
