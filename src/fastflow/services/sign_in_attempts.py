"""Remembers what belongs to one sign-in while the browser is at the provider: in the browser, sealed."""

import hmac
import secrets
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from fastflow.domain.console import ConsoleRequest
from fastflow.domain.errors import Forbidden, Unavailable
from fastflow.domain.identity import Challenge
from fastflow.domain.ports import Clock
from fastflow.domain.repository_ports import Cipher

LIFE: Final = timedelta(minutes=10)
_MOST_SPENT: Final = 10_000


class Attempt(BaseModel):
    """One sign-in that was begun."""

    model_config = ConfigDict(frozen=True)

    provider: str
    state: str
    nonce: str
    verifier: str
    path: str
    """Where it is to end."""
    link_to: str | None = None
    """Id of the signed-in user whom the identity is to belong to; None: it is to sign somebody in."""
    console: ConsoleRequest | None = None
    """What is to be signed in; None: the browser."""
    expires_at: datetime

    @property
    def challenge(self) -> Challenge:
        """What the provider has to answer to."""
        return Challenge(self.state, self.nonce, self.verifier)


class SignInAttempts:
    """Seals attempts into a cookie and opens each once.

    The key lives as long as the process, and nothing else is ever encrypted with it: no ciphertext that users
    can have made here passes for an attempt. A restart ends the sign-ins that were under way.
    """

    def __init__(self, cipher: Cipher, clock: Clock) -> None:
        self._cipher = cipher
        self._clock = clock
        self._spent: OrderedDict[str, None] = OrderedDict()

    def begin(
        self,
        provider: str,
        path: str,
        *,
        link_to: str | None = None,
        console: ConsoleRequest | None = None,
    ) -> Attempt:
        """Return a new one with secrets of its own."""
        return Attempt(
            provider=provider,
            state=secrets.token_urlsafe(32),
            nonce=secrets.token_urlsafe(32),
            verifier=secrets.token_urlsafe(48),
            path=path,
            link_to=link_to,
            console=console,
            expires_at=self._clock.now() + LIFE,
        )

    def seal(self, attempt: Attempt) -> str:
        """Return it as text that tells its bearer nothing."""
        return self._cipher.encrypt(attempt.model_dump_json())

    def open(self, sealed: str | None, provider: str, state: str | None) -> Attempt:
        """Return the attempt that this browser began at that provider with that state; it is used up now.

        Raises:
            Forbidden: `sign_in_expired`.
        """
        try:
            attempt = Attempt.model_validate_json(self._cipher.decrypt(sealed or ""))
        except (Unavailable, ValidationError):
            raise _expired() from None
        is_its_answer = hmac.compare_digest(attempt.state.encode(), (state or "").encode())
        if not is_its_answer or attempt.provider != provider or attempt.state in self._spent:
            raise _expired()
        if attempt.expires_at <= self._clock.now():
            raise _expired()
        self._spent[attempt.state] = None
        if len(self._spent) > _MOST_SPENT:
            self._spent.popitem(last=False)
        return attempt


def _expired() -> Forbidden:
    return Forbidden(
        "sign_in_expired",
        "This sign-in was not begun in this browser, or it was left for more than ten minutes, or the server "
        "was restarted meanwhile. Sign in again.",
    )
