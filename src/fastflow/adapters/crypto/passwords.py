"""Hashes passwords by Argon2id, on threads and only a few at once: each takes its memory."""

import asyncio
from collections.abc import Callable
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from fastflow.domain.errors import TooMany

T = TypeVar("T")

MEMORY_KIB: Final = 46 * 1024
PASSES: Final = 1
LANES: Final = 1
"""OWASP's Password Storage Cheat Sheet: m=47104, t=1, p=1. Measured here: 0.1 to 0.3 s."""
_AT_ONCE: Final = 2
_MOST_WAITING: Final = 20
"""About what two threads get through within the time that somebody waits for a page."""


class Argon2Passwords:
    """Fulfils `account_ports.Passwords`."""

    def __init__(self, memory_kib: int = MEMORY_KIB, passes: int = PASSES, lanes: int = LANES) -> None:
        self._hasher = PasswordHasher(passes, memory_kib, lanes)
        self._free = asyncio.Semaphore(_AT_ONCE)
        self._present = 0
        self._nobodys: str | None = None

    async def hash(self, password: str) -> str:
        """Return what is stored of a password; raises as the port says."""
        return await self._apart(lambda: self._hasher.hash(password))

    async def is_right(self, password: str, stored: str | None) -> bool:
        """Whether it is the right one; without a stored one this takes as long and is never so."""
        return await self._apart(lambda: self._fits(password, stored))

    def is_outdated(self, stored: str) -> bool:
        """Whether a hash was made with other parameters than these."""
        return self._hasher.check_needs_rehash(stored)

    def _fits(self, password: str, stored: str | None) -> bool:
        if self._nobodys is None:
            self._nobodys = self._hasher.hash("nobody's")
        try:
            return self._hasher.verify(stored or self._nobodys, password) and bool(stored)
        except (VerificationError, InvalidHashError):
            return False

    async def _apart(self, work: Callable[[], T]) -> T:
        if self._present >= _AT_ONCE + _MOST_WAITING:
            raise TooMany(
                "busy", "Too many sign in at this moment; try again in 5 seconds.", {"retry_after_seconds": 5}
            )
        self._present += 1
        try:
            async with self._free:
                return await asyncio.to_thread(work)
        finally:
            self._present -= 1
