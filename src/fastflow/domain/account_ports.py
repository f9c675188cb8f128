"""What accounts need from the outside: hashed passwords and signed tokens."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class Passwords(Protocol):
    """Hashes passwords, slowly on purpose and never on the event loop."""

    async def hash(self, password: str) -> str:
        """Return what is stored of a password.

        Raises:
            TooMany: `busy`; too many wait for the same already.
        """
        ...

    async def is_right(self, password: str, stored: str | None) -> bool:
        """Whether that is the password of which `stored` was kept; None: of nobody, which takes as long.

        Raises: as `hash`.
        """
        ...

    def is_outdated(self, stored: str) -> bool:
        """Whether a hash was made with weaker parameters than those of today."""
        ...


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What a signed access token says."""

    user_id: str
    session_id: str
    expires_at: datetime


class AccessTokens(Protocol):
    """Signs and reads the tokens that a signed-in person's requests carry."""

    def issue(self, claims: AccessClaims, now: datetime) -> str:
        """Return a token that says this."""
        ...

    def read(self, token: str, now: datetime) -> AccessClaims:
        """Return what a token of ours says.

        Raises:
            Unauthenticated: `credential_invalid` (not ours, or not intact), `access_token_expired`.
        """
        ...

    async def rotate(self) -> str:
        """Sign with a new key from now on; return its id. What the former one signed stays valid.

        Raises:
            Conflict: `signing_key_in_settings`; the settings say which keys there are.
            Unavailable: `signing_key_unwritable`.
        """
        ...
