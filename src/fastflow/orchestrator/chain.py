"""Listens for runs that end and has started what follows them; a crash anywhere loses and doubles nothing."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog

from fastflow.domain.errors import Unavailable
from fastflow.domain.events import Event, EventType
from fastflow.domain.ports import Clock
from fastflow.services.chaining import Chaining
from fastflow.services.events import Events
from fastflow.services.run_requests import RunRequest

log = structlog.get_logger()

AGAIN_AFTER: Final = timedelta(seconds=2)
"""Until what could not be started is tried again."""
_MOST_SURPRISES: Final = 3
"""How many errors that nobody foresaw one run may cause before the chain goes on without what is missing."""
_STORED_EVERY: Final = 200
"""Events without a start after which the position is stored: to see them again costs nothing else."""


@dataclass(slots=True)
class _Ended:
    """A run that has ended, of which the followers are not all started yet."""

    run_id: str
    is_to_be_tried_again: bool = False
    surprises: int = 0


class Chain:
    """A durable listener: it goes on where the last one, in whatever process, has stored its position.

    What follows a run is started before the position moves beyond the run's end. So a crash in between
    repeats the starts, which have no second effect: each carries its own idempotency key.
    """

    def __init__(self, chaining: Chaining, events: Events, clock: Clock) -> None:
        self._chaining = chaining
        self._events = events
        self._clock = clock
        self._waiting: dict[int, _Ended] = {}
        """Those to be tried again, by the sequence of their event; the position stays before them."""
        self._heard = 0
        """The last event that was looked at."""
        self._stored = 0
        """The position as it is in the database."""
        self._try_again_at = clock.now()

    async def run(self) -> None:
        """Listen for ever."""
        while True:
            try:
                await self._listen()
            except Unavailable as error:
                log.error("can't listen to runs that end", reason=error.message)
            await self._clock.sleep(AGAIN_AFTER)

    async def _listen(self) -> None:
        position = await self.begin()
        async for batch in self._events.follow(position, quiet_seconds=AGAIN_AFTER.total_seconds()):
            await self.tick(batch)

    async def begin(self) -> int:
        """Go back to the stored position and return it.

        Raises:
            Unavailable: it can't be read.
        """
        self._waiting.clear()
        self._heard = self._stored = await self._chaining.position()
        return self._heard

    async def tick(self, batch: Sequence[Event]) -> None:
        """Deal with the next events, and with those whose time has come to be tried again."""
        due: dict[int, _Ended] = {}
        if self._waiting and self._clock.now() >= self._try_again_at:
            due, self._waiting = self._waiting, {}
        for event in batch:
            self._heard = event.sequence
            if event.type is EventType.RUN_FINISHED and event.run_id is not None:
                due[event.sequence] = _Ended(event.run_id)
        has_started = False
        for sequence, ended in due.items():
            has_started |= await self._start_what_follows(ended)
            if ended.is_to_be_tried_again and ended.surprises < _MOST_SURPRISES:
                self._waiting[sequence] = ended
                self._try_again_at = self._clock.now() + AGAIN_AFTER
        await self._store_position(has_started=has_started)

    async def _start_what_follows(self, ended: _Ended) -> bool:
        """Start all that follows; whether there was anything. One that can't be does not stop the others."""
        ended.is_to_be_tried_again = False
        requests: list[RunRequest] = []
        with _noting(ended):
            requests = await self._chaining.what_follows(ended.run_id)
        for request in requests:
            with _noting(ended):
                await self._chaining.start(request)
        return bool(requests)

    async def _store_position(self, *, has_started: bool) -> None:
        position = min(self._waiting, default=self._heard + 1) - 1
        if position <= self._stored or not (has_started or position - self._stored >= _STORED_EVERY):
            return
        try:
            await self._chaining.advance(position)
        except Unavailable as error:
            log.warning("position not stored yet", reason=error.message)
        else:
            self._stored = position


@contextmanager
def _noting(ended: _Ended) -> Generator[None]:
    """Note that the block has failed, whatever the reason, and go on behind it."""
    try:
        yield
    except Unavailable as error:
        ended.is_to_be_tried_again = True
        log.warning("can't start what follows yet", run_id=ended.run_id, reason=error.message)
    except Exception:
        ended.is_to_be_tried_again = True
        ended.surprises += 1
        log.exception("can't start what follows", run_id=ended.run_id, times=ended.surprises)
