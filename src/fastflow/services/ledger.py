"""Looks into the future and the past of schedules: what is due next, what became of each occurrence."""

import heapq
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Final

from sqlmodel import Session

from fastflow.domain.errors import Invalid, NotFound
from fastflow.domain.occurrence import OccurrenceStatus
from fastflow.domain.ports import Clock
from fastflow.domain.schedule import next_after, occurrences
from fastflow.services.ledger_answers import MINUTE, Answer, Entry, answer
from fastflow.services.schedule_rows import hindrance, rule_for
from fastflow.services.schedules import existing
from fastflow.store import occurrences as ledger
from fastflow.store import pipelines, schedules
from fastflow.store.database import Database
from fastflow.store.tables import OccurrenceRow, PipelineRow, ScheduleRow

_MOST_IN_A_MINUTE: Final = 60
_FIRST_YEAR: Final = 1970
_LAST_YEAR: Final = 9990


@dataclass(frozen=True, slots=True)
class Upcoming:
    """An occurrence that will be due."""

    schedule: ScheduleRow
    due_at: datetime
    local: str
    """As clocks of the schedule's zone show it."""


@dataclass(frozen=True, slots=True)
class NotRun:
    """Occurrences of one schedule that made no run, for one cause."""

    last: OccurrenceRow
    key: str
    count: int


class Ledger:
    """Reads only."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def upcoming(
        self, limit: int, pipeline_name: str | None = None, *, most_each: int | None = None
    ) -> list[Upcoming]:
        """Return the next occurrences of all schedules that start runs now, the earliest first.

        `most_each`: no more of one schedule, so that a frequent one hides no other.
        """

        def work(session: Session) -> list[Upcoming]:
            now = self._clock.now()
            rows = schedules.soonest(session, now, limit, pipeline_name)
            return _merged(rows, now, limit, most_each or limit)

        return await self._database.read(work)

    async def next(self, schedule_id: str, count: int) -> list[Upcoming]:
        """Return the next occurrences of one schedule, whether it starts runs now or not.

        Raises:
            NotFound: `schedule_not_found`.
        """

        def work(session: Session) -> list[Upcoming]:
            row = existing(session, schedule_id)
            rule = rule_for(row)
            moments = islice(occurrences(rule, self._clock.now()), count)
            return [Upcoming(row, due_at, rule.show(due_at)) for due_at in moments]

        return await self._database.read(work)

    async def page(
        self, schedule_id: str, limit: int, cursor: str | None, status: OccurrenceStatus | None
    ) -> tuple[Sequence[Entry], str | None]:
        """Return the newest rows of a schedule's ledger, and the cursor of the next page or None.

        Raises:
            NotFound: `schedule_not_found`.
            Invalid: `cursor_invalid`.
        """
        before = _moment(cursor) if cursor is not None else None

        def work(session: Session) -> Sequence[Entry]:
            existing(session, schedule_id)
            return ledger.page(session, schedule_id, limit + 1, before, status)

        rows = await self._database.read(work)
        return rows[:limit], rows[limit - 1][0].due_at.isoformat() if len(rows) > limit else None

    async def not_run(
        self, within: timedelta, limit: int, only: Collection[str] | None = None
    ) -> list[NotRun]:
        """Return what was due within that time and made no run, by schedule and cause; the latest first."""

        def work(session: Session) -> list[NotRun]:
            rows = ledger.not_run_since(session, self._clock.now() - within, limit, only)
            return [NotRun(row, key, count) for row, key, count in rows]

        return await self._database.read(work)

    async def why(self, pipeline_name: str, at: datetime) -> list[Answer]:
        """Say of each schedule that the pipeline has, or had, what became of that minute.

        `at` is aware, or naive as the clocks of each schedule's zone show it.

        Raises:
            NotFound: `pipeline_not_found`.
            Invalid: `moment_invalid`; no clock shows it.
        """
        if not _FIRST_YEAR <= at.year <= _LAST_YEAR:
            raise Invalid(
                "moment_invalid",
                f"at={at.isoformat()} is out of range: give a moment from {_FIRST_YEAR} to {_LAST_YEAR}.",
                {"at": at.isoformat()},
            )

        def work(session: Session) -> list[Answer]:
            pipeline = pipelines.get(session, pipeline_name)
            if pipeline is None:
                raise NotFound(
                    "pipeline_not_found",
                    f"There is no pipeline {pipeline_name[:80]!r}. `fastflow pipelines` lists them.",
                    {"pipeline_name": pipeline_name[:80]},
                )
            rows = schedules.of_pipeline(session, pipeline_name)
            return [self._answer(session, row, pipeline, at) for row in rows]

        return await self._database.read(work)

    def _answer(self, session: Session, row: ScheduleRow, pipeline: PipelineRow, at: datetime) -> Answer:
        rule = rule_for(row)
        begin = at.replace(second=0, microsecond=0)
        moment = (begin if begin.tzinfo is not None else begin.replace(tzinfo=rule.zone_info)).astimezone(UTC)
        entries = ledger.about(session, row.id, moment, moment + MINUTE, _MOST_IN_A_MINUTE)
        return answer(row, rule, begin, entries, hindrance(row, pipeline), self._clock.now())


def _merged(rows: Sequence[ScheduleRow], now: datetime, limit: int, most_each: int) -> list[Upcoming]:
    """Walk all schedules at once, computing only what is shown."""
    heads = [(row.next_due_at, number) for number, row in enumerate(rows) if row.next_due_at is not None]
    heapq.heapify(heads)
    found: list[Upcoming] = []
    counts: Counter[int] = Counter()
    while heads and len(found) < limit:
        due_at, number = heads[0]
        rule = rule_for(rows[number])
        if due_at > now:
            found.append(Upcoming(rows[number], due_at, rule.show(due_at)))
            counts[number] += 1
        following = next_after(rule, max(due_at, now)) if counts[number] < most_each else None
        if following is None:
            heapq.heappop(heads)
        else:
            heapq.heapreplace(heads, (following, number))
    return found


def _moment(cursor: str) -> datetime:
    try:
        moment = datetime.fromisoformat(cursor)
    except ValueError:
        moment = datetime.min
    if moment.tzinfo is None:
        raise Invalid("cursor_invalid", "The cursor is not one of ours; give `next_cursor` of the last page.")
    return moment
