"""Signs and reads access tokens: JSON Web Tokens under one of several keys."""

import asyncio
import hashlib
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Self

import jwt

from fastflow.adapters.crypto.key_file import read_keys, write_keys
from fastflow.domain.account_ports import AccessClaims
from fastflow.domain.errors import Conflict, Invalid, Unauthenticated

_ALGORITHM: Final = "HS256"
_REMEDY: Final = (
    "Delete the file, and the next start makes a new one (everybody has to sign in again), or set "
    "JWT_SECRET_KEY."
)
_AUDIENCE: Final = "fastflow-api"
_SHORTEST_KEY_BYTES: Final = 32
"""RFC 7518, 3.2: as long as the hash; PyJWT would take five."""
_LONGEST_TOKEN: Final = 4096
_OPTIONS: Final[Any] = {
    "require": ["exp", "iat", "iss", "aud", "sub", "sid"],
    # Compared below with the server's own clock.
    "verify_exp": False,
    "verify_iat": False,
}


class JwtAccessTokens:
    """Fulfils `account_ports.AccessTokens`: the first key signs, and every one is known by its id."""

    def __init__(self, keys: Sequence[str], installation: str, key_file: Path | None = None) -> None:
        """Take the keys; `key_file` is where a new one is written, None: they come from the settings.

        Raises:
            Invalid: `signing_key_short`; the key itself is not repeated.
        """
        self._issuer = f"fastflow:{installation}"
        self._file = key_file
        self._keys: dict[str, bytes] = {}
        self._use(keys)

    @classmethod
    def open(cls, setting: str, key_file: Path, installation: str) -> Self:
        """Take the keys of JWT_SECRET_KEY (several are separated by commas), or the installation's own.

        Raises:
            Invalid: `signing_key_short`.
            Unavailable: `signing_key_unreadable`; the file can't be read.
        """
        keys = [key.strip() for key in setting.split(",") if key.strip()]
        if keys:
            return cls(keys, installation)
        return cls(read_keys(key_file, "signing", _REMEDY), installation, key_file)

    def issue(self, claims: AccessClaims, now: datetime) -> str:
        """Return a token that says this, signed by the first key."""
        kid, key = next(iter(self._keys.items()))
        told = {
            "sub": claims.user_id,
            "sid": claims.session_id,
            "iat": int(now.timestamp()),
            "exp": int(claims.expires_at.timestamp()),
            "iss": self._issuer,
            "aud": _AUDIENCE,
        }
        return jwt.encode(told, key, algorithm=_ALGORITHM, headers={"kid": kid})

    def read(self, token: str, now: datetime) -> AccessClaims:
        """Return what a token of ours says; raises as the port says."""
        claims = self._verified(token)
        expires, subject, session = claims["exp"], claims["sub"], claims["sid"]
        if not (isinstance(expires, int) and isinstance(subject, str) and isinstance(session, str)):
            raise _invalid()
        if expires <= now.timestamp():
            raise Unauthenticated(
                "access_token_expired", "The access token has expired; get a new one by /api/auth/refresh."
            )
        return AccessClaims(subject, session, datetime.fromtimestamp(expires, UTC))

    async def rotate(self) -> str:
        """Put a new key in front and keep the one before it; raises as the port says."""
        if self._file is None:
            raise Conflict(
                "signing_key_in_settings",
                "The signing keys are in JWT_SECRET_KEY: put a new one in front there, separated by a comma, "
                "start the server again, and take the old one out ten minutes later.",
            )
        keys = [secrets.token_urlsafe(64), next(iter(self._keys.values())).decode()]
        await asyncio.to_thread(write_keys, self._file, "signing", keys)
        self._use(keys)
        return next(iter(self._keys))

    def _use(self, keys: Sequence[str]) -> None:
        for number, key in enumerate(keys, 1):
            if len(key.encode()) < _SHORTEST_KEY_BYTES:
                problem = f"key {number} has less than {_SHORTEST_KEY_BYTES} bytes"
                raise Invalid(
                    "signing_key_short",
                    f"JWT_SECRET_KEY can't be used: {problem}. Make one with: python -c 'import secrets; "
                    "print(secrets.token_urlsafe(64))'",
                    {"jwt_secret_key": problem},
                )
        self._keys = {_id_of(key): key.encode() for key in keys}

    def _verified(self, token: str) -> dict[str, Any]:
        try:
            if len(token) > _LONGEST_TOKEN:
                raise _invalid()
            key = self._keys.get(str(jwt.get_unverified_header(token).get("kid")))
            if key is None:
                raise _invalid()
            return jwt.decode(
                token,
                key,
                algorithms=[_ALGORITHM],  # never what the token itself says
                audience=_AUDIENCE,
                issuer=self._issuer,
                options=_OPTIONS,
            )
        except (jwt.PyJWTError, ValueError, TypeError):
            raise _invalid() from None


def _id_of(key: str) -> str:
    """Return what a key is known by; it tells nothing of the key."""
    return hashlib.sha256(b"fastflow kid:" + key.encode()).hexdigest()[:16]


def _invalid() -> Unauthenticated:
    return Unauthenticated("credential_invalid", "The credential is not valid here. Sign in again.")
