"""What the server's JSON on schedules looks like, as far as the console reads it."""

from typing import Any, TypedDict


class OccurrenceAnswer(TypedDict):
    """What became of one due moment."""

    schedule_id: str
    due_at: str
    status: str
    code: str | None
    reason: str | None
    run_id: str | None
    run_status: str | None
    count: int
    first_due_at: str | None
    decided_at: str


class OccurrencePageAnswer(TypedDict):
    """A page of a ledger, newest first."""

    occurrences: list[OccurrenceAnswer]
    next_cursor: str | None


class ScheduleAnswer(TypedDict):
    """A rule that makes runs."""

    id: str
    pipeline_name: str
    key: str
    origin: str
    rule: str
    definition: dict[str, Any]
    zone: str
    is_present: bool
    is_active: bool
    next_due_at: str | None
    inactive_code: str | None
    inactive_reason: str | None
    paused_at: str | None
    paused_by: str | None
    pause_reason: str | None
    waiting: int
    last_occurrence: OccurrenceAnswer | None


class ScheduleListAnswer(TypedDict):
    """Schedules by pipeline and key."""

    schedules: list[ScheduleAnswer]


class UpcomingAnswer(TypedDict):
    """An occurrence that will be due."""

    schedule_id: str
    pipeline_name: str
    key: str
    due_at: str
    local: str
    zone: str


class UpcomingListAnswer(TypedDict):
    """What is due next, the earliest first."""

    occurrences: list[UpcomingAnswer]


class WhyScheduleAnswer(TypedDict):
    """What one schedule did about one minute."""

    schedule_id: str
    key: str
    origin: str
    zone: str
    code: str
    sentence: str
    occurrence: OccurrenceAnswer | None


class WhyAnswer(TypedDict):
    """What the schedules of a pipeline did about one minute."""

    pipeline_name: str
    at: str
    answers: list[WhyScheduleAnswer]
