"""What a worker reports about an attempt: each report one transaction under its lease."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from fastflow.domain.environment import Prepared
from fastflow.domain.events import EventType
from fastflow.domain.execution import StartKind
from fastflow.domain.outcome import Blame, Conclusion, Ending, Outcome, is_retryable
from fastflow.domain.ports import Clock
from fastflow.domain.retry import delay_before_retry
from fastflow.domain.run import RunStatus
from fastflow.domain.spec import RunSpec
from fastflow.services.run_events import announce
from fastflow.store import attempts, payloads, runs
from fastflow.store.attempts import Claim, Lease
from fastflow.store.database import Database
from fastflow.store.tables import AttemptRow, RunRow


@dataclass(frozen=True, slots=True)
class Held:
    """An attempt that some worker claimed, with its run."""

    attempt: AttemptRow
    run: RunRow


@dataclass(frozen=True, slots=True)
class Claims:
    """The attempts that hold a slot, by run and number."""

    all: set[tuple[str, int]]
    doubtful: dict[tuple[str, int], Held]
    """Claimed by this host, perhaps by a process that is gone, or under a lease that has run out."""


@dataclass(frozen=True, slots=True)
class Begun:
    """How an attempt came to run."""

    prepared: Prepared
    kind: StartKind
    oci_runtime: str | None = None


class Attempts:
    """The queue as workers see it."""

    def __init__(
        self, database: Database, clock: Clock, *, host: str, slots: int, lease_for: timedelta
    ) -> None:
        self._database = database
        self._clock = clock
        self._host = host
        self._slots = slots
        self.lease_for = lease_for
        self._looked_at: datetime | None = None
        self._turns = 0
        self._last_turns: dict[str, int] = {}
        """When each pipeline was served last, counted in claims; a restart may forget it."""

    async def claim_next(self) -> Claim | None:
        """Claim the attempt whose turn it is; None where no slot is free or nothing is due."""
        await self._look_at_the_clock()
        claim = await self._database.write(
            lambda session: attempts.claim_next(
                session, self._host, self._clock.now(), self.lease_for, self._slots, self._last_turns
            )
        )
        if claim is not None:
            self._turns += 1
            self._last_turns[claim.run.pipeline_name] = self._turns
        return claim

    async def _look_at_the_clock(self) -> None:
        """See whether it was set back, also while no server ran."""
        now, before = self._clock.now(), self._looked_at
        self._looked_at = now
        if before is None or now < before:
            by = before - now if before is not None else timedelta()
            await self._database.write(lambda session: attempts.bring_forward(session, now, by))

    async def next_due(self) -> datetime | None:
        """Return when the earliest queued attempt becomes available."""
        return await self._database.read(attempts.next_due)

    async def renew(self, leases: Sequence[Lease]) -> set[Lease]:
        """Extend the leases; return those that were lost."""
        return await self._database.write(
            lambda session: attempts.renew(session, leases, self._clock.now() + self.lease_for)
        )

    async def claims(self) -> Claims:
        """Return every claim there is, and those among them that nobody may be keeping any more."""

        def work(session: Session) -> Claims:
            rows = attempts.held(session, host=self._host, expired_at=self._clock.now())
            doubtful = {
                (row.run_id, row.number): Held(row, session.get_one(RunRow, row.run_id)) for row in rows
            }
            return Claims(attempts.holding_slots(session), doubtful)

        return await self._database.read(work)

    async def take_over(self, attempt: AttemptRow) -> Lease | None:
        """Replace the lease of a dead worker by one of ours; None where another was first."""
        return await self._database.write(
            lambda session: attempts.take_over(
                session, attempt, self._host, self._clock.now(), self.lease_for
            )
        )

    async def payload(self, run_id: str) -> bytes | None:
        """Return the body that came with the run's trigger."""
        row = await self._database.read(lambda session: payloads.get(session, run_id))
        return row.body if row is not None else None

    async def started(self, lease: Lease, reference: str, at: datetime, begun: Begun | None) -> RunRow | None:
        """Record that its container runs; return the run as it is now, None where the lease is lost."""
        known: dict[str, object] = {}
        if begun is not None:
            known = {
                "environment_key": begun.prepared.environment.key,
                "lockfile_key": begun.prepared.environment.lockfile_key,
                "lock_seconds": begun.prepared.lock_seconds,
                "build_seconds": begun.prepared.build_seconds,
                "start_kind": begun.kind,
                "oci_runtime": begun.oci_runtime,
            }

        def work(session: Session) -> RunRow | None:
            if not attempts.start(session, lease, at, reference, **known):
                return None
            run = session.get_one(RunRow, lease.run_id)
            changes = {"started_at": run.started_at or at, "reason": None}
            if runs.transition(session, lease.run_id, RunStatus.RUNNING, **changes):
                announce(session, EventType.RUN_STARTED, run, at)
            return run

        return await self._database.write(work)

    async def give_back(self, lease: Lease, reason: str, delay: timedelta) -> bool:
        """Return an attempt of which nothing was started to the queue; the run says what it waits for."""

        def work(session: Session) -> bool:
            now = self._clock.now()
            run = session.get_one(RunRow, lease.run_id)
            if run.cancel_requested_at is not None:
                return self._conclude(session, lease, _cancelled(run), Ending(None), 0, ()) is not None
            runs.amend(session, lease.run_id, reason=reason)
            return attempts.give_back(session, lease, now + delay)

        return await self._database.write(work)

    async def conclude(
        self,
        lease: Lease,
        conclusion: Conclusion,
        ending: Ending,
        log_lines: int,
        warnings: Sequence[str] = (),
        route: str | None = None,
    ) -> RunRow | None:
        """Record how the attempt ended; close the run or queue its next attempt.

        The route that the attempt chose becomes the run's, where it is the last one and was not cancelled.
        Returns the run as it is then; None where the lease is lost and nothing was changed.
        """
        return await self._database.write(
            lambda session: self._conclude(session, lease, conclusion, ending, log_lines, warnings, route)
        )

    def _conclude(
        self,
        session: Session,
        lease: Lease,
        conclusion: Conclusion,
        ending: Ending,
        log_lines: int,
        warnings: Sequence[str],
        route: str | None = None,
    ) -> RunRow | None:
        now = self._clock.now()
        run = session.get_one(RunRow, lease.run_id)
        if run.cancel_requested_at is not None and conclusion.outcome is not Outcome.CANCELLED:
            conclusion = _cancelled(run, conclusion.exit_code)
        verdict: dict[str, Any] = {
            "outcome": conclusion.outcome,
            "blame": conclusion.blame,
            "exit_code": conclusion.exit_code,
            "reason": conclusion.reason,
            "peak_memory_bytes": ending.peak_memory_bytes,
            "cpu_seconds": ending.cpu_seconds,
        }
        if not attempts.end(session, lease, now, log_lines=log_lines, **verdict):
            return None
        verdict["warnings"] = sorted({*run.warnings, *warnings})
        self._move_run(session, run, lease.number, conclusion, now, verdict, route)
        return run

    def _move_run(
        self,
        session: Session,
        run: RunRow,
        number: int,
        conclusion: Conclusion,
        now: datetime,
        verdict: dict[str, Any],
        route: str | None,
    ) -> None:
        spec = RunSpec.model_validate(run.spec)
        if is_retryable(conclusion) and number <= spec.retry_attempts:
            # Spreading retries is no secret: an ordinary random number will do.
            delay = delay_before_retry(spec.retry_strategy, number, random.random())  # noqa: S311
            verdict["reason"] = (
                f"Attempt {number} of {spec.retry_attempts + 1}: {conclusion.reason} "
                f"The next one starts in {delay.total_seconds():.1f} seconds."
            )
            if runs.transition(session, run.id, RunStatus.RETRYING, **verdict):
                attempts.enqueue(session, run, number + 1, now + delay)
            kind = EventType.RUN_RETRYING
        else:
            if conclusion.outcome is not Outcome.CANCELLED:
                verdict["route"] = route
            runs.transition(session, run.id, _final_status(conclusion), finished_at=now, **verdict)
            kind = EventType.RUN_FINISHED
        announce(session, kind, run, now)


def _final_status(conclusion: Conclusion) -> RunStatus:
    if conclusion.is_success:
        return RunStatus.SUCCESS
    return RunStatus.CANCELLED if conclusion.outcome is Outcome.CANCELLED else RunStatus.FAILED


def _cancelled(run: RunRow, exit_code: int | None = None) -> Conclusion:
    return Conclusion(Outcome.CANCELLED, Blame.NOBODY, run.cancel_reason or "Cancelled.", exit_code)
