"""Encrypts by Fernet: AES in CBC mode with an HMAC, under one of several keys."""

from collections.abc import Sequence
from pathlib import Path
from typing import Self

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from fastflow.domain.errors import Invalid, Unavailable


class FernetCipher:
    """Fulfils `repository_ports.Cipher`: the first key encrypts, every one is tried for decrypting."""

    def __init__(self, keys: Sequence[str]) -> None:
        """Take the keys; each is 32 bytes in URL-safe base64.

        Raises:
            Invalid: `encryption_key_malformed`; the key itself is not repeated.
        """
        if not keys:
            raise _malformed("there is none")
        self._fernet = MultiFernet([_fernet(number, key) for number, key in enumerate(keys, 1)])

    @classmethod
    def open(cls, setting: str, key_file: Path) -> Self:
        """Take the keys of ENCRYPTION_KEY (several are separated by commas), or else the installation's own.

        Raises:
            Invalid: `encryption_key_malformed`.
            Unavailable: `encryption_key_unreadable`; the file can't be read.
        """
        keys = [key.strip() for key in setting.split(",") if key.strip()]
        if setting.strip():
            return cls(keys)
        try:
            return cls([key_file.read_text().strip()])
        except (OSError, UnicodeDecodeError) as error:
            raise Unavailable(
                "encryption_key_unreadable",
                f"The encryption key in {key_file} can't be read: {error}. Restore it from a backup, or set "
                "ENCRYPTION_KEY.",
            ) from error

    @classmethod
    def fresh(cls) -> Self:
        """Take a key that nobody else has and that is gone with the process."""
        return cls([Fernet.generate_key().decode()])

    def encrypt(self, plain: str) -> str:
        """Return the ciphertext; the same text gives another one each time."""
        return self._fernet.encrypt(plain.encode()).decode()

    def decrypt(self, ciphertext: str) -> str:
        """Return the plain text.

        Raises:
            Unavailable: `encryption_key_wrong`; none of the keys fits.
        """
        try:
            return self._fernet.decrypt(ciphertext.encode()).decode()
        except InvalidToken:
            raise Unavailable(
                "encryption_key_wrong",
                "What is stored was encrypted with another key. Put the former key back (ENCRYPTION_KEY "
                "takes several, separated by commas; the first encrypts), or enter the credential anew.",
            ) from None


def _fernet(number: int, key: str) -> Fernet:
    try:
        return Fernet(key)
    except ValueError:
        raise _malformed(f"key {number} is not 32 bytes in URL-safe base64") from None


def _malformed(problem: str) -> Invalid:
    return Invalid(
        "encryption_key_malformed",
        f"ENCRYPTION_KEY can't be used: {problem}. Make one with: python -c 'from cryptography.fernet "
        "import Fernet; print(Fernet.generate_key().decode())'",
        {"encryption_key": problem},
    )
