"""Both days on which clocks are set: moments worked out by hand from tzdata (`zdump -v`)."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from fastflow.domain.schedule import Rule, next_after, occurrences
from fastflow.domain.schedule.local_time import first_moment_of

# 2026, clocks:  Berlin     29 Mar 01:00 UTC  02:00 +01:00 -> 03:00 +02:00
#                           25 Oct 01:00 UTC  03:00 +02:00 -> 02:00 +01:00
#                New York    8 Mar 07:00 UTC  02:00 -05:00 -> 03:00 -04:00
#                            1 Nov 06:00 UTC  02:00 -04:00 -> 01:00 -05:00
#                Lord Howe   4 Apr 15:00 UTC  02:00 +11:00 -> 01:30 +10:30 (5 Apr there)
#                            3 Oct 15:30 UTC  02:00 +10:30 -> 02:30 +11:00 (4 Oct there)
#                Kolkata    +05:30 all year

ONE_DAY: list[tuple[str, str, str, list[str]]] = [
    # zone, local day, expression, every moment of that day in UTC: "day hour:minute"
    ("Europe/Berlin", "2026-03-29", "30 1 * * *", ["29 00:30"]),
    ("Europe/Berlin", "2026-03-29", "0 2 * * *", ["29 01:00"]),
    ("Europe/Berlin", "2026-03-29", "30 2 * * *", ["29 01:00"]),  # skipped: as soon as it is skipped
    ("Europe/Berlin", "2026-03-29", "0 3 * * *", ["29 01:00"]),
    ("Europe/Berlin", "2026-03-29", "0 2,3 * * *", ["29 01:00"]),  # both mean the same moment
    ("Europe/Berlin", "2026-03-29", "30 2,3 * * *", ["29 01:00", "29 01:30"]),
    ("Europe/Berlin", "2026-03-29", "30 4 * * *", ["29 02:30"]),
    ("Europe/Berlin", "2026-03-29", "30 1-3 * * *", ["29 00:30", "29 01:00", "29 01:30"]),
    ("Europe/Berlin", "2026-03-29", "*/30 2 * * *", []),  # by the clock, which shows no such time
    ("Europe/Berlin", "2026-03-29", "*/30 1-3 * * *", ["29 00:00", "29 00:30", "29 01:00", "29 01:30"]),
    ("Europe/Berlin", "2026-10-25", "30 1 * * *", ["24 23:30"]),
    ("Europe/Berlin", "2026-10-25", "0 2 * * *", ["25 00:00"]),
    ("Europe/Berlin", "2026-10-25", "30 2 * * *", ["25 00:30"]),  # twice on the clock: the first time
    ("Europe/Berlin", "2026-10-25", "0 3 * * *", ["25 02:00"]),
    ("Europe/Berlin", "2026-10-25", "0,30 1-3 * * *",
     ["24 23:00", "24 23:30", "25 00:00", "25 00:30", "25 02:00", "25 02:30"]),
    ("Europe/Berlin", "2026-10-25", "*/30 2 * * *", ["25 00:00", "25 00:30", "25 01:00", "25 01:30"]),
    ("America/New_York", "2026-03-08", "59 1 * * *", ["08 06:59"]),
    ("America/New_York", "2026-03-08", "30 2 * * *", ["08 07:00"]),
    ("America/New_York", "2026-03-08", "0 3 * * *", ["08 07:00"]),
    ("America/New_York", "2026-03-08", "15 3 * * *", ["08 07:15"]),
    ("America/New_York", "2026-11-01", "30 0 * * *", ["01 04:30"]),
    ("America/New_York", "2026-11-01", "30 1 * * *", ["01 05:30"]),
    ("America/New_York", "2026-11-01", "0 2 * * *", ["01 07:00"]),
    ("America/New_York", "2026-11-01", "*/20 1 * * *",
     ["01 05:00", "01 05:20", "01 05:40", "01 06:00", "01 06:20", "01 06:40"]),
    ("Australia/Lord_Howe", "2026-10-04", "45 1 * * *", ["03 15:15"]),
    ("Australia/Lord_Howe", "2026-10-04", "0 2 * * *", ["03 15:30"]),
    ("Australia/Lord_Howe", "2026-10-04", "15 2 * * *", ["03 15:30"]),
    ("Australia/Lord_Howe", "2026-10-04", "30 2 * * *", ["03 15:30"]),
    ("Australia/Lord_Howe", "2026-10-04", "45 2 * * *", ["03 15:45"]),
    ("Australia/Lord_Howe", "2026-10-04", "*/15 2 * * *", ["03 15:30", "03 15:45"]),
    ("Australia/Lord_Howe", "2026-10-04", "*/15 3 * * *",  # cronsim 2.8 begins at 16:30
     ["03 16:00", "03 16:15", "03 16:30", "03 16:45"]),
    ("Australia/Lord_Howe", "2026-04-05", "15 1 * * *", ["04 14:15"]),
    ("Australia/Lord_Howe", "2026-04-05", "30 1 * * *", ["04 14:30"]),
    ("Australia/Lord_Howe", "2026-04-05", "45 1 * * *", ["04 14:45"]),
    ("Australia/Lord_Howe", "2026-04-05", "0 2 * * *", ["04 15:30"]),
    ("Australia/Lord_Howe", "2026-04-05", "*/15 1 * * *",
     ["04 14:00", "04 14:15", "04 14:30", "04 14:45", "04 15:00", "04 15:15"]),
    ("Australia/Lord_Howe", "2026-04-05", "*/15 2 * * *",
     ["04 15:30", "04 15:45", "04 16:00", "04 16:15"]),
    ("Asia/Kolkata", "2026-03-29", "30 2 * * *", ["28 21:00"]),
    ("Asia/Kolkata", "2026-10-25", "*/30 2 * * *", ["24 20:30", "24 21:00"]),
    ("Africa/Cairo", "2026-04-24", "30 0 * * *", ["23 22:00"]),  # 00:00 is skipped to 01:00
    ("Africa/Cairo", "2026-04-24", "*/15 0 * * *", []),
    ("Africa/Cairo", "2026-04-24", "*/15 0 24 4 *", []),  # cronsim 2.8: one at 22:00
]  # fmt: skip

AROUND_THE_CHANGE = [
    # zone, expression, after this moment in UTC, the moments that follow
    ("Europe/Berlin", "0 * * * *", "2026-03-28 23:30", ["29 00:00", "29 01:00", "29 02:00"]),
    ("Europe/Berlin", "0 * * * *", "2026-10-24 23:30", ["25 00:00", "25 01:00", "25 02:00"]),
    ("Europe/Berlin", "*/15 * * * *", "2026-03-29 00:40", ["29 00:45", "29 01:00", "29 01:15"]),
    ("Europe/Berlin", "*/15 * * * *", "2026-10-25 00:40", ["25 00:45", "25 01:00", "25 01:15"]),
    ("Europe/Berlin", "0,30 * * * *", "2026-10-25 00:00", ["25 00:30", "25 01:00", "25 01:30", "25 02:00"]),
    ("America/New_York", "*/30 * * * *", "2026-03-08 06:00", ["08 06:30", "08 07:00", "08 07:30"]),
    ("America/New_York", "0 * * * *", "2026-11-01 04:30", ["01 05:00", "01 06:00", "01 07:00"]),
    ("Australia/Lord_Howe", "*/30 * * * *", "2026-10-03 14:30", ["03 15:00", "03 15:30", "03 16:00"]),
    ("Australia/Lord_Howe", "*/30 * * * *", "2026-04-04 14:00", ["04 14:30", "04 15:00", "04 15:30"]),
    ("Australia/Lord_Howe", "0 * * * *", "2026-10-03 14:00", ["03 14:30", "03 16:00", "03 17:00"]),
    ("Australia/Lord_Howe", "0 * * * *", "2026-04-04 13:30", ["04 14:00", "04 15:30", "04 16:30"]),
    ("Australia/Lord_Howe", "45 * * * *", "2026-04-04 14:00",  # cronsim 2.8 misses the second, 15:15
     ["04 14:45", "04 15:15", "04 16:15"]),
    ("Asia/Kolkata", "0 * * * *", "2026-03-29 00:00", ["29 00:30", "29 01:30"]),
    # From within the second pass nothing of the first comes back, as it does from cronsim 2.8.
    ("Europe/Berlin", "0,45 2 * * *", "2026-10-25 01:40", ["26 01:00", "26 01:45"]),
    # From within the first pass the whole second one is still to come.
    ("Europe/Berlin", "*/20 2 * * *", "2026-10-25 00:40", ["25 01:00", "25 01:20", "25 01:40", "26 01:00"]),
    # St. John's set its clocks from 00:01 back to 23:01 of the day before.
    ("America/St_Johns", "*/30 23 * * *", "2010-11-07 01:00",
     ["07 01:30", "07 02:00", "07 03:00", "08 02:30"]),
    ("America/St_Johns", "0 0 * * *", "2010-11-07 01:00", ["07 02:30", "08 03:30"]),
    # A second pass is not lost where the next match is a year away.
    ("Europe/Berlin", "*/30 2 25 10 *", "2026-10-25 00:30", ["25 01:00", "25 01:30", "25 00:00"]),
]  # fmt: skip


def cron(text: str, zone: str) -> Rule:
    return Rule(text, None, None, zone, None, None, datetime(2020, 1, 1, tzinfo=UTC))


def shown(moment: datetime) -> str:
    assert moment.utcoffset() == timedelta()
    return f"{moment:%d %H:%M}"


@pytest.mark.parametrize(("zone", "day", "text", "moments"), ONE_DAY)
def test_every_moment_of_the_day_on_which_clocks_are_set(
    zone: str, day: str, text: str, moments: list[str]
) -> None:
    midnight = datetime.fromisoformat(day)
    first = first_moment_of(midnight, ZoneInfo(zone))
    end = first_moment_of(midnight + timedelta(days=1), ZoneInfo(zone))

    found: list[datetime] = []
    for moment in occurrences(cron(text, zone), first - timedelta.resolution):
        if moment >= end:
            break
        found.append(moment)

    assert [shown(moment) for moment in found] == moments


@pytest.mark.parametrize(("zone", "text", "after", "moments"), AROUND_THE_CHANGE)
def test_what_follows_around_the_moment_at_which_clocks_are_set(
    zone: str, text: str, after: str, moments: list[str]
) -> None:
    stream = occurrences(cron(text, zone), datetime.fromisoformat(after).replace(tzinfo=UTC))

    assert [shown(next(stream)) for _ in moments] == moments


def test_what_is_due_in_a_day_that_a_zone_left_out_is_due_when_it_is_over() -> None:
    # Samoa had no 30 December 2011: it went from -10:00 to +14:00.
    rule = cron("0 12 30 12 *", "Pacific/Apia")

    due = next_after(rule, datetime(2011, 12, 29, tzinfo=UTC))

    assert due == datetime(2011, 12, 30, 10, tzinfo=UTC)


def test_what_is_skipped_before_midnight_is_due_at_midnight() -> None:
    # Nuuk: on Saturday, 28 March 2026, 23:00 -02:00 becomes Sunday 00:00 -01:00.
    stream = occurrences(cron("30 23 * * *", "America/Nuuk"), datetime(2026, 3, 28, 12, tzinfo=UTC))

    assert [shown(next(stream)) for _ in range(2)] == ["29 01:00", "30 00:30"]
