"""Hands out tickets for downloads by a plain link, which brings no header with a credential."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from fastflow.domain.errors import NotFound
from fastflow.domain.ports import Clock
from fastflow.services.credentials import Credentials
from fastflow.services.one_time_secrets import OneTimeSecrets

HOLDS_FOR: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a ticket is for."""

    run_id: str
    credential_key: str | None
    """Of the credential that it was got with: it holds no longer than that."""


class DownloadTickets:
    """Each opens one log once."""

    def __init__(self, credentials: Credentials, clock: Clock) -> None:
        self._credentials = credentials
        self._clock = clock
        self._tickets = OneTimeSecrets[Ticket](clock, HOLDS_FOR)

    async def issue(self, run_id: str, authorization: str | None) -> tuple[str, datetime]:
        """Return a new ticket for the log of a run, and until when it holds.

        The caller has found that whoever sent this `Authorization` header may read the log.

        Raises:
            Unauthenticated: as `Credentials.admit`.
        """
        key = (await self._credentials.admit(authorization, None)).key
        return self._tickets.give(Ticket(run_id, key)), self._clock.now() + HOLDS_FOR

    async def take(self, ticket: str) -> Ticket:
        """Return what a ticket is for; nobody will again.

        Raises:
            NotFound: `ticket_not_found`; it was used, has expired, is none of ours, or whoever got it was
                signed out.
        """
        found = self._tickets.take(ticket)
        if found is None or not await self._credentials.holds(found.credential_key):
            raise NotFound(
                "ticket_not_found", "This link worked once, for a minute. Get another one where you found it."
            )
        return found
