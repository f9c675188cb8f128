"""Wires people, their sessions and their tokens."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fastflow.api.deps import AccountServices
from fastflow.domain.account_ports import AccessTokens, Passwords
from fastflow.domain.ports import Clock
from fastflow.services.api_tokens import ApiTokens
from fastflow.services.credentials import Credentials
from fastflow.services.sessions import Sessions
from fastflow.services.set_up import SetUp
from fastflow.services.sign_in import SignIn
from fastflow.services.token_uses import TokenUses
from fastflow.services.users import Users
from fastflow.services.wrong_keys import WrongKeys
from fastflow.store.database import Database


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
    *,
    is_local: bool,
) -> AccountParts:
    """Return the parts. `is_local`: without accounts everybody who gets here may do everything."""
    uses = TokenUses(database, clock)
    credentials = Credentials(database, access_tokens, uses, clock, is_local=is_local)
    users = Users(database, passwords, credentials, clock)
    sessions = Sessions(database, access_tokens, credentials, clock)
    services = AccountServices(
        credentials,
        users,
        sessions,
        SignIn(database, passwords, sessions, clock),
        SetUp(users, credentials, wrong_keys, clock),
        ApiTokens(database, credentials, uses, clock),
    )
    return AccountParts(services, uses)
