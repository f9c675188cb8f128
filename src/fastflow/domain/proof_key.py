"""Proof keys (RFC 7636): whoever redeems a code shows that it is they who asked for it."""

import hashlib
from base64 import urlsafe_b64encode


def challenge_of(verifier: str) -> str:
    """Return what is shown beforehand of a secret that is told only in the end: its hash, `S256`."""
    digest = hashlib.sha256(verifier.encode("utf-8", "surrogatepass")).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
