"""Keeps the keys that a provider signs with, and asks again when it has changed them."""

import asyncio
from datetime import datetime, timedelta
from typing import Any, Final

import jwt
from pydantic import JsonValue

from fastflow.adapters.oauth.discovery import Discovery
from fastflow.adapters.oauth.provider_errors import unusable
from fastflow.adapters.oauth.transport import Transport
from fastflow.domain.ports import Clock

KEPT_FOR: Final = timedelta(hours=1)
ASKED_AGAIN_AFTER: Final = timedelta(minutes=1)
"""A token that names a key that is not known makes us ask again, but no more often than this."""
_MOST_KEYS: Final = 100

Jwk = dict[str, Any]


class SigningKeys:
    """The provider's JSON Web Key Set (RFC 7517)."""

    def __init__(self, provider: str, discovery: Discovery, transport: Transport, clock: Clock) -> None:
        self._provider = provider
        self._discovery = discovery
        self._transport = transport
        self._clock = clock
        self._lock = asyncio.Lock()
        self._kept: list[Jwk] = []
        self._asked_at: datetime | None = None

    async def key(self, key_id: str | None, algorithm: str) -> jwt.PyJWK | None:
        """Return the public key for a token's `kid` and `alg`; None: the provider has none.

        Raises:
            Unavailable: `provider_unusable`.
        """
        async with self._lock:
            if self._age() >= KEPT_FOR:
                await self._ask()
            found = _chosen(self._kept, key_id, algorithm)
            if found is None and self._age() >= ASKED_AGAIN_AFTER:
                await self._ask()
                found = _chosen(self._kept, key_id, algorithm)
            return found

    def _age(self) -> timedelta:
        if self._asked_at is None:
            return KEPT_FOR
        age = self._clock.now() - self._asked_at
        return age if age >= timedelta() else KEPT_FOR  # the clock was set back

    async def _ask(self) -> None:
        url = (await self._discovery.metadata()).jwks_uri
        answer = await self._transport.get(url, is_trusted=self._discovery.is_trusted(url))
        keys = answer.body.get("keys") if isinstance(answer.body, dict) else None
        if answer.status != 200 or not isinstance(keys, list):
            raise unusable(self._provider, f"{url} has no keys in it", "An admin can check OIDC_ISSUER.")
        self._kept = [key for key in keys[:_MOST_KEYS] if isinstance(key, dict)]
        self._asked_at = self._clock.now()


def _chosen(keys: list[Jwk], key_id: str | None, algorithm: str) -> jwt.PyJWK | None:
    """Return the only key that fits; without a `kid` there has to be just one (OpenID Connect Core, 10.1)."""
    fitting = [
        made
        for key in keys
        if (key_id is None or key.get("kid") == key_id) and (made := _made(key, algorithm)) is not None
    ]
    return fitting[0] if len(fitting) == 1 else None


def _made(key: dict[str, JsonValue], algorithm: str) -> jwt.PyJWK | None:
    """Return the key if it is a public one for signing by that algorithm."""
    if key.get("use") not in (None, "sig") or key.get("alg") not in (None, algorithm):
        return None
    if "d" in key:  # a private key: whoever publishes it has lost it
        return None
    try:
        return jwt.PyJWK(key, algorithm)  # of another kind than the algorithm's, it is refused
    except jwt.PyJWTError:
        return None
