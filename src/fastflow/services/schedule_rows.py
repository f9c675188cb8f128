"""Reads the rows of schedules: their rule, what keeps them from starting runs, what is settled."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from pydantic import JsonValue
from sqlmodel import Session

from fastflow.domain.audit import AuditAction
from fastflow.domain.manifest import CatchUp, Manifest, Schedule
from fastflow.domain.manifest.consistency import TOP_SCHEDULE, TRIGGER_FIELDS
from fastflow.domain.occurrence import OccurrenceStatus, ScheduleOrigin
from fastflow.domain.schedule import OccurrenceResult, Rule, Settled, rule_of, settle
from fastflow.store import audit
from fastflow.store.occurrences import NewOccurrence
from fastflow.store.tables import PipelineRow, ScheduleRow

ON_TIME: Final = timedelta(seconds=60)
"""What is due no longer ago than this is started at once; older occurrences are missed ones."""
_TIMING: Final = (
    *TRIGGER_FIELDS,
    "schedule_start",
    "schedule_end",
    "timezone",
)


@dataclass(frozen=True, slots=True)
class Hindrance:
    """What keeps a schedule from starting runs."""

    code: str
    reason: str


def schedules_in(manifest: Manifest) -> list[Schedule]:
    """Return the schedules that a manifest makes; those with only a webhook key are none."""
    timing = manifest.model_dump(include=set(_TIMING), exclude_unset=True)
    top = Schedule.model_validate({"id": TOP_SCHEDULE, **timing})
    found: dict[str, Schedule] = {}
    for schedule in (top, *manifest.schedules):
        if starts_by_itself(schedule):
            found.setdefault(schedule.id, schedule)  # an older version let one be called like the top
    return list(found.values())


def starts_by_itself(schedule: Schedule) -> bool:
    """Whether it has a rule."""
    return any(getattr(schedule, name) is not None for name in TRIGGER_FIELDS)


def definition_of(row: ScheduleRow) -> Schedule:
    """Return the schedule as it was written."""
    return Schedule.model_validate(row.definition)


def facts_of(row: ScheduleRow) -> dict[str, JsonValue]:
    """Return what the audit log looks at: the definition, and whether it is paused."""
    return {
        **row.definition,
        "catch_up": row.catch_up,
        "catch_up_limit": row.catch_up_limit,
        "paused_at": row.paused_at.isoformat() if row.paused_at else None,
        "paused_by": row.paused_by,
        "pause_reason": row.pause_reason,
    }


def record(
    session: Session,
    action: AuditAction,
    row: ScheduleRow,
    at: datetime,
    *,
    before: dict[str, JsonValue] | None = None,
    after: dict[str, JsonValue] | None = None,
) -> None:
    """Note in the audit log what somebody did to a schedule."""
    audit.record(session, action, row.key, at, pipeline_name=row.pipeline_name, before=before, after=after)


def rule_for(row: ScheduleRow) -> Rule:
    """Return when a schedule is due.

    Raises:
        Invalid: `unknown_time_zone`; this system does not know its zone any more.
    """
    rule = rule_of(definition_of(row), default_zone=row.zone, anchor=row.anchor_at)
    if rule is None:
        raise ValueError(f"schedule {row.id} has no rule")
    return rule


def hindrance(row: ScheduleRow, pipeline: PipelineRow | None) -> Hindrance | None:
    """Say why a schedule starts no runs now; None where it does."""
    if pipeline is None or not pipeline.is_present:
        return Hindrance("removed", f"Pipeline {row.pipeline_name} is not there any more.")
    if not row.is_present and row.origin is ScheduleOrigin.API:
        return Hindrance("superseded", "The manifest has schedules of its own, and it wins.")
    if not row.is_present:
        return Hindrance("removed", f"Schedule {row.key} is not in the manifest any more.")
    if row.paused_at is not None:
        why = f": {row.pause_reason}" if row.pause_reason else "."
        at = row.paused_at.strftime("%Y-%m-%d %H:%M UTC")
        return Hindrance("paused", f"{row.paused_by} paused the schedule at {at}{why}")
    if not row.is_enabled:
        return Hindrance("schedule_disabled", f'Schedule {row.key} is disabled: it says `"enabled": false`.')
    if not pipeline.is_enabled:
        return Hindrance(
            "pipeline_disabled",
            f'Pipeline {pipeline.name} is disabled: its manifest says `"enabled": false`.',
        )
    return None


def settle_row(row: ScheduleRow, rule: Rule, hindered: Hindrance | None, now: datetime) -> list[Settled]:
    """Settle every occurrence since the schedule was accounted for, in order."""
    if hindered is None:
        return settle(
            rule, row.accounted_until, now, policy=row.catch_up, limit=row.catch_up_limit, grace=ON_TIME
        )
    settled = settle(rule, row.accounted_until, now, policy=CatchUp.NONE, limit=None, grace=timedelta())
    return [
        replace(each, result=OccurrenceResult.SKIPPED, reason_code=hindered.code, reason=hindered.reason)
        for each in settled
    ]


def ledger_row(
    row: ScheduleRow, settled: Settled, status: OccurrenceStatus, run_id: str | None, now: datetime
) -> NewOccurrence:
    """Return the ledger's row of what was settled."""
    return NewOccurrence(
        schedule_id=row.id,
        due_at=settled.due_at,
        pipeline_name=row.pipeline_name,
        status=status,
        code=settled.reason_code,
        reason=settled.reason,
        run_id=run_id,
        count=settled.count,
        first_due_at=settled.first_due_at,
        decided_at=now,
    )


def without_runs(row: ScheduleRow, settled: Sequence[Settled], now: datetime) -> list[NewOccurrence]:
    """Return the ledger's rows where runs are to be started later, paced."""
    status = {
        OccurrenceResult.RUN: OccurrenceStatus.WAITING,
        OccurrenceResult.COALESCED: OccurrenceStatus.COALESCED,
        OccurrenceResult.SKIPPED: OccurrenceStatus.SKIPPED,
    }
    return [ledger_row(row, each, status[each.result], None, now) for each in settled]
