"""Answers why a schedule did, or did not, run at some minute; without I/O."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from fastflow.domain.occurrence import OccurrenceStatus
from fastflow.domain.schedule import Explanation, ExplanationCode, Rule, explain
from fastflow.services.schedule_rows import Hindrance
from fastflow.store.tables import OccurrenceRow, RunRow, ScheduleRow

MINUTE: Final = timedelta(minutes=1)
SPAN: Final = timedelta(days=366)
"""How far away the neighbours of a moment are looked for."""
Entry = tuple[OccurrenceRow, RunRow | None]


class AnswerCode(StrEnum):
    """What became of a minute."""

    RAN = "ran"
    WAITING = "waiting"
    COALESCED = "coalesced"
    SKIPPED = "skipped"
    NOT_AN_OCCURRENCE = "not_an_occurrence"
    NOT_YET_DUE = "not_yet_due"
    BEING_STARTED = "being_started"
    DID_NOT_EXIST = "did_not_exist"
    CHANGED_SINCE = "changed_since"
    INACTIVE = "inactive"
    """It was removed or superseded before."""
    NOT_KEPT = "not_kept"


@dataclass(frozen=True, slots=True)
class Answer:
    """What one schedule did about one minute."""

    schedule: ScheduleRow
    code: AnswerCode
    sentence: str
    explanation: Explanation
    entry: Entry | None


def answer(
    schedule: ScheduleRow,
    rule: Rule,
    at: datetime,
    entries: Sequence[Entry],
    hindered: Hindrance | None,
    now: datetime,
) -> Answer:
    """Say what became of the minute that begins at `at`.

    `entries` is what the ledger holds about it; `at` is aware, or naive as the schedule's clocks show it.
    """
    explanation = explain(rule, at, span=SPAN)
    if entries:
        code, sentence = _entered(rule, entries)
    else:
        code, sentence = _not_entered(schedule, rule, at, explanation, hindered, now)
    if explanation.code is ExplanationCode.SKIPPED_TIME and explanation.sentence not in sentence:
        sentence = f"{explanation.sentence} {sentence}"
    return Answer(schedule, code, sentence, explanation, entries[0] if entries else None)


def _entered(rule: Rule, entries: Sequence[Entry]) -> tuple[AnswerCode, str]:
    row, run = entries[0]
    when = rule.show(row.due_at)
    more = f" {len(entries) - 1} more occurrences were due in that minute." if len(entries) > 1 else ""
    if row.count > 1:
        more = f" It is one of {row.count:,} occurrences that were settled together."
    if row.status is OccurrenceStatus.RUN:
        told = f"It is {run.status}: {run.reason}" if run and run.reason else _status_of(run)
        return AnswerCode.RAN, f"Due at {when}; it made run {row.run_id}. {told}{more}"
    if row.status is OccurrenceStatus.WAITING:
        return AnswerCode.WAITING, f"Due at {when}; it was missed, and its run waits for its turn.{more}"
    if row.status is OccurrenceStatus.COALESCED:
        by = f" That is run {row.run_id}." if row.run_id else ""
        return AnswerCode.COALESCED, f"Due at {when}. {row.reason}{by}{more}"
    return AnswerCode.SKIPPED, f"Due at {when}, and skipped. {row.reason}{more}"


def _status_of(run: RunRow | None) -> str:
    return f"It is {run.status}." if run is not None else "That run is not kept any more."


def _not_entered(
    schedule: ScheduleRow,
    rule: Rule,
    at: datetime,
    explanation: Explanation,
    hindered: Hindrance | None,
    now: datetime,
) -> tuple[AnswerCode, str]:
    moment = at if at.tzinfo is not None else at.replace(tzinfo=rule.zone_info)
    end = moment + MINUTE
    if end <= schedule.created_at:
        return (
            AnswerCode.DID_NOT_EXIST,
            f"It did not exist yet: it is there since {_show(rule, schedule.created_at)}.",
        )
    if end <= schedule.changed_at:
        return AnswerCode.CHANGED_SINCE, (
            f"It was changed at {_show(rule, schedule.changed_at)}. The ledger holds nothing about that "
            "minute, so nothing was due by what it said before."
        )
    if not schedule.is_present and hindered is not None:
        return AnswerCode.INACTIVE, f"{hindered.reason} That was at {_show(rule, schedule.changed_at)}."
    if explanation.due_at is None:
        return AnswerCode.NOT_AN_OCCURRENCE, explanation.sentence + _neighbours(rule, explanation)
    if explanation.due_at > now:
        but = f" But now nothing would start: {hindered.reason}" if hindered is not None else ""
        return AnswerCode.NOT_YET_DUE, f"It is not due before {_show(rule, explanation.due_at)}.{but}"
    if explanation.due_at > schedule.accounted_until:
        return AnswerCode.BEING_STARTED, "It is due and is about to be settled."
    return AnswerCode.NOT_KEPT, (
        "It was due by its present rule, but the ledger does not hold that time (any more)."
    )


def _neighbours(rule: Rule, explanation: Explanation) -> str:
    before, after = explanation.before, explanation.after
    told = [f"the last time before was {_show(rule, before)}"] if before is not None else []
    told += [f"the next one is {_show(rule, after)}"] if after is not None else []
    sentence = ", ".join(told)
    return f" {sentence[0].upper()}{sentence[1:]}." if sentence else ""


def _show(rule: Rule, moment: datetime) -> str:
    return f"{rule.show(moment)} ({rule.zone})"
