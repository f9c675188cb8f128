"""Brings the rows of a pipeline's schedules in line with its manifest, within one transaction."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import JsonValue
from sqlmodel import Session

from fastflow.domain.events import EventType
from fastflow.domain.manifest import CatchUp, Manifest, Schedule
from fastflow.domain.occurrence import ScheduleOrigin
from fastflow.domain.schedule import Rule, next_after
from fastflow.services.schedule_rows import (
    Hindrance,
    hindrance,
    rule_for,
    schedules_in,
    settle_row,
    without_runs,
)
from fastflow.store import events, occurrences, schedules
from fastflow.store.ids import new_id
from fastflow.store.tables import PipelineRow, ScheduleRow

_INTERVAL: Final = "schedule_interval_seconds"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a schedule is to be."""

    schedule: Schedule
    origin: ScheduleOrigin
    zone: str
    catch_up: CatchUp
    catch_up_limit: int | None

    @property
    def definition(self) -> dict[str, JsonValue]:
        """What is stored: as written, without the key that would let its reader start runs."""
        return self.schedule.model_dump(mode="json", exclude_unset=True, exclude={"webhook_key"})


def reconcile(
    session: Session, pipeline: PipelineRow, manifest: Manifest | None, now: datetime, default_zone: str
) -> None:
    """Make, change and retire schedules so that they are what the manifest says; the same is left alone.

    An invalid manifest (None) leaves them as they are: their runs will be refused, and say why. Those made
    over the API step back where the manifest has schedules, and come back when it has none.
    """
    rows = schedules.of_pipeline(session, pipeline.name)
    if not pipeline.is_present:
        gone = Hindrance("removed", f"Pipeline {pipeline.name} is not there any more.")
        _retire(session, rows, gone, now)
        return
    if manifest is None:
        return
    written = schedules_in(manifest)
    known = {row.key: row for row in rows if row.origin is ScheduleOrigin.MANIFEST}
    for schedule in written:
        zone = schedule.timezone or manifest.timezone or default_zone
        wanted = Wanted(schedule, ScheduleOrigin.MANIFEST, zone, manifest.catch_up, manifest.catch_up_limit)
        apply(session, pipeline, known.pop(schedule.id, None), wanted, now)
    _retire(
        session, known.values(), Hindrance("removed", "The schedule is not in the manifest any more."), now
    )
    made = [row for row in rows if row.origin is ScheduleOrigin.API and row.deleted_at is None]
    if written:
        _retire(session, made, Hindrance("superseded", "The manifest has schedules of its own now."), now)
        return
    for row in made:
        schedule = Schedule.model_validate(row.definition)
        zone = schedule.timezone or manifest.timezone or default_zone
        wanted = Wanted(schedule, ScheduleOrigin.API, zone, row.catch_up, row.catch_up_limit)
        apply(session, pipeline, row, wanted, now)


def apply(
    session: Session, pipeline: PipelineRow, row: ScheduleRow | None, wanted: Wanted, now: datetime
) -> ScheduleRow:
    """Make a schedule what it is to be; occurrences of before that are due are settled as they were meant."""
    changes = _columns(wanted)
    if row is None:
        row = ScheduleRow(
            id=new_id(),
            pipeline_name=pipeline.name,
            key=wanted.schedule.id,
            origin=wanted.origin,
            anchor_at=_anchor(now),
            accounted_until=now,
            created_at=now,
            changed_at=now,
            **changes,
        )
    elif all(getattr(row, name) == value for name, value in changes.items()):
        return row
    else:
        settle_open(session, row, hindrance(row, pipeline), now)
        if row.definition.get(_INTERVAL) != wanted.definition.get(_INTERVAL):
            row.anchor_at = _anchor(now)
        for name, value in changes.items():
            setattr(row, name, value)
        row.changed_at = now
    return start_anew(session, row, rule_for(row), now)


def _columns(wanted: Wanted) -> dict[str, Any]:
    return {
        "definition": wanted.definition,
        "zone": wanted.zone,
        "catch_up": wanted.catch_up,
        "catch_up_limit": wanted.catch_up_limit,
        "is_enabled": wanted.schedule.enabled,
        "is_present": True,
        "deleted_at": None,
    }


def _anchor(now: datetime) -> datetime:
    """Return where intervals count from: a whole second, so that people can name the moments."""
    return now.replace(microsecond=0)


def settle_open(session: Session, row: ScheduleRow, hindered: Hindrance | None, now: datetime) -> None:
    """Enter into the ledger what is due before the schedule changes; its runs are started paced."""
    if not row.is_present or row.next_due_at is None or row.next_due_at > now:
        return
    settled = settle_row(row, rule_for(row), hindered, now)
    known = occurrences.ahead_of_accounts(session, [row.id])
    fresh = [each for each in settled if (row.id, each.due_at) not in known]
    occurrences.insert(session, without_runs(row, fresh, now))
    row.accounted_until = now


def start_anew(session: Session, row: ScheduleRow, rule: Rule, now: datetime) -> ScheduleRow:
    """Count from now on: nothing that was due before is looked at again."""
    row.accounted_until = now
    row.next_due_at = next_after(rule, now)
    schedules.save(session, row)
    announce(session, row, now)
    return row


def retire(session: Session, row: ScheduleRow, why: Hindrance, now: datetime) -> None:
    """Let a schedule start nothing any more; what waits is skipped, the ledger stays."""
    settle_open(session, row, why, now)
    occurrences.skip_waiting(session, row.id, why.code, why.reason, now)
    row.is_present, row.next_due_at, row.changed_at = False, None, now
    schedules.save(session, row)
    announce(session, row, now)


def announce(session: Session, row: ScheduleRow, now: datetime) -> None:
    """Tell the world that a schedule has changed."""
    events.append(
        session,
        EventType.SCHEDULE_CHANGED,
        now,
        pipeline_name=row.pipeline_name,
        payload={
            "schedule_id": row.id,
            "schedule_key": row.key,
            "is_present": row.is_present,
            "is_enabled": row.is_enabled,
            "is_paused": row.paused_at is not None,
            "next_due_at": row.next_due_at.isoformat() if row.next_due_at else None,
        },
    )


def _retire(session: Session, rows: Iterable[ScheduleRow], why: Hindrance, now: datetime) -> None:
    for row in rows:
        if row.is_present:
            retire(session, row, why, now)
