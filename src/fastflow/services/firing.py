"""Makes the runs of occurrences that are due, and enters every occurrence into the ledger."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlmodel import Session

from fastflow.domain.errors import FastFlowError
from fastflow.domain.manifest import Schedule
from fastflow.domain.occurrence import OccurrenceStatus
from fastflow.domain.ports import Clock
from fastflow.domain.schedule import OccurrenceResult, Rule, Settled, next_after
from fastflow.services.run_requests import RunDefaults
from fastflow.services.schedule_rows import definition_of, hindrance, ledger_row, rule_for, settle_row
from fastflow.services.scheduled_runs import ScheduledRun, make_all, scheduled_run
from fastflow.store import attempts, occurrences, schedules
from fastflow.store.database import Database
from fastflow.store.occurrences import NewOccurrence
from fastflow.store.schedules import Step
from fastflow.store.tables import PipelineRow, ScheduleRow

log = structlog.get_logger()

Occurrence = tuple[str, datetime]
"""A schedule's id and a due moment."""

AT_ONCE: Final = 200
"""Schedules that are looked at together."""
IN_ONE_TRANSACTION: Final = 100
ROWS_IN_ONE_TRANSACTION: Final = 2_000
"""Of the ledger: after a long downtime each schedule has a thousand, and others want to write too."""
RULES_KEPT: Final = 20_000
LOOK_AGAIN: Final = timedelta(minutes=1)
"""When a schedule that can't be computed is tried again."""
TOLERANCE: Final = timedelta(minutes=1)
"""So far may a clock go back, or another server's differ, before accounts are opened again."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to happen to one schedule."""

    row: ScheduleRow
    until: datetime
    next_due_at: datetime | None
    settled: Sequence[Settled]
    runs: dict[datetime, ScheduledRun]
    """Of the occurrences that are on time, in order."""


