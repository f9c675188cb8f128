"""Encrypts and decrypts streams by age (https://age-encryption.org), which the tool `age` reads as well.

A backup is made for recipients, whose public keys the server may know: what could open it again is never on
the machine that is backed up. All functions block.
"""

import os
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import IO, Final

import pyrage

from fastflow.domain.errors import Invalid

_CHUNK_BYTES: Final = 1024**2
_SSH: Final = ("ssh-ed25519 ", "ssh-rsa ")


def make_key() -> tuple[str, str]:
    """Return a new secret key and the recipient that belongs to it."""
    identity = pyrage.x25519.Identity.generate()
    return str(identity), str(identity.to_public())


@contextmanager
def sealed(into: IO[bytes], recipients: Sequence[str]) -> Generator[IO[bytes]]:
    """Give a stream; what is written to it is encrypted into the file, whole when the block has ended.

    Raises:
        Invalid: `recipient_invalid`.
    """
    keys = [_recipient(text) for text in recipients]
    with _piped(lambda source: pyrage.encrypt_io(source, into, keys)) as stream:
        yield stream


@contextmanager
def opened(source: IO[bytes], key: str) -> Generator[IO[bytes]]:
    """Give a stream of what is in the encrypted file. What was altered ends it with an error.

    Raises:
        Invalid: `backup_key_invalid`, `backup_not_readable`; the second also while it is read.
    """
    identities = [_identity(line.strip()) for line in key.splitlines() if _is_key(line)]
    if not identities:
        raise Invalid("backup_key_invalid", "The key file has no line that begins with AGE-SECRET-KEY-.")
    read_end, write_end = os.pipe()
    with ThreadPoolExecutor(1) as thread, open(read_end, "rb") as stream:

        def decrypt() -> None:
            with open(write_end, "wb") as target:
                pyrage.decrypt_io(source, target, identities)

        working = thread.submit(decrypt)
        try:
            yield stream
        finally:
            # To its end, where age says whether it is whole: that explains whatever went wrong above.
            while stream.read(_CHUNK_BYTES):
                pass
            _refuse(working.exception())


@contextmanager
def _piped(work: Callable[[IO[bytes]], object]) -> Generator[IO[bytes]]:
    read_end, write_end = os.pipe()
    with ThreadPoolExecutor(1) as thread:

        def consume() -> None:
            with open(read_end, "rb") as source:
                work(source)

        working = thread.submit(consume)
        try:
            with open(write_end, "wb") as stream:
                yield stream
        finally:
            error = working.exception()
        if error is not None:
            raise error


def _refuse(error: BaseException | None) -> None:
    if error is None:
        return
    if isinstance(error, pyrage.DecryptError | OSError):  # the latter where it was cut off
        raise Invalid(
            "backup_not_readable",
            f"The backup can't be read: {error}. It was made for another key, or it is damaged or cut off.",
        ) from error
    raise error


def _is_key(line: str) -> bool:
    return bool(line.strip()) and not line.startswith("#")


def _recipient(text: str) -> "pyrage.x25519.Recipient | pyrage.ssh.Recipient":
    try:
        if text.startswith(_SSH):
            return pyrage.ssh.Recipient.from_str(text)
        return pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError as error:
        raise Invalid(
            "recipient_invalid",
            f"{text[:80]!r} is no recipient of a backup: `fastflow backup key` prints one, age1 and so on.",
            {"recipient": text[:80]},
        ) from error


def _identity(text: str) -> "pyrage.x25519.Identity":
    try:
        return pyrage.x25519.Identity.from_str(text)
    except pyrage.IdentityError as error:
        raise Invalid(
            "backup_key_invalid", "The key file has a line that is no key; it begins with AGE-SECRET-KEY-."
        ) from error
