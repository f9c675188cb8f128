"""What becomes of what was missed: a table to read, and a plain calculation to agree with."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastflow.domain.manifest.models import CatchUp
from fastflow.domain.schedule import OccurrenceResult, Rule, Settled, occurrences, settle
from fastflow.domain.schedule.catch_up import LARGEST_LIMIT, OWN_ROWS
from tests.domain.cron_texts import due_cron_texts

NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
GRACE = timedelta(seconds=30)
RUN, COALESCED, SKIPPED = OccurrenceResult.RUN, OccurrenceResult.COALESCED, OccurrenceResult.SKIPPED
HOURLY = Rule("0 * * * *", None, None, "Europe/Berlin", None, None, NOON)


def every(seconds: int, start: datetime | None = None, end: datetime | None = None) -> Rule:
    return Rule(None, timedelta(seconds=seconds), None, "UTC", start, end, NOON - 1000 * HOUR)


def in_short(settled: list[Settled]) -> list[str]:
    return [f"{one.due_at:%H:%M} {one.result}{' late' * one.is_late}" for one in settled]


@pytest.mark.parametrize(
    ("policy", "limit", "minutes_past", "expected"),
    [
        (CatchUp.NONE, None, 0, ["10:00 skipped", "11:00 skipped", "12:00 run"]),
        (CatchUp.NONE, None, 5, ["10:00 skipped", "11:00 skipped", "12:00 skipped"]),
        (CatchUp.LAST, None, 0, ["10:00 coalesced", "11:00 coalesced", "12:00 run"]),
        (CatchUp.LAST, None, 5, ["10:00 coalesced", "11:00 coalesced", "12:00 run late"]),
        (CatchUp.ALL, None, 0, ["10:00 run late", "11:00 run late", "12:00 run"]),
        (CatchUp.ALL, None, 5, ["10:00 run late", "11:00 run late", "12:00 run late"]),
        (CatchUp.ALL, 2, 5, ["10:00 skipped", "11:00 run late", "12:00 run late"]),
        (CatchUp.ALL, 2, 0, ["10:00 run late", "11:00 run late", "12:00 run"]),
        (CatchUp.ALL, 1, 0, ["10:00 skipped", "11:00 run late", "12:00 run"]),
    ],
)
def test_three_hours_after_two_of_downtime(
    policy: CatchUp, limit: int | None, minutes_past: int, expected: list[str]
) -> None:
    now = NOON + timedelta(minutes=minutes_past)

    settled = settle(HOURLY, NOON - 3 * HOUR, now, policy=policy, limit=limit, grace=GRACE)

    assert in_short(settled) == expected


def test_what_did_not_run_by_itself_says_why() -> None:
    def reasons(policy: CatchUp, limit: int | None = None) -> list[tuple[str | None, str | None]]:
        settled = settle(HOURLY, NOON - 2 * HOUR, NOON + HOUR / 2, policy=policy, limit=limit, grace=GRACE)
        return [(one.reason_code, one.reason) for one in settled]

    missed = "It was due while nothing could start it"
    caught_up = ("caught_up", f"{missed}, and is caught up with now.")
    assert reasons(CatchUp.NONE) == [("missed", f"{missed}, and catch_up is none.")] * 2
    into = f"{missed}; the run of 2026-03-29 14:00 (Europe/Berlin) stands for all that were missed."
    assert reasons(CatchUp.LAST) == [("coalesced", into), caught_up]
    beyond = f"{missed}, and only the newest 1 missed occurrences are caught up with."
    assert reasons(CatchUp.ALL, 1) == [("over_limit", beyond), caught_up]


def test_what_is_on_time_needs_no_reason() -> None:
    (settled,) = settle(HOURLY, NOON - HOUR, NOON + GRACE, policy=CatchUp.NONE, limit=None, grace=GRACE)

    assert settled == Settled(NOON, RUN, None, None, is_late=False)


def test_the_earliest_on_time_stands_for_what_was_missed() -> None:
    settled = settle(
        every(10), NOON - HOUR / 60, NOON, policy=CatchUp.LAST, limit=None, grace=timedelta(seconds=20)
    )

    assert [one.result for one in settled] == [COALESCED] * 3 + [RUN] * 3
    assert settled[0].reason is not None
    assert "the run of 2026-03-29 11:59:40 (UTC) stands" in settled[0].reason


@pytest.mark.parametrize("policy", list(CatchUp))
@pytest.mark.parametrize("back", [timedelta(), timedelta(seconds=1), 5 * HOUR])
def test_a_clock_that_was_set_back_settles_nothing_twice(policy: CatchUp, back: timedelta) -> None:
    assert settle(every(1), NOON, NOON - back, policy=policy, limit=None, grace=GRACE) == []


@pytest.mark.parametrize("policy", list(CatchUp))
def test_a_month_of_missed_seconds_leaves_a_thousand_rows_and_a_sum(policy: CatchUp) -> None:
    month = timedelta(days=31)
    settled = settle(every(1), NOON - month, NOON, policy=policy, limit=None, grace=timedelta(seconds=5))

    total = 31 * 86400
    runs = {CatchUp.NONE: 0, CatchUp.LAST: 0, CatchUp.ALL: LARGEST_LIMIT}[policy] + 6
    summed = settled[0]
    assert len(settled) == 1 + OWN_ROWS + runs
    assert sum(one.count for one in settled) == total
    assert summed.count == total - OWN_ROWS - runs
    assert summed.first_due_at == NOON - month + timedelta(seconds=1)
    assert summed.due_at == settled[1].due_at - timedelta(seconds=1)


@pytest.mark.parametrize(("missed", "rows"), [(999, 999), (1000, 1000), (1001, 1001), (1002, 1001)])
def test_a_sum_of_one_is_an_ordinary_row(missed: int, rows: int) -> None:
    downtime = timedelta(seconds=missed + 1)
    settled = settle(every(1), NOON - downtime, NOON, policy=CatchUp.NONE, limit=None, grace=timedelta())

    *idle, on_time = settled
    assert on_time.result is RUN
    assert len(idle) == rows
    assert (idle[0].count, idle[0].first_due_at is None) == (missed - rows + 1, missed - rows == 0)


def plainly(
    rule: Rule, accounted_until: datetime, now: datetime, policy: CatchUp, limit: int | None, grace: timedelta
) -> list[tuple[datetime, OccurrenceResult, bool]]:
    """Settle without sums and without haste: each moment, what becomes of it, whether it is late."""
    due = list(takewhile(lambda moment: moment <= now, occurrences(rule, accounted_until)))
    missed = [moment for moment in due if now - moment > grace]
    on_time = [(moment, RUN, False) for moment in due if now - moment <= grace]
    if policy is CatchUp.NONE:
        return [(moment, SKIPPED, False) for moment in missed] + on_time
    if policy is CatchUp.LAST:
        coalesced = [(moment, COALESCED, False) for moment in missed]
        if missed and not on_time:
            coalesced[-1] = (missed[-1], RUN, True)
        return coalesced + on_time
    skipped = max(0, len(missed) - (limit or 1000))
    return (
        [(moment, SKIPPED, False) for moment in missed[:skipped]]
        + [(moment, RUN, True) for moment in missed[skipped:]]
        + on_time
    )


def unfolded(rule: Rule, settled: list[Settled]) -> list[tuple[datetime, OccurrenceResult, bool]]:
    each: list[tuple[datetime, OccurrenceResult, bool]] = []
    for one in settled:
        begin = (one.first_due_at or one.due_at) - timedelta.resolution
        moments = list(islice(occurrences(rule, begin), one.count))
        assert moments[-1] == one.due_at
        each += [(moment, one.result, one.is_late) for moment in moments]
    return each


zones = st.sampled_from(["UTC", "Europe/Berlin", "Australia/Lord_Howe", "America/Havana", "Asia/Kolkata"])
near_noon = st.timedeltas(timedelta(hours=-90), timedelta(hours=20)).map(lambda shift: NOON + shift)


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    start, end = draw(st.none() | near_noon), draw(st.none() | near_noon)
    dense = st.sampled_from(["* * * * *", "*/2 * * * *", "0 * * * *", "30 2 * * *", "*/7 0-12 * * *"])
    text = draw(dense | due_cron_texts)
    cron = Rule(text, None, None, draw(zones), start, end, NOON)
    interval = every(draw(st.integers(20, 400) | st.integers(400, 200_000)), start, end)
    once = Rule(None, None, draw(near_noon), "UTC", start, end, NOON)
    return draw(st.sampled_from([cron, interval, once]))


@given(
    rules(),
    st.timedeltas(timedelta(), 72 * HOUR),
    st.sampled_from(list(CatchUp)),
    st.none() | st.integers(1, 1000),
    st.sampled_from([timedelta(), GRACE, HOUR]),
)
def test_every_occurrence_of_a_downtime_is_settled_as_a_plain_calculation_says(
    rule: Rule, downtime: timedelta, policy: CatchUp, limit: int | None, grace: timedelta
) -> None:
    settled = settle(rule, NOON - downtime, NOON, policy=policy, limit=limit, grace=grace)

    assert unfolded(rule, settled) == plainly(rule, NOON - downtime, NOON, policy, limit, grace)
    rows = [one for one in settled if one.result is not RUN]
    assert len(rows) <= OWN_ROWS + 1
    assert all(one.count == 1 and one.first_due_at is None for one in [*rows[1:], *settled[len(rows) :]])
    assert all((one.first_due_at is not None) == (one.count > 1) for one in settled)
    assert all((one.reason is None) == (one.result is RUN and not one.is_late) for one in settled)


@settings(max_examples=40)
@given(rules(), st.timedeltas(timedelta(), 72 * HOUR), st.timedeltas(timedelta(), 72 * HOUR))
def test_settling_in_two_steps_leaves_nothing_out_and_nothing_twice(
    rule: Rule, first: timedelta, other: timedelta
) -> None:
    begin, middle = NOON - 72 * HOUR, NOON - 72 * HOUR + min(first, other)

    def moments(after: datetime, until: datetime) -> list[datetime]:
        settled = settle(rule, after, until, policy=CatchUp.NONE, limit=None, grace=GRACE)
        return [moment for moment, _, _ in unfolded(rule, settled)]

    assert moments(begin, middle) + moments(middle, NOON) == moments(begin, NOON)


def test_a_rule_that_ended_before_settles_nothing_more() -> None:
    rule = replace(HOURLY, end=NOON - 24 * HOUR)

    assert settle(rule, NOON - 5 * HOUR, NOON, policy=CatchUp.ALL, limit=None, grace=GRACE) == []
