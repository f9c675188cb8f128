"""Occurrences against slow but plain calculations: by the minute, by the day, by cronsim in UTC."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice, pairwise, takewhile
from zoneinfo import ZoneInfo

import pytest
from cronsim import CronSim
from hypothesis import given, settings
from hypothesis import strategies as st

from fastflow.domain.manifest.cron import for_cronsim
from fastflow.domain.schedule import (
    Rule,
    count_between,
    is_occurrence,
    last_before,
    next_after,
    occurrences,
    stretch,
)
from tests.domain.cron_texts import due_cron_texts

TICK = timedelta.resolution
DAY = timedelta(days=1)
ANCHOR = datetime(2026, 1, 1, tzinfo=UTC)
ZONES = [
    "Africa/Cairo", "Africa/Casablanca", "Africa/Johannesburg", "Africa/Lagos", "America/Anchorage",
    "America/Argentina/Buenos_Aires", "America/Asuncion", "America/Bogota", "America/Chicago",
    "America/Denver", "America/Halifax", "America/Havana", "America/Los_Angeles", "America/Mexico_City",
    "America/Miquelon", "America/New_York", "America/Nuuk", "America/Santiago", "America/Sao_Paulo",
    "America/Scoresbysund", "America/St_Johns", "Antarctica/Troll", "Asia/Beirut", "Asia/Dubai",
    "Asia/Gaza", "Asia/Jerusalem", "Asia/Kathmandu", "Asia/Kolkata", "Asia/Tokyo", "Atlantic/Azores",
    "Australia/Adelaide", "Australia/Eucla", "Australia/Lord_Howe", "Australia/Sydney", "Europe/Berlin",
    "Europe/Dublin", "Europe/London", "Pacific/Auckland", "Pacific/Chatham", "Pacific/Easter",
    "Pacific/Kiritimati", "UTC",
]  # fmt: skip

zones = st.sampled_from(ZONES)
moments = st.datetimes(datetime(2024, 1, 1), datetime(2029, 1, 1)).map(
    lambda moment: moment.replace(tzinfo=UTC)
)
hours_of_the_night = st.tuples(st.integers(0, 59), st.integers(0, 4) | st.integers(21, 23))


def cron(text: str, zone: str = "UTC", start: datetime | None = None, end: datetime | None = None) -> Rule:
    return Rule(text, None, None, zone, start, end, ANCHOR)


def every(seconds: float, start: datetime | None = None, end: datetime | None = None) -> Rule:
    return Rule(None, timedelta(seconds=seconds), None, "UTC", start, end, ANCHOR)


def once(moment: datetime, start: datetime | None = None, end: datetime | None = None) -> Rule:
    return Rule(None, None, moment, "UTC", start, end, ANCHOR)


def between(rule: Rule, after: datetime, until: datetime) -> list[datetime]:
    return list(takewhile(lambda moment: moment <= until, occurrences(rule, after)))


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    bounds = sorted(draw(st.lists(moments, min_size=2, max_size=2, unique=True)))
    start, end = draw(st.none() | st.just(bounds[0])), draw(st.none() | st.just(bounds[1]))
    make: Callable[[], Rule] = draw(
        st.sampled_from(
            [
                lambda: cron(draw(due_cron_texts), draw(zones), start, end),
                lambda: every(draw(st.integers(1, 10_000_000)), start, end),
                lambda: once(draw(moments), start, end),
            ]
        )
    )
    return make()


@lru_cache
def moments_near_changes(zone: str) -> tuple[datetime, ...]:
    """Days from which a clock is set within two days, or just some days."""
    clocks = ZoneInfo(zone)
    hours = (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hour) for hour in range(2 * 365 * 24))
    offsets = [(hour, hour.astimezone(clocks).utcoffset()) for hour in hours]
    changes = [hour for (hour, offset), (_, later) in pairwise(offsets) if offset != later]
    return tuple(hour - DAY for hour in changes) or (ANCHOR,)


@st.composite
def zones_and_changes(draw: st.DrawFn) -> tuple[str, datetime]:
    zone = draw(zones)
    return zone, draw(st.sampled_from(moments_near_changes(zone))) + timedelta(
        minutes=draw(st.integers(0, 1440))
    )


@given(rules(), moments)
def test_occurrences_ascend_in_utc_and_lie_after_the_moment_and_within_the_window(
    rule: Rule, after: datetime
) -> None:
    found = list(islice(occurrences(rule, after), 20))

    assert all(earlier < later for earlier, later in zip([after, *found], found, strict=False))
    assert all(moment.utcoffset() == timedelta() for moment in found)
    assert all(rule.start is None or moment >= rule.start for moment in found)
    assert all(rule.end is None or moment <= rule.end for moment in found)
    assert next_after(rule, after) == (found[0] if found else None)


@given(rules(), moments, st.timedeltas(timedelta(), timedelta(days=400)))
def test_from_wherever_one_looks_the_occurrences_are_the_same(
    rule: Rule, early: datetime, later: timedelta
) -> None:
    late = early + later
    from_late = next_after(rule, late)

    passed = stretch(rule, early, late, keep=3)

    assert passed.newest == tuple(islice(occurrences(rule, early), passed.count))[-3:]
    assert next(islice(occurrences(rule, early), passed.count, None), None) == from_late
    assert all(is_occurrence(rule, moment) for moment in passed.newest)
    assert passed.first == (next_after(rule, early) if passed.count else None)
    assert last_before(rule, late + TICK, span=later) == (passed.newest[-1] if passed.newest else None)


@given(zones_and_changes(), due_cron_texts)
def test_around_a_change_of_clocks_no_starting_point_makes_a_difference(
    place: tuple[str, datetime], text: str
) -> None:
    zone, begin = place
    rule = cron(text, zone)
    all_of_them = between(rule, begin, begin + 2 * DAY)

    for minutes in range(0, 2880, 7):
        after = begin + timedelta(minutes=minutes)
        expected = next((moment for moment in all_of_them if moment > after), None)
        if expected is not None:
            assert next_after(rule, after) == expected


@given(zones_and_changes(), due_cron_texts)
def test_a_job_by_the_clock_is_due_whenever_the_clock_shows_such_a_time(
    place: tuple[str, datetime], text: str
) -> None:
    zone, begin = place
    hour = text.split()[1]
    rule = cron(" ".join(["*/5", hour, *text.split()[2:]]), zone)
    begin = begin.replace(minute=0, second=0, microsecond=0)
    matching = CronSim(for_cronsim(rule.cron or ""), datetime(2000, 1, 1))

    def is_due(moment: datetime) -> bool:
        wall = moment.astimezone(ZoneInfo(zone))
        is_time = wall.minute % 5 == 0 and wall.hour in matching.hours
        return is_time and wall.month in matching.months and matching.match_day(wall.date())

    minutes = (begin + timedelta(minutes=minute) for minute in range(1, 2881))
    assert between(rule, begin, begin + 2 * DAY) == [moment for moment in minutes if is_due(moment)]


@pytest.mark.parametrize("zone", ZONES)
@settings(max_examples=4)
@given(time=hours_of_the_night)
def test_a_daily_job_is_due_exactly_once_for_each_date_of_three_years(
    zone: str, time: tuple[int, int]
) -> None:
    minute, hour = time
    clocks = ZoneInfo(zone)
    first = datetime(2026, 1, 1, hour, minute)
    begin = (first - DAY).replace(tzinfo=clocks).astimezone(UTC)

    found = list(islice(occurrences(cron(f"{minute} {hour} * * *", zone), begin), 3 * 365))

    for number, moment in enumerate(found):
        meant, shown = first + number * DAY, moment.astimezone(clocks)
        if shown.replace(tzinfo=None, fold=0) == meant:
            assert shown.fold == 0
            continue
        # The time was skipped: no moment shows it, and a second earlier clocks showed an earlier one.
        one_earlier = (moment - timedelta(seconds=1)).astimezone(clocks).replace(tzinfo=None)
        assert one_earlier < meant < shown.replace(tzinfo=None)
        assert shown.replace(tzinfo=None) - meant <= timedelta(hours=2)


@given(due_cron_texts, moments)
def test_without_a_change_of_clocks_it_agrees_with_cronsim(text: str, after: datetime) -> None:
    ours = islice(occurrences(cron(text), after), 30)

    assert list(ours) == list(islice(CronSim(for_cronsim(text), after), 30))


@given(st.integers(1, 1_000_000), moments, st.none() | moments)
def test_intervals_are_counted_from_their_anchor_or_start(
    seconds: int, after: datetime, start: datetime | None
) -> None:
    interval = timedelta(seconds=seconds)
    moment = next_after(every(seconds, start), after)

    assert moment is not None
    steps, rest = divmod(moment - (start or ANCHOR), interval)
    assert rest == timedelta()
    assert steps >= (1 if start is None else 0)
    assert moment - interval <= after or steps == (1 if start is None else 0)


def test_the_ends_of_a_window_belong_to_it() -> None:
    noon = datetime(2026, 5, 1, 12, tzinfo=UTC)
    for rule in (cron("0 * * * *", "UTC", noon, noon), every(60, noon, noon), once(noon, noon, noon)):
        assert list(occurrences(rule, noon - DAY)) == [noon]
        assert list(occurrences(rule, noon)) == []
        assert is_occurrence(rule, noon)
        assert not is_occurrence(rule, noon + timedelta(hours=1))


@pytest.mark.parametrize("text", ["0 0 31 2 *", "0 0 30,31 2 *", "0 0 */29 2 1#5"])
def test_what_is_never_due_ends_at_once(text: str) -> None:
    assert next_after(cron(text), ANCHOR) is None


def test_what_is_no_cron_expression_is_never_taken_for_one() -> None:
    with pytest.raises(ValueError, match="has 2 fields instead of 5"):
        next_after(cron("0 0"), ANCHOR)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("0 0 * * 1", [5, 12, 19]),  # Mondays of January 2026
        ("0 0 * * 0", [4, 11, 18]),
        ("0 0 * * 7", [4, 11, 18]),
        ("0 0 13 * 5", [2, 9, 13, 16, 23]),  # the 13th, or a Friday
        ("0 0 */10 * 0", [11]),  # the 1st, 11th, 21st and 31st, if a Sunday
        ("0 0 L * *", [31]),
        ("0 0 LW * *", [30]),
        ("0 0 * * FRIL", [30]),
        ("0 0 * * 2#2", [13]),
        ("0 0 9-9/2 * *", [9]),
    ],
)
def test_days_are_those_of_debians_cron(text: str, days: list[int]) -> None:
    found = between(cron(text), datetime(2025, 12, 31, 12, tzinfo=UTC), datetime(2026, 1, 31, 12, tzinfo=UTC))

    assert [moment.day for moment in found][: len(days)] == days


@pytest.mark.parametrize(
    "rule", [cron("* * * * *", "Asia/Tokyo"), every(1), once(ANCHOR), cron("0 0 29 2 *")]
)
@pytest.mark.parametrize("moment", [datetime.min, datetime.max, datetime(9999, 12, 28, 23, 59)])
def test_the_ends_of_time_are_no_problem(rule: Rule, moment: datetime) -> None:
    after = moment.replace(tzinfo=UTC)

    assert len(list(islice(occurrences(rule, after), 2))) <= 2


def test_the_seconds_of_a_month_are_counted_without_looking_at_each() -> None:
    month = timedelta(days=31)

    assert count_between(every(1), ANCHOR, ANCHOR + 1000 * month) == 1000 * 31 * 86400
