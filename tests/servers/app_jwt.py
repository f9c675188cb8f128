"""Signs and checks the tokens by which a GitHub App says who it is, without the library under test.

The rules: docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/
generating-a-json-web-token-jwt-for-a-github-app; the messages are those that users report.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

LONGEST_LIFE: Final = timedelta(minutes=10)

NOT_DECODED: Final = "A JSON web token could not be decoded"
EXPIRED: Final = (
    "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the "
    "assertion expires"
)
TOO_FAR: Final = "'Expiration time' claim ('exp') is too far in the future"
NOT_ISSUED: Final = (
    "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued"
)


class AppKey:
    """The pair of keys of an app; GitHub keeps the public one."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.public = self._key.public_key()
        self.pem = self._key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        ).decode()
        """The private key as GitHub lets one download it (`BEGIN RSA PRIVATE KEY`)."""

    def sign(self, claims: Mapping[str, object], algorithm: str = "RS256") -> str:
        """Return a token with those claims; another algorithm is only claimed."""
        header = {"alg": algorithm, "typ": "JWT"}
        signed = f"{_encode(json.dumps(header).encode())}.{_encode(json.dumps(claims).encode())}"
        return f"{signed}.{_encode(self._key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


def issuer_of(token: str) -> str | None:
    """Return who the token claims to be from, unchecked; None if it can't be read."""
    claims = _part(token, 1)
    return None if claims is None or "iss" not in claims else str(claims["iss"])


def refusal(token: str, key: rsa.RSAPublicKey, now: datetime) -> str | None:
    """Say why GitHub refuses a token with 401; None if it doesn't."""
    header, claims = _part(token, 0), _part(token, 1)
    if header is None or claims is None or header.get("alg") != "RS256" or not _is_signed_by(token, key):
        return NOT_DECODED
    expires, issued = claims.get("exp"), claims.get("iat")
    if not isinstance(expires, int) or expires <= now.timestamp():
        return EXPIRED
    if expires > (now + LONGEST_LIFE).timestamp():
        return TOO_FAR
    if not isinstance(issued, int) or issued > now.timestamp():
        return NOT_ISSUED
    return None


def _is_signed_by(token: str, key: rsa.RSAPublicKey) -> bool:
    signed, _, signature = token.rpartition(".")
    try:
        key.verify(_decode(signature), signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def _part(token: str, number: int) -> dict[str, Any] | None:
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        part: object = json.loads(_decode(parts[number]))
    except (binascii.Error, ValueError):
        return None
    return part if isinstance(part, dict) else None  # pyright: ignore[reportUnknownVariableType]


def _encode(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
