"""Makes deploy keys."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)


class Ed25519KeyMaker:
    """The `KeyMaker` for Ed25519, which every Git host takes (RFC 8709)."""

    def new_key_pair(self, comment: str) -> tuple[str, str]:
        """Return a private key (OpenSSH, no passphrase) and its public key as one line."""
        key = Ed25519PrivateKey.generate()
        private = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
        public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
        line = f"{public.decode()} {' '.join(comment.split())}".strip()
        return private.decode(), line
