"""Why did it not run at 03:00?"""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastflow.domain.schedule import Explanation, ExplanationCode, Rule, explain, is_occurrence, next_after

WEEK = timedelta(days=7)
START = datetime(2026, 3, 1, tzinfo=UTC)


def cron(text: str, zone: str = "Europe/Berlin", end: datetime | None = None) -> Rule:
    return Rule(text, None, None, zone, START, end, START)


def ask(rule: Rule, text: str) -> Explanation:
    return explain(rule, datetime.fromisoformat(text), span=WEEK)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment", "code", "sentence"),
    [
        ("0 3 * * *", "2026-03-10 03:00", ExplanationCode.DUE,
         "0 3 * * * (Europe/Berlin) is due at 2026-03-10 03:00."),
        ("30 6 * * 1-5", "2026-03-08 06:30", ExplanationCode.OTHER_DAY,
         "30 6 * * 1-5 (Europe/Berlin) is not due on Sunday, 2026-03-08."),
        ("30 6 * * *", "2026-03-10 03:00", ExplanationCode.OTHER_TIME,
         "30 6 * * * (Europe/Berlin) is due on 2026-03-10 at 06:30, not at 03:00."),
        ("*/15 6-9 * * *", "2026-03-10 03:00", ExplanationCode.OTHER_TIME,
         "*/15 6-9 * * * (Europe/Berlin) is due on 2026-03-10 16 times, from 06:00 to 09:45, "
         "not at 03:00."),
        ("0 3 * * *", "2026-02-10 03:00", ExplanationCode.BEFORE_START,
         "Nothing is due before its start at 2026-03-01 01:00."),
        ("0 3 * * *", "2027-01-10 03:00", ExplanationCode.AFTER_END,
         "Nothing is due after its end at 2026-12-31 01:00."),
        ("30 2 * * *", "2026-03-29 02:30", ExplanationCode.SKIPPED_TIME,
         "02:30 did not exist on 2026-03-29 in Europe/Berlin: clocks were set forward from 02:00 to 03:00. "
         "The schedule was due at 03:00."),
        ("*/30 2 * * *", "2026-03-29 02:30", ExplanationCode.SKIPPED_TIME,
         "02:30 did not exist on 2026-03-29 in Europe/Berlin: clocks were set forward from 02:00 to 03:00. "
         "Nothing was due at 03:00 in its place."),
        ("30 2 * * *", "2026-03-29 03:00", ExplanationCode.DUE,
         "30 2 * * * (Europe/Berlin) is due at 2026-03-29 03:00. Just then clocks were set forward from "
         "02:00 to 03:00; what is due at a skipped time is due there."),
        ("30 2 * * *", "2026-03-29 03:30", ExplanationCode.OTHER_TIME,
         "30 2 * * * (Europe/Berlin) is due on 2026-03-29 at 03:00, not at 03:30. On that day clocks were "
         "set forward from 02:00 to 03:00."),
        ("30 2 * * *", "2026-10-25T00:30Z", ExplanationCode.DUE,
         "30 2 * * * (Europe/Berlin) is due at 2026-10-25 02:30."),
        ("30 2 * * *", "2026-10-25T01:30Z", ExplanationCode.REPEATED_TIME,
         "02:30 existed twice on 2026-10-25 in Europe/Berlin; 30 2 * * * (Europe/Berlin) was due the first "
         "time only."),
        ("*/30 2 * * *", "2026-10-25T01:30Z", ExplanationCode.DUE,
         "*/30 2 * * * (Europe/Berlin) is due at 2026-10-25 02:30."),
    ],
)  # fmt: skip
def test_the_answer_names_the_reason(text: str, moment: str, code: ExplanationCode, sentence: str) -> None:
    rule = cron(text, end=datetime(2026, 12, 31, tzinfo=UTC))

    explanation = ask(rule, moment)

    assert (explanation.code, explanation.sentence) == (code, sentence)


def test_the_answer_names_the_occurrences_before_and_after() -> None:
    explanation = ask(cron("0 3 * * *"), "2026-03-10 12:00")

    assert explanation.due_at is None
    assert (explanation.before, explanation.after) == (utc("2026-03-10 02:00"), utc("2026-03-11 02:00"))


def test_what_is_further_away_than_the_span_is_left_out() -> None:
    explanation = ask(cron("0 3 1 * *"), "2026-03-15 12:00")

    assert (explanation.before, explanation.after) == (None, None)


def test_within_the_minute_is_near_enough() -> None:
    every_10 = Rule(None, timedelta(seconds=10), None, "UTC", None, None, START + timedelta(seconds=3))

    explanation = ask(every_10, "2026-03-10T12:00:41Z")

    assert explanation.code is ExplanationCode.DUE
    assert explanation.sentence == "every 10 s is due at 2026-03-10 12:00:03."
    assert explanation.due_at == utc("2026-03-10 12:00:03")
    assert (explanation.before, explanation.after) == (utc("2026-03-10 11:59:53"), utc("2026-03-10 12:01:03"))


def test_a_single_run_is_explained_too() -> None:
    once = Rule(None, None, utc("2026-03-10 12:00"), "UTC", None, None, START)

    assert ask(once, "2026-03-10T12:00Z").code is ExplanationCode.DUE
    assert ask(once, "2026-03-10T13:00Z").code is ExplanationCode.OTHER_TIME
    assert ask(once, "2026-03-11T12:00Z").code is ExplanationCode.OTHER_DAY


@given(
    st.sampled_from(["30 2 * * *", "*/20 * * * *", "0 1-4 * * 0", "0 0 1 1 *", "0 0 31 2 *"]),
    st.sampled_from(["UTC", "Europe/Berlin", "Australia/Lord_Howe", "Africa/Cairo", "America/Havana"]),
    st.datetimes(datetime(2026, 2, 27), datetime(2027, 1, 2)),
    st.booleans(),
)
def test_there_is_an_answer_to_every_question(text: str, zone: str, when: datetime, is_naive: bool) -> None:
    rule = cron(text, zone, end=datetime(2026, 12, 31, tzinfo=UTC))

    explanation = explain(rule, when if is_naive else when.replace(tzinfo=UTC), span=WEEK)

    neighbours = [moment for moment in (explanation.before, explanation.due_at, explanation.after) if moment]
    assert neighbours == sorted(neighbours)
    assert all(is_occurrence(rule, moment) for moment in neighbours)
    assert explanation.sentence.endswith(".")
    if explanation.code is ExplanationCode.DUE:
        assert explanation.due_at is not None
    elif explanation.code is not ExplanationCode.SKIPPED_TIME:
        assert explanation.due_at is None
    if explanation.before is not None:
        assert next_after(rule, explanation.before) == (explanation.due_at or explanation.after)
