"""Starts the runs of missed occurrences, a few at a time."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session

from fastflow.domain.errors import FastFlowError
from fastflow.domain.ports import Clock
from fastflow.services.run_requests import RunDefaults
from fastflow.services.schedule_rows import Hindrance, definition_of, hindrance, rule_for
from fastflow.services.scheduled_runs import ScheduledRun, make, scheduled_run
from fastflow.store import occurrences, pipelines, schedules
from fastflow.store.database import Database
from fastflow.store.tables import OccurrenceRow, PipelineRow, ScheduleRow

_NO_TURN: Final = 0


@dataclass(frozen=True, slots=True)
class _Head:
    """The occurrence of a pipeline that waits longest, and all that is needed to start it."""

    occurrence: OccurrenceRow
    schedule: ScheduleRow
    pipeline: PipelineRow | None
    coalesced: int


class CatchingUp:
    """Keeps a downtime from becoming a storm: half of the slots at most, one pipeline after the other."""

    def __init__(self, database: Database, clock: Clock, defaults: RunDefaults, slots: int) -> None:
        self._database = database
        self._clock = clock
        self._defaults = defaults
        self._most = max(1, slots // 2)
        self._turns: dict[str, int] = {}
        """When each pipeline had its last turn; the one with the oldest is next."""

    async def pace(self) -> bool:
        """Start what there is room for, the oldest first; return whether some are left that wait.

        Raises:
            Unavailable: the database does not answer.
        """
        while True:
            room, waiting = await self._database.read(self._look)
            if not waiting:
                self._turns.clear()
                return False
            if room <= 0:
                return True
            waiting.sort(key=lambda name: self._turns.get(name, _NO_TURN))
            for pipeline_name in waiting[:room]:
                self._turns[pipeline_name] = max(self._turns.values(), default=_NO_TURN) + 1
                await self._start_first(pipeline_name)

    def _look(self, session: Session) -> tuple[int, list[str]]:
        """Return for how many runs there is room, and the pipelines that wait, longest first."""
        waiting = sorted(occurrences.oldest_waiting(session), key=lambda pair: (pair[1], pair[0]))
        room = self._most - occurrences.count_active_late(session) if waiting else 0
        return room, [name for name, _ in waiting]

    async def _start_first(self, pipeline_name: str) -> None:
        head = await self._database.read(lambda session: _head_of(session, pipeline_name))
        if head is None:
            return
        decision = await asyncio.to_thread(self._decide, head)
        await self._database.write(lambda session: _carry_out(session, head, decision, self._clock.now()))

    def _decide(self, head: _Head) -> ScheduledRun | Hindrance:
        """Resolve the run, or say why none is started for this schedule any more."""
        hindered = hindrance(head.schedule, head.pipeline)
        if hindered is not None or head.pipeline is None:
            return hindered or Hindrance("removed", "The pipeline is not there any more.")
        try:
            schedule, rule = definition_of(head.schedule), rule_for(head.schedule)
        except (FastFlowError, ValueError) as error:
            return Hindrance("not_computable", str(error))
        due_at = head.occurrence.due_at
        return scheduled_run(
            head.schedule,
            schedule,
            rule,
            head.pipeline,
            due_at,
            self._defaults,
            is_late=True,
            coalesced=head.coalesced,
        )


def _head_of(session: Session, pipeline_name: str) -> _Head | None:
    occurrence = occurrences.first_waiting(session, pipeline_name)
    schedule = schedules.get(session, occurrence.schedule_id) if occurrence is not None else None
    if occurrence is None or schedule is None:
        return None
    coalesced = occurrences.count_coalesced(session, schedule.id, occurrence.due_at)
    return _Head(occurrence, schedule, pipelines.get(session, pipeline_name), coalesced)


def _carry_out(session: Session, head: _Head, decision: ScheduledRun | Hindrance, now: datetime) -> None:
    """Start the run, or skip all that waits of the schedule; one transaction."""
    schedule_id, due_at = head.schedule.id, head.occurrence.due_at
    if isinstance(decision, Hindrance):
        occurrences.skip_waiting(session, schedule_id, decision.code, decision.reason, now)
        return
    # Taken first: whoever finds it taken makes no run.
    if not occurrences.take_waiting(session, schedule_id, due_at, now):
        return
    run = make(session, decision, now)
    occurrences.attach(session, schedule_id, due_at, run.id)
