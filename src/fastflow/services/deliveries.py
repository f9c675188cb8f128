"""Logs what other systems sent to start a run or a sync, and what became of it."""

from collections import deque
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlmodel import Session

from fastflow.domain.delivery import DeliveryKind, DeliveryStatus
from fastflow.domain.ports import Clock
from fastflow.domain.rate_limit import RateLimit
from fastflow.store import deliveries, webhook_keys
from fastflow.store.database import Database
from fastflow.store.ids import new_id
from fastflow.store.signal import Signal
from fastflow.store.tables import DeliveryRow

KEPT_FOR: Final = timedelta(days=30)
KEPT_PER_TARGET: Final = 10_000
_NOTED_PER_MINUTE: Final = 30
"""How many a target's log takes of those that anybody can send: a flood must not fill the database."""
_NOTED_AT_ONCE: Final = 500
_FLUSH_EVERY: Final = timedelta(seconds=1)


class Deliveries:
    """The log of deliveries, by pipeline and by repository.

    What was dealt with is written at once. What was refused is noted in memory, within bounds, and written
    a moment later: so it takes the sender as long as where nothing is noted, and a server that is killed
    loses at most the last second of it.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._noted: deque[DeliveryRow] = deque(maxlen=_NOTED_AT_ONCE)
        self._limit = RateLimit(_NOTED_PER_MINUTE)
        self._has_noted = Signal()

    def new(
        self,
        kind: DeliveryKind,
        target: str,
        *,
        remote: str | None,
        sender: str | None = None,
        event: str | None = None,
        external_id: str | None = None,
        body_bytes: int = 0,
    ) -> DeliveryRow:
        """Return the record of one that arrives now; nothing is stored yet."""
        return DeliveryRow(
            id=new_id(),
            kind=kind,
            target=target,
            at=self._clock.now(),
            remote=remote[:64] if remote else None,
            sender=sender[:64] if sender else None,
            event=event[:64] if event else None,
            external_id=external_id[:255] if external_id else None,
            status=DeliveryStatus.ACCEPTED,
            body_bytes=body_bytes,
        )

    async def record(self, row: DeliveryRow, key_id: str | None = None) -> None:
        """Store what became of it, and that the key was used."""

        def work(session: Session) -> None:
            deliveries.add(session, row)
            if key_id is not None:
                webhook_keys.note_use(session, key_id, row.at)

        await self._database.write(work)

    def note(self, row: DeliveryRow, status: DeliveryStatus, code: str, message: str) -> None:
        """Have it stored in a moment, unless there are too many of them."""
        row.status, row.code, row.message = status, code, message
        if self._limit.hit(f"{row.kind.value}:{row.target}", self._clock.now()) is None:
            self._noted.append(row)
            self._has_noted.set()

    async def flush(self) -> None:
        """Store what was noted."""
        rows = list(self._noted)
        self._noted.clear()
        if rows:
            await self._database.write(lambda session: [deliveries.add(session, row) for row in rows])

    async def run(self) -> None:
        """Store what is noted soon after, for ever."""
        mark = 0
        while True:
            await self._has_noted.wait(mark)
            await self._clock.sleep(_FLUSH_EVERY)
            mark = self._has_noted.mark
            await self.flush()

    async def page(
        self, kind: DeliveryKind, target: str, limit: int, cursor: str | None
    ) -> tuple[Sequence[DeliveryRow], str | None]:
        """Return a target's deliveries, newest first, and where the next page begins."""
        await self.flush()
        rows = await self._database.read(
            lambda session: deliveries.page(session, kind, target, limit + 1, cursor)
        )
        return rows[:limit], rows[limit - 1].id if len(rows) > limit else None

    async def trim(self) -> int:
        """Delete what is older than `KEPT_FOR` or beyond `KEPT_PER_TARGET`; return how many."""
        before = self._clock.now() - KEPT_FOR

        def work(session: Session) -> int:
            webhook_keys.remove_expired(session, before)
            return deliveries.trim(session, before, KEPT_PER_TARGET)

        return await self._database.write(work)
