"""The occurrences of a rule: the moments at which it is due."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import takewhile
from typing import Final
from zoneinfo import ZoneInfo

from fastflow.domain.schedule.cron_expression import read_cron
from fastflow.domain.schedule.local_time import (
    EARLIEST,
    LATEST,
    first_moment_of,
    is_shown_twice,
    moments_of,
    wall_of,
)
from fastflow.domain.schedule.rule import Rule

TICK: Final = timedelta.resolution
_LOOK_BACK: Final = (timedelta(hours=1), timedelta(days=2), timedelta(days=35), timedelta(days=400))


@dataclass(frozen=True, slots=True)
class Stretch:
    """The occurrences between two moments, counted, with only the newest ones written out."""

    count: int
    first: datetime | None
    newest: tuple[datetime, ...]
    """Ascending; all of them where there are no more than were asked for."""


def occurrences(rule: Rule, after: datetime) -> Iterator[datetime]:
    """Yield every occurrence strictly after that moment, ascending, in UTC, until the rule ends."""
    after = max(after.astimezone(UTC), EARLIEST)
    if rule.start is not None:
        after = max(after, rule.start.astimezone(UTC) - TICK)
    moments = _unbounded(rule, after) if after < LATEST else iter(())
    return moments if rule.end is None else takewhile(lambda moment, end=rule.end: moment <= end, moments)


def next_after(rule: Rule, after: datetime) -> datetime | None:
    """Return the first occurrence strictly after that moment; None where the rule has ended."""
    return next(occurrences(rule, after), None)


def is_occurrence(rule: Rule, moment: datetime) -> bool:
    """Whether the rule is due at exactly that moment."""
    return next_after(rule, moment - TICK) == moment


def last_before(rule: Rule, moment: datetime, *, span: timedelta) -> datetime | None:
    """Return the last occurrence strictly before that moment, at most `span` earlier."""
    for reach in (*(reach for reach in _LOOK_BACK if reach < span), span):
        found = stretch(rule, moment - reach - TICK, moment - TICK, keep=1)
        if found.newest:
            return found.newest[-1]
    return None


def count_between(rule: Rule, after: datetime, until: datetime) -> int:
    """Return how many occurrences are later than `after` and not later than `until`."""
    return stretch(rule, after, until, keep=0).count


def stretch(rule: Rule, after: datetime, until: datetime, *, keep: int) -> Stretch:
    """Look at the occurrences in (after, until], keeping the newest `keep`.

    Intervals are calculated, whatever their number; cron expressions are counted.
    """
    first = next_after(rule, after)
    if first is None or first > until:
        return Stretch(0, None, ())
    if rule.interval is not None:
        until = min(until, rule.end or LATEST, LATEST)
        count = (until - first) // rule.interval + 1
        newest = (first + k * rule.interval for k in range(max(0, count - keep), count))
        return Stretch(count, first, tuple(newest))
    count, kept = 0, deque[datetime](maxlen=keep)
    for moment in takewhile(lambda moment: moment <= until, occurrences(rule, after)):
        count += 1
        kept.append(moment)
    return Stretch(count, first, tuple(kept))


def _unbounded(rule: Rule, after: datetime) -> Iterator[datetime]:
    if rule.once_at is not None:
        return iter([rule.once_at.astimezone(UTC)] if rule.once_at > after else [])
    if rule.interval is not None:
        return _of_interval(rule.first_of_interval.astimezone(UTC), rule.interval, after)
    return _of_cron(rule.cron or "", rule.zone_info, after)


def _of_interval(first: datetime, interval: timedelta, after: datetime) -> Iterator[datetime]:
    moment = first + max(0, (after - first) // interval + 1) * interval
    while moment < LATEST:
        yield moment
        moment += interval


def _of_cron(text: str, zone: ZoneInfo, after: datetime) -> Iterator[datetime]:
    expression = read_cron(text)
    wall = wall_of(after, zone)
    if not wall.fold and is_shown_twice(wall, zone):
        first, second = moments_of(wall, zone)
        wall -= second - first  # times before this one come again before the clock goes on
    days = expression.walls_from(wall.replace(fold=0))
    moments = _by_the_clock(days, zone) if expression.follows_the_clock else _once_a_day(days, zone)
    for moment in moments:
        if moment > after:
            yield moment
            after = moment  # all times that the clock skips mean the same moment


def _once_a_day(days: Iterator[tuple[date, tuple[time, ...]]], zone: ZoneInfo) -> Iterator[datetime]:
    """Yield the first moment of each time, for a skipped one the moment at which clocks skip it."""
    for day, times in days:
        offset = _only_offset(day, zone)
        for moment in times:
            wall = datetime.combine(day, moment)
            yield first_moment_of(wall, zone) if offset is None else wall.replace(tzinfo=UTC) - offset


def _by_the_clock(days: Iterator[tuple[date, tuple[time, ...]]], zone: ZoneInfo) -> Iterator[datetime]:
    """Yield every moment at which clocks show one of the times."""
    repeated: deque[datetime] = deque()  # second passes, to come after the rest of the first
    for day, times in days:
        offset = _only_offset(day, zone)
        for moment in times:
            wall = datetime.combine(day, moment)
            found = moments_of(wall, zone) if offset is None else (wall.replace(tzinfo=UTC) - offset,)
            while found and repeated and repeated[0] < found[0]:
                yield repeated.popleft()
            yield from found[:1]
            repeated.extend(found[1:])


@lru_cache(maxsize=4096)
def _only_offset(day: date, zone: ZoneInfo) -> timedelta | None:
    """Return the offset from UTC that a zone has all day long; None where clocks are set.

    Midnight at either end counts: clocks may be set across it.
    """
    midnight = datetime.combine(day, time(), tzinfo=zone)
    ends = (midnight, midnight + timedelta(days=1))  # by the wall, not by the clock
    offsets = {end.replace(fold=fold).utcoffset() for end in ends for fold in (0, 1)}
    return offsets.pop() if len(offsets) == 1 else None
