"""Schedules and their ledger on the wire."""

from datetime import datetime
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from fastflow.api.schemas.redaction import without_webhook_keys
from fastflow.domain.manifest import CatchUp
from fastflow.domain.occurrence import OccurrenceStatus, ScheduleOrigin
from fastflow.domain.run import RunStatus
from fastflow.services.ledger import NotRun, Upcoming
from fastflow.services.ledger_answers import Answer, AnswerCode, Entry
from fastflow.services.schedules import Preview, ScheduleState


class ScheduleFields(BaseModel):
    """What a schedule can say; checked as if it stood in a manifest. Null: left out."""

    model_config = ConfigDict(extra="forbid")

    schedule_cron: str | None = Field(default=None, description="5-field cron expression.")
    schedule_interval_seconds: int | None = Field(default=None, description="Seconds between starts.")
    run_once_at: str | None = Field(default=None, description="ISO 8601 date of one single run.")
    schedule_start: str | None = Field(default=None, description="Nothing starts before this date.")
    schedule_end: str | None = Field(default=None, description="Nothing starts after this date.")
    timezone: str | None = Field(default=None, description="IANA name; else the manifest's, else TIMEZONE.")
    enabled: bool | None = Field(default=None, description="false: it starts nothing.")
    catch_up: Literal["none", "last", "all"] | None = Field(
        default=None, description="Which missed occurrences are run."
    )
    catch_up_limit: int | None = Field(default=None, description="At most so many, with catch_up = all.")
    timeout: int | None = Field(default=None, description="Seconds an attempt may take; 0 = no limit.")
    retry_attempts: int | None = Field(default=None, description="Further attempts after a failed one.")
    retry_strategy: dict[str, JsonValue] | None = None
    cpu_hard_limit: float | None = Field(default=None, description="Cores.")
    mem_hard_limit: str | None = Field(default=None, description='Such as "512m".')
    cpu_soft_limit: float | None = None
    mem_soft_limit: str | None = None
    default_env: dict[str, str] | None = Field(default=None, description="Variables of its runs.")
    encrypted_env: dict[str, str] | None = None

    def given(self) -> dict[str, JsonValue]:
        """Return the fields that the request names, null ones too."""
        return self.model_dump(exclude_unset=True)


class NewSchedule(ScheduleFields):
    """A schedule to be made."""

    id: str = Field(default="default", description="Its name, unique within the pipeline.")

    def draft(self) -> dict[str, JsonValue]:
        """Return it as a manifest would say it."""
        return {"id": self.id, **self.model_dump(exclude_none=True)}


class PauseSchedule(BaseModel):
    """Why a schedule is to rest."""

    model_config = ConfigDict(extra="forbid")

    reason: str | None = Field(default=None, max_length=1000, description="For whoever finds it paused.")
    by: str | None = Field(default=None, max_length=200, description="Who pauses it; else who asks for it.")


class OccurrenceView(BaseModel):
    """What became of one due moment."""

    model_config = ConfigDict(from_attributes=True)

    schedule_id: str
    due_at: datetime = Field(description="The moment; of a summarised range the last one.")
    status: OccurrenceStatus
    code: str | None = Field(description="Why there is no run, or why it is late.")
    reason: str | None
    run_id: str | None = Field(description="The run that it made, or into which it was coalesced.")
    run_status: RunStatus | None = None
    count: int = Field(description="How many occurrences this stands for.")
    first_due_at: datetime | None = Field(description="Of a summarised range the first moment.")
    decided_at: datetime

    @classmethod
    def of(cls, entry: Entry) -> Self:
        """Put a row and its run together."""
        row, run = entry
        return cls.model_validate({**row.model_dump(), "run_status": run.status if run else None})


class OccurrencePage(BaseModel):
    """A page of a schedule's ledger, newest first."""

    occurrences: list[OccurrenceView]
    next_cursor: str | None = Field(description="Give it as `cursor` for the next page; null at the end.")


