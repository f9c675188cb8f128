"""Remembers when API tokens were used last, to the minute, without a write for each request."""

from datetime import datetime, timedelta
from typing import Final

from fastflow.domain.ports import Clock
from fastflow.store import api_tokens
from fastflow.store.database import Database
from fastflow.store.signal import Signal

_FLUSH_EVERY: Final = timedelta(seconds=2)


class TokenUses:
    """Uses are noted in memory and written a moment later; a server that is killed loses the last of them."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._last: dict[str, datetime] = {}
        self._unwritten: dict[str, datetime] = {}
        self._has_noted = Signal()

    def note(self, token_id: str) -> None:
        """Note that a token is used now."""
        minute = self._clock.now().replace(second=0, microsecond=0)
        if self._last.get(token_id) != minute:
            self._last[token_id] = self._unwritten[token_id] = minute
            self._has_noted.set()

    async def flush(self) -> None:
        """Write what was noted."""
        noted, self._unwritten = self._unwritten, {}
        if noted:
            await self._database.write(lambda session: api_tokens.note_uses(session, noted))

    async def run(self) -> None:
        """Write what is noted soon after, for ever."""
        mark = 0
        while True:
            await self._has_noted.wait(mark)
            await self._clock.sleep(_FLUSH_EVERY)
            mark = self._has_noted.mark
            await self.flush()
