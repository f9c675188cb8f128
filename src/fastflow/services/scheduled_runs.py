"""Makes the run of an occurrence that is due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from fastflow.domain.cause import ScheduleCause
from fastflow.domain.errors import Conflict, FastFlowError, Invalid, NotFound
from fastflow.domain.manifest import Schedule
from fastflow.domain.run import Trigger
from fastflow.domain.schedule import Rule
from fastflow.services.admission import Admission, admit, admit_all, leave_row
from fastflow.services.run_requests import RunDefaults, RunRequest, resolve
from fastflow.services.runs import choose
from fastflow.store.tables import PipelineRow, RunRow, ScheduleRow


@dataclass(frozen=True, slots=True)
class ScheduledRun:
    """A run that is to be made; refused ones are made too, and say why."""

    request: RunRequest
    outcome: Admission | FastFlowError


def scheduled_run(
    row: ScheduleRow,
    schedule: Schedule,
    rule: Rule,
    pipeline: PipelineRow,
    due_at: datetime,
    defaults: RunDefaults,
    *,
    is_late: bool = False,
    coalesced: int = 0,
) -> ScheduledRun:
    """Check the pipeline as it is stored and resolve the run's settings: the schedule's win.

    Not for the event loop: it validates parameters.
    """
    cause = ScheduleCause(
        schedule_id=row.id,
        schedule_key=row.key,
        due_at=due_at,
        rule=rule.in_words(),
        is_late=is_late,
        coalesced=coalesced,
    )
    request = RunRequest(pipeline.name, Trigger.SCHEDULE, cause=cause)
    try:
        chosen = choose(pipeline, request)
        spec = resolve(request, chosen.manifest, defaults, schedule)
    except (Conflict, Invalid, NotFound) as error:
        return ScheduledRun(request, error)
    manifest = chosen.manifest
    return ScheduledRun(
        request,
        Admission(
            request,
            chosen.revision,
            spec,
            manifest.max_instances,
            manifest.overlap,
            repository=chosen.repository,
            commit=chosen.commit,
        ),
    )


def make_all(session: Session, planned: Sequence[ScheduledRun], now: datetime) -> list[str]:
    """Make the runs, those of one pipeline in order; return their ids."""
    admissions = [each.outcome for each in planned if isinstance(each.outcome, Admission)]
    admitted = iter(admit_all(session, admissions, now))
    return [
        next(admitted) if isinstance(each.outcome, Admission) else make(session, each, now).id
        for each in planned
    ]


def make(session: Session, planned: ScheduledRun, now: datetime) -> RunRow:
    """Admit the run, or leave the row that says why not."""
    if isinstance(planned.outcome, Admission):
        return admit(session, planned.outcome, now)
    return leave_row(session, planned.request, planned.outcome, now)
