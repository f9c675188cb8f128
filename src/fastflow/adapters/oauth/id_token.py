"""Decides whether an ID token can be trusted (OpenID Connect Core 1.0, 3.1.3.7)."""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import jwt

from fastflow.adapters.oauth.signing_keys import SigningKeys

_HASHES: Final = {
    "RS256": "sha256",
    "RS384": "sha384",
    "RS512": "sha512",
    "PS256": "sha256",
    "PS384": "sha384",
    "PS512": "sha512",
    "ES256": "sha256",
    "ES384": "sha384",
    "ES512": "sha512",
    "EdDSA": "sha512",
}
"""The algorithms that are taken, none of which has a shared secret, and the hash of each."""
_CLOCKS_DIFFER_BY: Final = timedelta(minutes=1)
_LARGEST_TOKEN: Final = 64 * 1024

Claims = Mapping[str, Any]


class Untrustworthy(Exception):
    """The token can't be trusted; says why, in words that hold nothing of the token."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What the token has to say."""

    issuer: str
    client_id: str
    nonce: str
    access_token: str
    algorithms: tuple[str, ...] | None
    """Those that the provider says it uses; None: it does not say."""


async def verified_claims(token: str, expected: Expected, keys: SigningKeys) -> Claims:
    """Return what the token says.

    Raises:
        Untrustworthy: it is forged, for somebody else, of another sign-in, or too old.
        Unavailable: `provider_unusable`; its keys can't be had.
    """
    if len(token) > _LARGEST_TOKEN:
        raise Untrustworthy("its ID token is too long")
    try:
        header: dict[str, Any] = jwt.get_unverified_header(token)
    except jwt.PyJWTError:
        raise Untrustworthy("its ID token is no JSON Web Token") from None
    algorithm = header.get("alg")
    is_advertised = expected.algorithms is None or algorithm in expected.algorithms
    if not isinstance(algorithm, str) or algorithm not in _HASHES or not is_advertised:
        raise Untrustworthy("its ID token is signed by an algorithm that is not taken")
    key = await keys.key(header.get("kid"), algorithm)
    if key is None:
        raise Untrustworthy("its ID token is signed by a key that it does not publish")
    claims = _decoded(token, key, algorithm, expected)
    _check_nonce(claims, expected.nonce)
    _check_party(claims, expected.client_id)
    _check_access_token(claims, expected.access_token, algorithm)
    return claims


def _decoded(token: str, key: jwt.PyJWK, algorithm: str, expected: Expected) -> Claims:
    try:
        return jwt.decode(
            token,
            key,
            algorithms=[algorithm],
            audience=expected.client_id,
            issuer=expected.issuer,
            leeway=_CLOCKS_DIFFER_BY,
            options={
                "require": ["iss", "sub", "aud", "exp", "iat"],
                "enforce_minimum_key_length": True,
            },
        )
    except jwt.InvalidSignatureError:
        raise Untrustworthy("its ID token has another signature") from None
    except jwt.ExpiredSignatureError:
        raise Untrustworthy("its ID token has expired; compare the clocks") from None
    except jwt.ImmatureSignatureError:
        raise Untrustworthy("its ID token is of the future; compare the clocks") from None
    except jwt.InvalidAudienceError:
        raise Untrustworthy("its ID token is for another application") from None
    except jwt.InvalidIssuerError:
        raise Untrustworthy("its ID token is of another issuer") from None
    except jwt.MissingRequiredClaimError as error:
        raise Untrustworthy(f"its ID token lacks {error.claim}") from None
    except jwt.PyJWTError as error:
        raise Untrustworthy(f"its ID token is invalid ({type(error).__name__})") from None


def _check_nonce(claims: Claims, nonce: str) -> None:
    said = claims.get("nonce")
    if not isinstance(said, str) or not hmac.compare_digest(said.encode(), nonce.encode()):
        raise Untrustworthy("its ID token is of another sign-in")


def _check_party(claims: Claims, client_id: str) -> None:
    """3.1.3.7, 3 to 5: of several audiences the one that it was issued to has to be named, and to be us."""
    audience: object = claims["aud"]
    party = claims.get("azp")
    if party is None and isinstance(audience, list) and audience != [client_id]:
        raise Untrustworthy("its ID token is for several applications and does not say for which first")
    if party is not None and party != client_id:
        raise Untrustworthy("its ID token was issued to another application")


def _check_access_token(claims: Claims, access_token: str, algorithm: str) -> None:
    """3.1.3.6: the left half of the access token's hash, where it is given."""
    said = claims.get("at_hash")
    if said is None:
        return
    digest = hashlib.new(_HASHES[algorithm], access_token.encode()).digest()
    due = urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=")
    if not isinstance(said, str) or not hmac.compare_digest(said.encode(), due):
        raise Untrustworthy("its access token is not the one that its ID token speaks of")
