"""Says whether the encryption key fits what is stored."""

from datetime import datetime, timedelta
from typing import Final

from fastflow.domain.ports import Clock, Readiness
from fastflow.services.rotation import KeyRotation

_LOOK_AGAIN_AFTER: Final = timedelta(seconds=30)


class KeyCheck:
    """Tries the key on what is stored, not more often than it is worth."""

    def __init__(self, rotation: KeyRotation, clock: Clock) -> None:
        self._rotation = rotation
        self._clock = clock
        self._looked: tuple[datetime, Readiness] | None = None

    async def readiness(self) -> Readiness:
        """Say so; a wrong key stops only those runs and syncs that need what it does not open."""
        now = self._clock.now()
        if self._looked is None or now - self._looked[0] > _LOOK_AGAIN_AFTER:
            self._looked = now, _readiness(await self._rotation.unreadable())
        return self._looked[1]


def _readiness(unreadable: list[str]) -> Readiness:
    if not unreadable:
        return Readiness(True, "The key opens what is stored.")
    return Readiness(
        False,
        f"The encryption key does not open {unreadable[0]}: it was encrypted with another one. Nothing that "
        "needs it is started. Put the former key back (DATA_DIR/keys/encryption, or ENCRYPTION_KEY, which "
        "takes several), or store the value again.",
    )
