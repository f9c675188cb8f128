"""A cron expression, read: the days it matches and the times of those days, before any time zone."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

from cronsim import CronSim

from fastflow.domain.manifest.cron import NEVER_DUE, cron_problem, for_cronsim
from fastflow.domain.schedule.local_time import LATEST

_LONGEST_PAUSE_YEARS: Final = 50
"""29 February on one given weekday comes back within 40 years, so what has not come by now never will."""
_ANY_DAY: Final = datetime(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class CronExpression:
    """Which days and times a 5-field expression matches, in the sense of Debian's cron.

    `1` is Monday, `0` and `7` are Sunday; where neither day field starts with `*`, a day that matches
    one of them is enough.
    """

    calendar: CronSim
    """Only asked which days match, which changes nothing in it: its own walk is slow, and wrong where
    clocks are set by half an hour (ADR 0010)."""
    times: tuple[time, ...]
    follows_the_clock: bool
    """Minute or hour starts with `*`: due whenever clocks show such a time, be it twice or not at all.
    Otherwise each of the times is meant once a day."""

    def walls_from(self, wall: datetime) -> Iterator[tuple[date, tuple[time, ...]]]:
        """Yield each day that matches with its times, the first from the given time on."""
        if not self.times:
            return
        first = wall.date()
        for day in self._days_from(first):
            yield day, self.times if day > first else self.times[bisect_left(self.times, wall.time()) :]

    def _days_from(self, day: date) -> Iterator[date]:
        latest, one_day, months = LATEST.date(), timedelta(days=1), self.calendar.months
        give_up = day.year + _LONGEST_PAUSE_YEARS
        while day < latest and day.year <= give_up:
            if day.month not in months:
                day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
                continue
            if self.calendar.match_day(day):
                yield day
                give_up = day.year + _LONGEST_PAUSE_YEARS
            day += one_day


@lru_cache(maxsize=4096)
def read_cron(text: str) -> CronExpression:
    """Read an expression that the manifest's check has let pass; one that is never due has no times.

    Raises:
        ValueError: it is no cron expression.
    """
    problem = cron_problem(text)
    if problem == NEVER_DUE:
        return CronExpression(CronSim("* * * * *", _ANY_DAY), (), follows_the_clock=False)
    if problem is not None:
        raise ValueError(f"{text!r} {problem}")
    calendar = CronSim(for_cronsim(text), _ANY_DAY)
    minute, hour = text.split()[:2]
    times = tuple(time(h, m) for h in sorted(calendar.hours) for m in sorted(calendar.minutes))
    return CronExpression(calendar, times, follows_the_clock=minute.startswith("*") or hour.startswith("*"))
