"""Lists schedules, makes and edits those of the API, pauses and resumes all."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final

from pydantic import JsonValue
from sqlmodel import Session

from fastflow.domain.actor import ActorKind, acting
from fastflow.domain.audit import AuditAction
from fastflow.domain.errors import Conflict, Invalid, NotFound
from fastflow.domain.manifest import Manifest
from fastflow.domain.occurrence import ScheduleOrigin
from fastflow.domain.ports import Clock
from fastflow.domain.schedule import occurrences as occurrences_of
from fastflow.domain.schedule import rule_of
from fastflow.services.pipelines import Pipelines
from fastflow.services.schedule_drafts import Draft, read_draft
from fastflow.services.schedule_reconciliation import (
    Wanted,
    apply,
    reconcile,
    retire,
    settle_open,
    start_anew,
)
from fastflow.services.schedule_rows import Hindrance, facts_of, hindrance, record, rule_for
from fastflow.store import occurrences, pipelines, schedules
from fastflow.store.database import Database
from fastflow.store.tables import OccurrenceRow, PipelineRow, RunRow, ScheduleRow

SOMEBODY: Final = "local user"
"""Who pauses what nobody put a name to, while there are no accounts."""
_BATCH: Final = 100


@dataclass(frozen=True, slots=True)
class ScheduleState:
    """A schedule with all that a list shows of it."""

    row: ScheduleRow
    in_words: str
    hindered: Hindrance | None
    """Why it starts nothing now."""
    waiting: int
    """Missed occurrences whose turn has not come."""
    last: OccurrenceRow | None
    last_run: RunRow | None


@dataclass(frozen=True, slots=True)
class Preview:
    """What a schedule would do."""

    in_words: str
    zone: str
    next: list[tuple[datetime, str]]
    """Each moment, and how clocks of the zone show it."""


class Schedules:
    """What users do with schedules."""

    def __init__(self, database: Database, pipelines: Pipelines, clock: Clock, timezone: str) -> None:
        self._database = database
        self._pipelines = pipelines
        self._clock = clock
        self._timezone = timezone

    async def reconcile_all(self) -> None:
        """Bring every schedule in line with the manifests as stored: after an update or a new TIMEZONE.

        Raises:
            Unavailable: the database does not answer.
        """
        rows = await self._database.read(pipelines.every)
        for start in range(0, len(rows), _BATCH):
            await self._reconcile(rows[start : start + _BATCH])

    async def every(self, pipeline_name: str | None = None) -> list[ScheduleState]:
        """Return the schedules, of one pipeline or of all, by pipeline and key."""

        def work(session: Session) -> list[ScheduleState]:
            return _states(session, schedules.every(session, pipeline_name))

        return await self._database.read(work)

    async def page(
        self, pipeline_name: str | None, only: Collection[str] | None, limit: int | None, cursor: str | None
    ) -> tuple[list[ScheduleState], str | None]:
        """Return schedules of the pipelines that may be seen, and the cursor of the next page or None.

        Raises:
            Invalid: `cursor_invalid`.
        """
        most = None if limit is None else limit + 1

        def work(session: Session) -> list[ScheduleState]:
            after = schedules.get(session, cursor) if cursor is not None else None
            if cursor is not None and after is None:
                raise Invalid(
                    "cursor_invalid", "The cursor is not one of ours; give `next_cursor` of the last page."
                )
            return _states(session, schedules.every(session, pipeline_name, only, after, most))

        states = await self._database.read(work)
        if limit is None or len(states) <= limit:
            return states, None
        return states[:limit], states[limit - 1].row.id

    async def get(self, schedule_id: str) -> ScheduleState:
        """Return one schedule, also a vanished one.

        Raises:
            NotFound: `schedule_not_found`.
        """

        def work(session: Session) -> ScheduleState:
            row = existing(session, schedule_id)
            return _states(session, [(row, pipelines.get(session, row.pipeline_name))])[0]

        return await self._database.read(work)

    async def preview(self, draft: Mapping[str, JsonValue], count: int) -> Preview:
        """Say what a schedule would do that nobody has made yet.

        Raises:
            Invalid: `schedule_invalid`; `fields` names each culprit.
        """
        now = self._clock.now()

        def work() -> Preview:
            rule = rule_of(read_draft(draft).schedule, default_zone=self._timezone, anchor=now)
            if rule is None:
                raise ValueError("a draft has a rule")
            moments = islice(occurrences_of(rule, now), count)
            return Preview(rule.in_words(), rule.zone, [(due_at, rule.show(due_at)) for due_at in moments])

        return await asyncio.to_thread(work)

    async def create(self, pipeline_name: str, draft: Mapping[str, JsonValue]) -> ScheduleState:
        """Make a schedule for a pipeline whose manifest has none.

        Raises:
            NotFound: `pipeline_not_found`.
            Conflict: `manifest_has_schedules`, `schedule_exists`.
            Invalid: `schedule_invalid`; `fields` names each culprit.
        """
        read = await asyncio.to_thread(read_draft, draft)
        await self._pipelines.look(pipeline_name)

        def work(session: Session) -> ScheduleRow:
            pipeline = _without_schedules(session, pipeline_name)
            before = schedules.with_key(session, pipeline_name, ScheduleOrigin.API, read.schedule.id)
            if before is not None and before.deleted_at is None:
                raise Conflict(
                    "schedule_exists",
                    f"{pipeline_name} has a schedule {read.schedule.id!r} already. Change it, or take "
                    "another id.",
                    {"schedule_id": before.id, "id": read.schedule.id},
                )
            if before is not None:
                _resume(before)
            now = self._clock.now()
            row = apply(session, pipeline, before, self._wanted(pipeline, read), now)
            record(session, AuditAction.SCHEDULE_CREATED, row, now, after=facts_of(row))
            return row

        row = await self._database.write(work)
        return await self.get(row.id)

    async def change(self, schedule_id: str, changes: Mapping[str, JsonValue]) -> ScheduleState:
        """Change fields of a schedule that was made over the API; null takes a field out.

        Raises:
            NotFound: `schedule_not_found`.
            Conflict: `manifest_schedule`, `manifest_has_schedules`.
            Invalid: `schedule_invalid`; `fields` names each culprit.
        """
        before = await self._database.read(lambda session: _editable(session, schedule_id))
        fields = {**before.definition, "catch_up": before.catch_up.value, **changes}
        fields.setdefault("catch_up_limit", before.catch_up_limit)
        draft = {name: value for name, value in fields.items() if value is not None}
        read = await asyncio.to_thread(read_draft, draft)

        def work(session: Session) -> None:
            row = _editable(session, schedule_id)
            pipeline = _without_schedules(session, row.pipeline_name)
            now, earlier = self._clock.now(), facts_of(row)
            apply(session, pipeline, row, self._wanted(pipeline, read), now)
            record(session, AuditAction.SCHEDULE_CHANGED, row, now, before=earlier, after=facts_of(row))

        await self._database.write(work)
        return await self.get(schedule_id)

    async def delete(self, schedule_id: str) -> ScheduleState:
        """Delete a schedule that was made over the API, and return what it was; its ledger stays.

        Raises:
            NotFound: `schedule_not_found`.
            Conflict: `manifest_schedule`.
        """

        def work(session: Session) -> None:
            row, now = _editable(session, schedule_id), self._clock.now()
            record(session, AuditAction.SCHEDULE_DELETED, row, now, before=facts_of(row))
            row.deleted_at = now
            retire(session, row, Hindrance("removed", "The schedule was deleted."), now)

        await self._database.write(work)
        return await self.get(schedule_id)

    async def pause(self, schedule_id: str, reason: str | None, by: str | None) -> ScheduleState:
        """Skip all occurrences from now on, and those that wait; an earlier pause gets the new reason.

        Raises:
            NotFound: `schedule_not_found`.
            Conflict: `schedule_gone`.
        """
        actor = acting.get()
        who = by or (SOMEBODY if actor.kind in (ActorKind.LOCAL, ActorKind.SYSTEM) else actor.name)

        def change(session: Session, row: ScheduleRow, now: datetime) -> None:
            row.paused_at = row.paused_at or now
            row.paused_by, row.pause_reason = who, reason
            hindered = hindrance(row, pipelines.get(session, row.pipeline_name))
            if hindered is not None:
                occurrences.skip_waiting(session, row.id, hindered.code, hindered.reason, now)

        return await self._change(schedule_id, AuditAction.SCHEDULE_PAUSED, change)

    async def resume(self, schedule_id: str) -> ScheduleState:
        """End a pause; what was due meanwhile stays skipped.

        Raises:
            NotFound: `schedule_not_found`.
            Conflict: `schedule_gone`.
        """

        def change(session: Session, row: ScheduleRow, now: datetime) -> None:
            del session, now
            _resume(row)

        return await self._change(schedule_id, AuditAction.SCHEDULE_RESUMED, change)

    async def _change(
        self,
        schedule_id: str,
        action: AuditAction,
        change: Callable[[Session, ScheduleRow, datetime], None],
    ) -> ScheduleState:
        """Account for all that is due under the old terms, then change them."""

        def work(session: Session) -> None:
            row, now = _present(session, schedule_id), self._clock.now()
            settle_open(session, row, hindrance(row, pipelines.get(session, row.pipeline_name)), now)
            before = facts_of(row)
            change(session, row, now)
            start_anew(session, row, rule_for(row), now)
            record(session, action, row, now, before=before, after=facts_of(row))

        await self._database.write(work)
        return await self.get(schedule_id)

    async def _reconcile(self, batch: Sequence[PipelineRow]) -> None:
        def work(session: Session) -> None:
            for name in [row.name for row in batch]:
                row = pipelines.get(session, name)
                if row is not None:
                    manifest = _valid_manifest(row)
                    reconcile(session, row, manifest, self._clock.now(), self._timezone)

        await self._database.write(work)

    def _wanted(self, pipeline: PipelineRow, draft: Draft) -> Wanted:
        manifest = _valid_manifest(pipeline) or Manifest()
        zone = draft.schedule.timezone or manifest.timezone or self._timezone
        return Wanted(draft.schedule, ScheduleOrigin.API, zone, draft.catch_up, draft.catch_up_limit)


def existing(session: Session, schedule_id: str) -> ScheduleRow:
    """Return the schedule of that id.

    Raises:
        NotFound: `schedule_not_found`.
    """
    row = schedules.get(session, schedule_id)
    if row is None:
        raise NotFound(
            "schedule_not_found",
            f"There is no schedule {schedule_id[:80]!r}. `fastflow schedules` lists those there are.",
            {"schedule_id": schedule_id[:80]},
        )
    return row


def _states(session: Session, pairs: Sequence[tuple[ScheduleRow, PipelineRow | None]]) -> list[ScheduleState]:
    ids = [row.id for row, _ in pairs]
    waiting = occurrences.count_waiting(session, ids)
    newest = occurrences.newest(session, ids)
    return [
        ScheduleState(
            row,
            rule_for(row).in_words(),
            _inactive(row, pipeline),
            waiting.get(row.id, 0),
            *newest.get(row.id, (None, None)),
        )
        for row, pipeline in pairs
    ]


def _inactive(row: ScheduleRow, pipeline: PipelineRow | None) -> Hindrance | None:
    if row.deleted_at is not None:
        return Hindrance("removed", "The schedule was deleted.")
    hindered = hindrance(row, pipeline)
    if hindered is not None or row.next_due_at is not None:
        return hindered
    return Hindrance("ended", "It is not due any more: its rule or its window has ended.")


def _present(session: Session, schedule_id: str) -> ScheduleRow:
    row = existing(session, schedule_id)
    if not row.is_present:
        raise Conflict(
            "schedule_gone",
            f"Schedule {row.key} of {row.pipeline_name} starts nothing any more: it was removed, or the "
            "manifest has schedules of its own now.",
            {"schedule_id": row.id},
        )
    return row


def _editable(session: Session, schedule_id: str) -> ScheduleRow:
    row = existing(session, schedule_id)
    if row.origin is ScheduleOrigin.MANIFEST:
        raise Conflict(
            "manifest_schedule",
            f"Schedule {row.key} of {row.pipeline_name} is written in the manifest: change it there, or "
            "pause it.",
            {"schedule_id": row.id},
        )
    if row.deleted_at is not None:
        raise NotFound("schedule_not_found", f"Schedule {row.key} was deleted.", {"schedule_id": schedule_id})
    return row


def _without_schedules(session: Session, pipeline_name: str) -> PipelineRow:
    """Return a pipeline whose manifest has no schedules.

    Raises:
        NotFound: `pipeline_not_found`; it vanished just now.
        Conflict: `manifest_has_schedules`.
    """
    pipeline = pipelines.get(session, pipeline_name)
    if pipeline is None or not pipeline.is_present:
        raise NotFound("pipeline_not_found", f"There is no pipeline {pipeline_name!r}.")
    written = [
        row.key
        for row in schedules.of_pipeline(session, pipeline_name)
        if row.is_present and row.origin is ScheduleOrigin.MANIFEST
    ]
    if written:
        raise Conflict(
            "manifest_has_schedules",
            f"The manifest of {pipeline_name} has schedules ({', '.join(written)}), and it wins: add this "
            "one there.",
            {"pipeline_name": pipeline_name, "schedules": written},
        )
    return pipeline


def _valid_manifest(row: PipelineRow) -> Manifest | None:
    return Manifest.model_validate(row.manifest) if row.is_valid and row.manifest is not None else None


def _resume(row: ScheduleRow) -> None:
    row.paused_at = row.paused_by = row.pause_reason = None
