"""Encrypts by Fernet: AES in CBC mode with an HMAC, under one of several keys."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Self

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from fastflow.adapters.crypto.key_file import read_keys, write_keys
from fastflow.domain.errors import Invalid, Unavailable

_REMEDY: Final = "Restore the file from a backup, or set ENCRYPTION_KEY."


class FernetCipher:
    """Fulfils `repository_ports.Cipher`: the first key encrypts, every one is tried for decrypting."""

    def __init__(self, keys: Sequence[str], key_file: Path | None = None) -> None:
        """Take the keys, each 32 bytes in URL-safe base64. `key_file`: where they lie, if we may change it.

        Raises:
            Invalid: `encryption_key_malformed`; the key itself is not repeated.
        """
        self._key_file = key_file
        self._take(keys)

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
        return cls(read_keys(key_file, "encryption", _REMEDY), key_file)

    @property
    def former_keys(self) -> int:
        """How many keys there are beside the newest."""
        return len(self._keys) - 1

    @property
    def has_own_file(self) -> bool:
        """Whether the keys lie in the installation's file, not in the settings."""
        return self._key_file is not None

    @classmethod
    def fresh(cls) -> Self:
        """Take a key that nobody else has and that is gone with the process."""
        return cls([Fernet.generate_key().decode()])

    def encrypt(self, plain: str) -> str:
        """Return the ciphertext; the same text gives another one each time."""
        return self._every.encrypt(plain.encode()).decode()

    def decrypt(self, ciphertext: str) -> str:
        """Return the plain text.

        Raises:
            Unavailable: `encryption_key_wrong`; none of the keys fits.
        """
        try:
            return self._every.decrypt(ciphertext.encode()).decode()
        except InvalidToken:
            raise Unavailable(
                "encryption_key_wrong",
                "What is stored was encrypted with another key. Put the former key back (ENCRYPTION_KEY "
                "takes several, separated by commas; the first encrypts), or enter the credential anew.",
            ) from None

    def renewed(self, ciphertext: str) -> str | None:
        """Return it encrypted with the newest key; None where it is already. Raises: as `decrypt`."""
        try:
            self._newest.decrypt(ciphertext.encode())
        except InvalidToken:
            return self.encrypt(self.decrypt(ciphertext))
        return None

    def add_key(self) -> None:
        """Make a new key, written down before anything is encrypted with it.

        Raises:
            Unavailable: `encryption_key_unwritable`; nothing has changed.
        """
        self._write([Fernet.generate_key().decode(), *self._keys])

    def drop_former_keys(self) -> None:
        """Keep the newest key alone. Raises: as `add_key`."""
        self._write(self._keys[:1])

    def _write(self, keys: Sequence[str]) -> None:
        if self._key_file is None:
            raise Unavailable(
                "encryption_key_unwritable", "The keys are those of ENCRYPTION_KEY; change them there."
            )
        write_keys(self._key_file, "encryption", keys)
        self._take(keys)

    def _take(self, keys: Sequence[str]) -> None:
        if not keys:
            raise _malformed("there is none")
        fernets = [_fernet(number, key) for number, key in enumerate(keys, 1)]
        self._keys = tuple(keys)
        self._newest, self._every = fernets[0], MultiFernet(fernets)


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
