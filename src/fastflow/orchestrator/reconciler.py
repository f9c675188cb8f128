"""Makes the database and the executor agree again after a crash, and keeps them so."""

from datetime import timedelta
from typing import Final

import structlog

from fastflow.domain.errors import FastFlowError
from fastflow.domain.execution import Found
from fastflow.domain.outcome import Blame, Conclusion, Ending, Outcome
from fastflow.domain.run import AttemptStatus
from fastflow.orchestrator.attempt import Attempt
from fastflow.orchestrator.hiding import masker_of_adopted
from fastflow.orchestrator.tools import Tools
from fastflow.orchestrator.worker import Worker
from fastflow.services.attempts import Held
from fastflow.store.attempts import Lease

log = structlog.get_logger()

EVERY: Final = timedelta(seconds=15)
_AT_ONCE: Final = timedelta()


class Reconciler:
    """Adopts what lives, concludes what ended, re-queues what never began, removes what is nobody's."""

    def __init__(self, tools: Tools, worker: Worker) -> None:
        self._tools = tools
        self._worker = worker
        self.has_reconciled = False
        """Whether the first pass after the start is done."""

    async def run(self) -> None:
        """Reconcile now, then every so often, for ever."""
        while True:
            try:
                await self.tick()
            except FastFlowError as error:
                log.warning("can't reconcile now, trying again", reason=error.message)
            await self._tools.clock.sleep(EVERY if self.has_reconciled else timedelta(seconds=1))

    async def tick(self) -> None:
        """Look once at what is claimed and at what exists, and settle every difference.

        What exists is listed *before* what is claimed, so that an attempt which begins meanwhile is not
        mistaken for a leftover; nothing is claimed between reading the claims and the live ones. What this
        process worked on when the listing began is left to the next pass: it may have started since.
        """
        live = self._live()
        found = {(f.identity.run_id, f.identity.attempt): f for f in await self._tools.executor.find()}
        async with self._worker.claiming:
            claims = await self._tools.attempts.claims()
            live |= self._live()
        for key, held in claims.doubtful.items():
            if key not in live:
                await self._settle(held, found.get(key))
        for key, container in found.items():
            if key not in claims.all and key not in live:
                log.info("removing a leftover", reference=container.reference, run_id=key[0])
                await self._tools.executor.remove(container.reference)
        self.has_reconciled = True

    def _live(self) -> set[tuple[str, int]]:
        return {(lease.run_id, lease.number) for lease in self._worker.live}

    async def _settle(self, held: Held, found: Found | None) -> None:
        lease = await self._tools.attempts.take_over(held.attempt)
        if lease is None:
            return
        attempt = Attempt(self._tools, lease, held.run)
        if found is not None and found.is_started:
            log.info("adopting", run_id=held.run.id, attempt=lease.number, reference=found.reference)
            self._worker.begin(attempt, self._go_on(attempt, held, found.reference))
        elif held.attempt.status is AttemptStatus.PREPARING:
            if found is not None:
                await self._tools.executor.remove(found.reference)
            log.info("back to the queue", run_id=held.run.id, attempt=lease.number)
            await self._tools.attempts.give_back(lease, "Waits for its turn after a restart.", _AT_ONCE)
        else:
            await self._declare_lost(attempt, lease)

    async def _go_on(self, attempt: Attempt, held: Held, reference: str) -> None:
        attempt.masker = await masker_of_adopted(self._tools, attempt.key, held.attempt.secret_values)
        started_at = held.attempt.started_at
        if started_at is None:
            await attempt.record_start(reference)
        else:
            await attempt.see_through(reference, started_at)

    async def _declare_lost(self, attempt: Attempt, lease: Lease) -> None:
        """Conclude an attempt whose container is nowhere, keeping the lines that were stored."""
        reason = "Its container is gone: the host was restarted, or somebody removed it."
        writer = await self._tools.logs.open(attempt.key)
        await writer.close(is_complete=True)
        lines = (await self._tools.logs.state(attempt.key)).lines
        conclusion = Conclusion(Outcome.HOST_LOST, Blame.PLATFORM, reason)
        log.warning("lost", run_id=attempt.run.id, attempt=lease.number)
        await self._tools.attempts.conclude(lease, conclusion, Ending(None, was_host_lost=True), lines)
        await attempt.release(None)
