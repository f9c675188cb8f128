"""Knows the repositories as far as a push concerns them."""

from dataclasses import dataclass, field
from typing import Final

from fastflow.domain.repository import REPOSITORY_NAME
from fastflow.domain.repository_ports import Cipher
from fastflow.store import repositories
from fastflow.store.database import Database

_NO_REPOSITORY: Final = "-"
"""Looked up instead of a name that none can have."""


@dataclass(frozen=True, slots=True)
class PushTarget:
    """A repository that somebody may push to."""

    branch: str | None
    """The one that is synced; None: the default one."""
    secret: str | None = field(repr=False)
    """What pushes are signed with; None: they are refused."""


class PushTargets:
    """Finds them by name."""

    def __init__(self, database: Database, cipher: Cipher) -> None:
        self._database = database
        self._cipher = cipher

    async def find(self, name: str) -> PushTarget | None:
        """Return the repository of that name; the same is done whether there is one or not.

        Raises:
            Unavailable: `encryption_key_wrong`.
        """
        known = name if REPOSITORY_NAME.fullmatch(name) else _NO_REPOSITORY
        row = await self._database.read(lambda session: repositories.named(session, known))
        stored = row.push_secret if row is not None else None
        # Made always, and decrypted where there is no secret: this takes as long. Not kept: its key may go.
        nothing = self._cipher.encrypt("")
        secret = self._cipher.decrypt(stored or nothing)
        return PushTarget(row.branch, secret or None) if row is not None else None