class Firing:
    """Moves schedules on. Any number of processes may do so at once: each occurrence is settled by one."""

    def __init__(self, database: Database, clock: Clock, defaults: RunDefaults) -> None:
        self._database = database
        self._clock = clock
        self._defaults = defaults
        self._rules: dict[str, tuple[datetime, Schedule, Rule]] = {}
        """What was read of schedules, by id, and the change of the row that it holds for."""

    async def fire(self) -> int:
        """Settle what is due now, the earliest first; return how many schedules were moved on.

        Raises:
            Unavailable: the database does not answer; what was not settled will be at the next call.
        """
        moved = 0
        try:
            while True:
                plans = await self.plan_due()
                for portion in _portions(plans):
                    moved += await self.carry_out(portion)
                if len(plans) < AT_ONCE:
                    return moved
        finally:
            # Not before: workers that begin with the first would take the time that the others need.
            if moved:
                self._database.queue_changed.set()

    async def next_due(self) -> datetime | None:
        """Return when the earliest occurrence of all is due."""
        return await self._database.read(schedules.next_due)

    async def reopen(self) -> int:
        """Open the accounts that reach into the future again: the clock was set back; return how many.

        What has made a run there stays in the ledger and makes no second one.
        """
        now = self._clock.now()

        def work(session: Session) -> int:
            rows = schedules.accounted_beyond(session, now + TOLERANCE)
            for row in rows:
                occurrences.forget_idle_after(session, row.id, now)
                row.accounted_until = now
                row.anchor_at = min(row.anchor_at, now)
                row.next_due_at = next_after(rule_for(row), now) if row.is_present else None
                schedules.save(session, row)
            return len(rows)

        return await self._database.write(work)

    async def plan_due(self) -> list[Plan]:
        """Decide what is to become of what is due; nothing has happened yet."""
        now = self._clock.now()
        due = await self._database.read(lambda session: schedules.due(session, now, AT_ONCE))
        return await asyncio.to_thread(lambda: [self._plan(*pair, now) for pair in due])

    async def carry_out(self, plans: Sequence[Plan]) -> int:
        """Do what was planned, in one transaction; return for how many schedules nobody else was first."""
        return await self._database.write(lambda session: self._carry_out(session, plans))

    def _plan(self, row: ScheduleRow, pipeline: PipelineRow | None, now: datetime) -> Plan:
        try:
            schedule, rule = self._read(row)
            hindered = hindrance(row, pipeline)
            settled = settle_row(row, rule, hindered, now)
            runs = self._runs(row, schedule, rule, pipeline, settled) if pipeline is not None else {}
            return Plan(row, now, next_after(rule, now), settled, runs)
        except (FastFlowError, ValueError) as error:
            log.error("can't compute a schedule", schedule_id=row.id, key=row.key, reason=str(error))
            return Plan(row, row.accounted_until, now + LOOK_AGAIN, (), {})

    def _read(self, row: ScheduleRow) -> tuple[Schedule, Rule]:
        """Return what a schedule says and when it is due; most are fired again and again as they are."""
        known = self._rules.get(row.id)
        if known is not None and known[0] == row.changed_at and known[2].anchor == row.anchor_at:
            return known[1:]
        if len(self._rules) >= RULES_KEPT:
            self._rules.clear()
        schedule, rule = definition_of(row), rule_for(row)
        self._rules[row.id] = (row.changed_at, schedule, rule)
        return schedule, rule

    def _runs(
        self,
        row: ScheduleRow,
        schedule: Schedule,
        rule: Rule,
        pipeline: PipelineRow,
        settled: Sequence[Settled],
    ) -> dict[datetime, ScheduledRun]:
        on_time = [each.due_at for each in settled if _is_on_time(each)]
        coalesced = sum(each.count for each in settled if each.result is OccurrenceResult.COALESCED)
        return {
            due_at: scheduled_run(
                row,
                schedule,
                rule,
                pipeline,
                due_at,
                self._defaults,
                coalesced=coalesced if due_at == on_time[0] else 0,
            )
            for due_at in on_time
        }

    def _carry_out(self, session: Session, plans: Sequence[Plan]) -> int:
        """Do what was planned for the schedules that nobody has moved on meanwhile; one transaction."""
        ids = [plan.row.id for plan in plans]
        held = schedules.hold(session, ids)
        known = occurrences.ahead_of_accounts(session, ids)
        ours = [plan for plan in plans if held.get(plan.row.id) == plan.row.accounted_until]
        now = self._clock.now()
        wanted = {
            (plan.row.id, due_at): run
            for plan in ours
            for due_at, run in plan.runs.items()
            if (plan.row.id, due_at) not in known
        }
        made = dict(zip(wanted, make_all(session, list(wanted.values()), now), strict=True))
        ledger = [entry for plan in ours for entry in _entries(plan, known, made, now)]
        occurrences.insert(session, ledger)
        attempts.tell_nobody_yet(session)
        schedules.advance(session, [Step(plan.row.id, plan.until, plan.next_due_at) for plan in ours])
        if any(entry.status is OccurrenceStatus.WAITING for entry in ledger):
            session.info["has_schedules_changed"] = True
        return len(ours)


def _portions(plans: Sequence[Plan]) -> Iterator[list[Plan]]:
    """Cut what is to be done into transactions of a bearable size."""
    portion: list[Plan] = []
    rows = 0
    for plan in plans:
        is_full = len(portion) >= IN_ONE_TRANSACTION or rows + len(plan.settled) > ROWS_IN_ONE_TRANSACTION
        if portion and is_full:
            yield portion
            portion, rows = [], 0
        portion.append(plan)
        rows += len(plan.settled)
    if portion:
        yield portion


def _entries(
    plan: Plan, known: set[Occurrence], made: dict[Occurrence, str], now: datetime
) -> Iterator[NewOccurrence]:
    """Yield the rows of the ledger for one schedule."""
    row = plan.row
    first = next((made[row.id, due_at] for due_at in plan.runs if (row.id, due_at) in made), None)
    for each in plan.settled:
        key = (row.id, each.due_at)
        if key in known:
            continue
        if key in made:
            yield ledger_row(row, each, OccurrenceStatus.RUN, made[key], now)
        elif each.result is OccurrenceResult.COALESCED:
            yield ledger_row(row, each, OccurrenceStatus.COALESCED, first, now)
        elif each.result is OccurrenceResult.SKIPPED:
            yield ledger_row(row, each, OccurrenceStatus.SKIPPED, None, now)
        else:
            yield ledger_row(row, each, OccurrenceStatus.WAITING, None, now)


def _is_on_time(settled: Settled) -> bool:
    return settled.result is OccurrenceResult.RUN and not settled.is_late
