"""Keys that a stand-in for an OpenID Connect provider signs with, and tokens as forgers make them."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm


@cache
def rsa_key(number: int) -> rsa.RSAPrivateKey:
    """Return a key pair; made once for each number, for making one takes a while."""
    del number
    return rsa.generate_private_key(65537, 2048)


class SigningKey:
    """One key of the provider."""

    def __init__(self, number: int) -> None:
        self.id = f"key-{number}"
        """Empty: its tokens name no key."""
        self.private = rsa_key(number)

    @property
    def public_jwk(self) -> dict[str, Any]:
        """The public half as it is published (RFC 7517)."""
        jwk = RSAAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        return {**jwk, "kid": self.id, "use": "sig", "alg": "RS256"}

    @property
    def public_pem(self) -> bytes:
        """The public half as a text that everybody can have."""
        return self.private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def sign(self, claims: Mapping[str, object]) -> str:
        """Return a token."""
        headers = {"kid": self.id} if self.id else None
        return jwt.encode(dict(claims), self.private, algorithm="RS256", headers=headers)


def unsigned(claims: Mapping[str, object], key_id: str) -> str:
    """Return a token that says it needs no signature."""
    return f"{_part({'alg': 'none', 'typ': 'JWT', 'kid': key_id})}.{_part(claims)}."


def signed_by_public_key(claims: Mapping[str, object], key: SigningKey) -> str:
    """Return a token whose shared secret is the public key: whoever lets the token choose takes it."""
    text = f"{_part({'alg': 'HS256', 'typ': 'JWT', 'kid': key.id})}.{_part(claims)}"
    return f"{text}.{_encoded(hmac.digest(key.public_pem, text.encode(), hashlib.sha256))}"


def half_hash(access_token: str) -> str:
    """Return `at_hash` for RS256 (OpenID Connect Core 1.0, 3.1.3.6)."""
    return _encoded(hashlib.sha256(access_token.encode()).digest()[:16])


def _part(content: Mapping[str, object]) -> str:
    return _encoded(json.dumps(content).encode())


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
