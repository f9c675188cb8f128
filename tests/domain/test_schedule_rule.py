"""How the fields of a manifest become a rule."""

from datetime import UTC, datetime, timedelta

import pytest

from fastflow.domain.errors import Invalid
from fastflow.domain.manifest.parts import Timing
from fastflow.domain.schedule import Rule, rule_of

ANCHOR = datetime(2026, 5, 1, 12, tzinfo=UTC)


def rule(**fields: object) -> Rule | None:
    return rule_of(Timing.model_validate(fields), default_zone="Europe/Berlin", anchor=ANCHOR)


def test_without_a_trigger_there_is_no_rule() -> None:
    assert rule(schedule_start="2027-01-01", timezone="Asia/Tokyo") is None


def test_a_cron_expression_is_read_in_its_own_zone_or_else_in_the_default_one() -> None:
    own, default = (
        rule(schedule_cron="30  6 * * 1-5", timezone="Asia/Tokyo"),
        rule(schedule_cron="30 6 * * 1-5"),
    )

    assert own == Rule("30 6 * * 1-5", None, None, "Asia/Tokyo", None, None, ANCHOR)
    assert default == Rule("30 6 * * 1-5", None, None, "Europe/Berlin", None, None, ANCHOR)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"schedule_cron": "30 6 * * 1-5"}, "30 6 * * 1-5 (Europe/Berlin)"),
        ({"schedule_interval_seconds": 90}, "every 90 s"),
        ({"schedule_interval_seconds": 31_622_400}, "every 31622400 s"),
        ({"run_once_at": "2027-01-31T06:30:00"}, "once at 2027-01-31 06:30 (Europe/Berlin)"),
        ({"run_once_at": "2027-01-31T06:30:05Z"}, "once at 2027-01-31 07:30:05 (Europe/Berlin)"),
    ],
)
def test_a_rule_is_said_in_a_few_words(fields: dict[str, object], words: str) -> None:
    made = rule(**fields)

    assert made is not None
    assert made.in_words() == words


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2027-01-31T06:30:00", "2027-01-31T05:30+00:00"),
        ("2027-01-31T06:30:00-05:00", "2027-01-31T11:30+00:00"),
        ("2027-07-31", "2027-07-30T22:00+00:00"),
        ("2026-03-29T02:30", "2026-03-29T01:00+00:00"),  # skipped: when it is skipped
        ("2026-10-25T02:30", "2026-10-25T00:30+00:00"),  # twice: the first
        ("0001-01-01", "0001-01-01T00:00+00:00"),
        ("9999-12-31T23:59:59", "9999-12-31T23:59:59+00:00"),
    ],
)
def test_dates_without_an_offset_are_read_in_the_zone(text: str, moment: str) -> None:
    made = rule(run_once_at=text, schedule_start=text, schedule_end=text)

    assert made is not None
    expected = datetime.fromisoformat(moment)
    assert (made.once_at, made.start, made.end) == (expected, expected, expected)
    assert made.once_at is not None
    assert made.once_at.utcoffset() == timedelta()


@pytest.mark.parametrize("name", ["Europe/Atlantis", "Europe", "../etc/passwd", ""])
def test_a_zone_that_does_not_exist_is_refused_by_name(name: str) -> None:
    with pytest.raises(Invalid, match="Write a name such as") as refused:
        rule_of(Timing(schedule_interval_seconds=5), default_zone=name, anchor=ANCHOR)

    assert refused.value.code == "unknown_time_zone"


def test_a_rule_is_due_by_one_trigger_only() -> None:
    with pytest.raises(ValueError, match="exactly one"):
        Rule("* * * * *", timedelta(seconds=5), None, "UTC", None, None, ANCHOR)
    with pytest.raises(ValueError, match="exactly one"):
        Rule(None, None, None, "UTC", None, None, ANCHOR)
    with pytest.raises(ValueError, match="longer than"):
        Rule(None, timedelta(), None, "UTC", None, None, ANCHOR)
