"""Gives out secrets that are good once and for a while."""

import secrets
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar

from fastflow.domain.ports import Clock
from fastflow.domain.signatures import digest_of

T = TypeVar("T")

MOST: Final = 1_000
"""Only people who were recognised get one; who gets many pushes the oldest out."""


class OneTimeSecrets(Generic[T]):
    """Remembers what each secret stands for, and of the secret only its digest.

    In memory: a restart makes people begin again, as it does with sign-ins that are under way.
    """

    def __init__(self, clock: Clock, life: timedelta) -> None:
        self._clock = clock
        self._life = life
        self._meanings: OrderedDict[str, tuple[datetime, T]] = OrderedDict()

    def give(self, meaning: T) -> str:
        """Return a new secret that stands for this."""
        secret = secrets.token_urlsafe(32)
        self._meanings[digest_of(secret)] = self._clock.now() + self._life, meaning
        if len(self._meanings) > MOST:
            self._meanings.popitem(last=False)
        return secret

    def take(self, secret: str) -> T | None:
        """Return what a secret stands for, which is used up now; None: it was, or is too old, or made up."""
        expires_at, meaning = self._meanings.pop(digest_of(secret), (None, None))
        if expires_at is None:
            return None
        # A clock that was set back makes nothing last longer.
        return meaning if timedelta() < expires_at - self._clock.now() <= self._life else None
