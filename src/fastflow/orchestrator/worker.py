"""Takes attempts from the queue and sees each of them through."""

import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any, Final

import structlog

from fastflow.domain.errors import FastFlowError, Unavailable
from fastflow.domain.events import EventType
from fastflow.domain.outcome import Blame, Conclusion, Ending, Outcome
from fastflow.orchestrator.attempt import Attempt
from fastflow.orchestrator.tools import Tools
from fastflow.services.events import Events
from fastflow.store.attempts import Lease
from fastflow.store.signal import Signal

log = structlog.get_logger()

_LOOK_AGAIN: Final = timedelta(seconds=5)


class Worker:
    """Holds the live attempts of this process."""

    def __init__(self, tools: Tools, events: Events, queue_changed: Signal) -> None:
        self._tools = tools
        self._events = events
        self._queue_changed = queue_changed
        self.claiming = asyncio.Lock()
        """Held while an attempt is claimed in the database but not yet among the live ones."""
        self._heard: int | None = None
        """The sequence of the last event that `listen` has dealt with."""
        self._live: dict[Lease, tuple[Attempt, asyncio.Task[None]]] = {}

    @property
    def live(self) -> set[Lease]:
        """The leases of the attempts that this process works on."""
        return set(self._live)

    def begin(self, attempt: Attempt, work: Coroutine[Any, Any, None]) -> None:
        """Do that work for an attempt beside all others, until it ends by itself or `stop` is called."""
        task = asyncio.create_task(self._guarded(attempt, work))
        self._live[attempt.lease] = (attempt, task)
        task.add_done_callback(lambda _: self._live.pop(attempt.lease))

    async def dispatch(self) -> None:
        """Claim attempts as slots become free, for ever."""
        while True:
            mark = self._queue_changed.mark
            try:
                has_claimed = await self.tick()
                due = None if has_claimed else await self._tools.attempts.next_due()
            except FastFlowError as error:
                log.error("can't look into the queue", reason=error.message)
                has_claimed, due = False, None
            if has_claimed:
                continue
            wait = _LOOK_AGAIN
            if due is not None:
                wait = min(max(due - self._tools.clock.now(), timedelta()), _LOOK_AGAIN) or _LOOK_AGAIN
            await self._queue_changed.wait(mark, wait.total_seconds())

    async def tick(self) -> bool:
        """Claim one attempt and begin with it; False where there is none for us now."""
        async with self.claiming:
            claim = await self._tools.attempts.claim_next()
            if claim is None:
                return False
            attempt = Attempt(self._tools, claim.lease, claim.run)
            self.begin(attempt, attempt.execute())
            return True

    async def listen(self) -> None:
        """Pass cancels on to the attempts that they mean, for ever; begun anew it misses none."""
        if self._heard is None:
            self._heard = self._events.position
        async for batch in self._events.follow(self._heard):
            for event in batch:
                if event.type is EventType.RUN_CANCEL_REQUESTED:
                    self._cancel(event.run_id, str(event.payload.get("cancel_reason")))
                self._heard = event.sequence

    async def renew(self) -> None:
        """Keep the leases of the live attempts, for ever."""
        while True:
            await self._tools.clock.sleep(self._tools.attempts.lease_for / 3)
            leases = list(self._live)
            if not leases:
                continue
            try:
                lost = await self._tools.attempts.renew(leases)
            except Unavailable as error:
                log.error("leases not renewed", reason=error.message)
                continue
            for lease in lost & self.live:
                log.error("lease lost; leaving the attempt to its new holder", run_id=lease.run_id)
                self._live[lease][1].cancel()

    async def join(self) -> None:
        """Block until the attempts that are live now have ended."""
        await asyncio.gather(*(task for _, task in self._live.values()), return_exceptions=True)

    async def stop(self) -> None:
        """Let go of the live attempts; their containers go on for the next server."""
        for _, task in self._live.values():
            task.cancel()
        await self.join()

    def _cancel(self, run_id: str | None, reason: str) -> None:
        for lease, (attempt, _) in self._live.items():
            if lease.run_id == run_id:
                attempt.guard.cancel(reason)

    async def _guarded(self, attempt: Attempt, work: Coroutine[Any, Any, None]) -> None:
        """See the attempt through; what nobody foresaw ends it as our fault, never in silence."""
        try:
            await work
        except Unavailable as error:
            # The database or the disk is away: the attempt stays claimed, the reconciler goes on with it.
            log.error("left to the reconciler", run_id=attempt.run.id, reason=error.message)
        except Exception as error:
            log.exception("unforeseen", run_id=attempt.run.id, attempt=attempt.lease.number)
            reason = attempt.masker.text(f"Fast-Flow failed: {type(error).__name__}: {error}")
            await self._give_up(attempt, Conclusion(Outcome.PLATFORM_ERROR, Blame.PLATFORM, reason))

    async def _give_up(self, attempt: Attempt, conclusion: Conclusion) -> None:
        try:
            await self._tools.attempts.conclude(attempt.lease, conclusion, Ending(None), log_lines=0)
        except FastFlowError as error:
            log.error("left to the reconciler", run_id=attempt.run.id, reason=error.message)