class ScheduleView(BaseModel):
    """A rule that makes runs."""

    id: str
    pipeline_name: str
    key: str = Field(description="Its `id` in the manifest; `default` for the timing at its top.")
    origin: ScheduleOrigin
    rule: str = Field(description="In words.")
    definition: dict[str, JsonValue] = Field(description="As it was written, webhook keys hidden.")
    zone: str = Field(description="The time zone that holds.")
    catch_up: CatchUp
    catch_up_limit: int | None
    is_enabled: bool
    is_present: bool
    next_due_at: datetime | None
    is_active: bool = Field(description="Whether it starts runs now.")
    inactive_code: str | None
    inactive_reason: str | None
    paused_at: datetime | None
    paused_by: str | None
    pause_reason: str | None
    waiting: int = Field(description="Missed occurrences whose turn has not come.")
    last_occurrence: OccurrenceView | None
    anchor_at: datetime = Field(description="Where intervals count from.")
    created_at: datetime
    changed_at: datetime

    @classmethod
    def of(cls, state: ScheduleState) -> Self:
        """Put a schedule together."""
        hindered = state.hindered
        last = OccurrenceView.of((state.last, state.last_run)) if state.last is not None else None
        return cls.model_validate(
            {
                **state.row.model_dump(),
                "definition": without_webhook_keys(state.row.definition),
                "rule": state.in_words,
                "is_active": hindered is None,
                "inactive_code": hindered.code if hindered else None,
                "inactive_reason": hindered.reason if hindered else None,
                "waiting": state.waiting,
                "last_occurrence": last,
            }
        )


class ScheduleList(BaseModel):
    """Schedules by pipeline and key."""

    schedules: list[ScheduleView]
    next_cursor: str | None = Field(description="Give it as `cursor` for the next page; null at the end.")


class UpcomingView(BaseModel):
    """An occurrence that will be due."""

    schedule_id: str
    pipeline_name: str
    key: str
    due_at: datetime
    local: str = Field(description="As clocks of the schedule's zone show it.")
    zone: str

    @classmethod
    def of(cls, upcoming: Upcoming) -> Self:
        """Put one together."""
        row = upcoming.schedule
        return cls(
            schedule_id=row.id,
            pipeline_name=row.pipeline_name,
            key=row.key,
            due_at=upcoming.due_at,
            local=upcoming.local,
            zone=row.zone,
        )


class UpcomingList(BaseModel):
    """What is due next, the earliest first."""

    occurrences: list[UpcomingView]


class MomentView(BaseModel):
    """A moment at which something would be due."""

    due_at: datetime
    local: str = Field(description="As clocks of the zone show it.")


class PreviewView(BaseModel):
    """What a schedule would do that nobody has made yet."""

    rule: str = Field(description="In words.")
    zone: str
    next: list[MomentView] = Field(description="Empty: it would never be due.")

    @classmethod
    def of(cls, preview: Preview) -> Self:
        """Put it together."""
        moments = [MomentView(due_at=due_at, local=local) for due_at, local in preview.next]
        return cls(rule=preview.in_words, zone=preview.zone, next=moments)


class NotRunView(BaseModel):
    """Occurrences of one schedule that made no run of their own, for one cause."""

    schedule_id: str
    pipeline_name: str
    key: str
    status: OccurrenceStatus
    code: str | None
    reason: str | None
    run_id: str | None = Field(description="The run into which they were coalesced.")
    last_due_at: datetime
    count: int

    @classmethod
    def of(cls, missed: NotRun) -> Self:
        """Put it together."""
        row = missed.last
        return cls(
            schedule_id=row.schedule_id,
            pipeline_name=row.pipeline_name,
            key=missed.key,
            status=row.status,
            code=row.code,
            reason=row.reason,
            run_id=row.run_id,
            last_due_at=row.due_at,
            count=missed.count,
        )


class NotRunList(BaseModel):
    """What did not run, the latest first."""

    not_run: list[NotRunView]


class AnswerView(BaseModel):
    """What one schedule did about one minute."""

    schedule_id: str
    key: str
    origin: ScheduleOrigin
    zone: str
    code: AnswerCode
    sentence: str
    detail: str = Field(description="What the rule alone says: `due`, `other_day`, `skipped_time`…")
    due_at: datetime | None = Field(description="The occurrence within that minute.")
    before: datetime | None = Field(description="The occurrence before it.")
    after: datetime | None = Field(description="The occurrence after it.")
    occurrence: OccurrenceView | None = Field(description="What the ledger holds about it.")

    @classmethod
    def of(cls, answer: Answer) -> Self:
        """Put an answer together."""
        row, explanation = answer.schedule, answer.explanation
        return cls(
            schedule_id=row.id,
            key=row.key,
            origin=row.origin,
            zone=row.zone,
            code=answer.code,
            sentence=answer.sentence,
            detail=explanation.code,
            due_at=explanation.due_at,
            before=explanation.before,
            after=explanation.after,
            occurrence=OccurrenceView.of(answer.entry) if answer.entry is not None else None,
        )


class WhyView(BaseModel):
    """What the schedules of a pipeline did about one minute."""

    pipeline_name: str
    at: datetime
    answers: list[AnswerView] = Field(description="Empty: the pipeline has, and had, no schedule.")
