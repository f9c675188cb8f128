"""Says why a schedule was due, or was not due, at a given moment."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from fastflow.domain.schedule.local_time import Change, change_on, first_moment_of, moments_of, wall_of
from fastflow.domain.schedule.occurrences import TICK, last_before, next_after, stretch
from fastflow.domain.schedule.rule import Rule

_MINUTE = timedelta(minutes=1)
_SHOWN = 5


class ExplanationCode(StrEnum):
    """Why a schedule was due, or was not."""

    DUE = "due"
    SKIPPED_TIME = "skipped_time"
    """Clocks were set forward over that time."""
    REPEATED_TIME = "repeated_time"
    """Clocks were set back and showed that time twice; it was due the first time."""
    BEFORE_START = "before_start"
    AFTER_END = "after_end"
    OTHER_DAY = "other_day"
    """Nothing is due on that day."""
    OTHER_TIME = "other_time"
    """It is due on that day, at other times."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a schedule was due, or was not, within one minute."""

    code: ExplanationCode
    sentence: str
    due_at: datetime | None
    """The first occurrence within that minute."""
    before: datetime | None
    after: datetime | None
    """The nearest occurrences outside that minute, as far as they are within the span."""


def explain(rule: Rule, moment: datetime, *, span: timedelta) -> Explanation:
    """Explain one minute: aware, or a naive time as the clocks of the rule's zone show it.

    A naive time that does not exist is explained as such; one that exists twice means the first.
    Neighbours are looked for up to `span` away.
    """
    zone = rule.zone_info
    is_skipped = moment.tzinfo is None and not moments_of(moment, zone)
    at = first_moment_of(moment, zone) if moment.tzinfo is None else moment.astimezone(UTC)
    at = at.replace(second=0, microsecond=0)
    due_at = _within(rule, at - TICK, at + _MINUTE - TICK)
    after = _within(rule, at + _MINUTE - TICK, at + span)
    before = last_before(rule, at, span=span)
    wall = wall_of(at, zone)
    change = change_on(wall.date(), zone)
    if is_skipped and change is not None:
        code, sentence = ExplanationCode.SKIPPED_TIME, _skipped(rule, moment, change, due_at)
    elif due_at is not None:
        code, sentence = ExplanationCode.DUE, _due(rule, due_at, change)
    else:
        code, sentence = _not_due(rule, at, wall, change)
    return Explanation(code, sentence, due_at, before, after)


def _within(rule: Rule, after: datetime, until: datetime) -> datetime | None:
    found = next_after(rule, after)
    return found if found is not None and found <= until else None


def _skipped(rule: Rule, wall: datetime, change: Change, due_at: datetime | None) -> str:
    told = f"{wall:%H:%M} did not exist on {change.wall_before:%Y-%m-%d} in {rule.zone}: {_told(change)}."
    if due_at is None:
        return f"{told} Nothing was due at {change.wall_after:%H:%M} in its place."
    return f"{told} The schedule was due at {change.wall_after:%H:%M}."


def _due(rule: Rule, due_at: datetime, change: Change | None) -> str:
    told = f"{rule.in_words()} is due at {rule.show(due_at)}."
    if change is not None and change.is_forward and change.at == due_at:
        return f"{told} Just then {_told(change)}; what is due at a skipped time is due there."
    return told


def _not_due(rule: Rule, at: datetime, wall: datetime, change: Change | None) -> tuple[ExplanationCode, str]:
    if rule.start is not None and at + _MINUTE <= rule.start:
        return ExplanationCode.BEFORE_START, f"Nothing is due before its start at {rule.show(rule.start)}."
    if rule.end is not None and at > rule.end:
        return ExplanationCode.AFTER_END, f"Nothing is due after its end at {rule.show(rule.end)}."
    zone = rule.zone_info
    if wall.fold and _within(rule, first_moment_of(wall, zone) - TICK, first_moment_of(wall, zone) + _MINUTE):
        told = f"{wall:%H:%M} existed twice on {wall:%Y-%m-%d} in {rule.zone}"
        return ExplanationCode.REPEATED_TIME, f"{told}; {rule.in_words()} was due the first time only."
    told_change = f" On that day {_told(change)}." if change is not None else ""
    day = _times_of(rule, wall.date(), zone)
    if not day:
        told = f"{rule.in_words()} is not due on {wall:%A}, {wall:%Y-%m-%d}."
        return ExplanationCode.OTHER_DAY, told + told_change
    told = f"{rule.in_words()} is due on {wall:%Y-%m-%d} {day}, not at {wall:%H:%M}."
    return ExplanationCode.OTHER_TIME, told + told_change


def _times_of(rule: Rule, day: date, zone: ZoneInfo) -> str:
    """Write when on a day it is due: the times, or the first and last of many; "" where never."""
    midnight = datetime.combine(day, time())
    first, end = first_moment_of(midnight, zone), first_moment_of(midnight + timedelta(days=1), zone)
    found = stretch(rule, first - TICK, end - TICK, keep=_SHOWN)
    shown = [f"{wall_of(due, zone):%H:%M}" for due in found.newest]
    if found.first is not None and found.count > _SHOWN:
        return f"{found.count:,} times, from {wall_of(found.first, zone):%H:%M} to {shown[-1]}"
    return "at " + ", ".join(shown) if shown else ""


def _told(change: Change) -> str:
    direction = "forward" if change.is_forward else "back"
    return f"clocks were set {direction} from {change.wall_before:%H:%M} to {change.wall_after:%H:%M}"
