"""Wall clocks: which moments they show a time at, and when they are set forward or back."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

EARLIEST: Final = datetime(1, 1, 3, tzinfo=UTC)
LATEST: Final = datetime(9999, 11, 30, tzinfo=UTC)
"""Between these, no conversion leaves what a datetime can hold."""
_SECOND: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Change:
    """The moment at which the clocks of a zone are set forward or back."""

    at: datetime
    wall_before: datetime
    """What clocks would have shown then, had they not been set."""
    wall_after: datetime

    @property
    def is_forward(self) -> bool:
        """Whether the times in between do not exist; otherwise they exist twice."""
        return self.wall_after > self.wall_before


def wall_of(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return what clocks show: a naive datetime, with `fold` set in the second of two passes."""
    return moment.astimezone(zone).replace(tzinfo=None)


def is_shown_twice(wall: datetime, zone: ZoneInfo) -> bool:
    """Whether clocks show this time, are set back, and show it again."""
    first, second = _offsets(wall, zone)
    return first > second


def moments_of(wall: datetime, zone: ZoneInfo) -> tuple[datetime, ...]:
    """Return the moments at which clocks show this naive time: none, one or two."""
    first, second = _offsets(wall, zone)
    plain = wall.replace(tzinfo=UTC, fold=0)
    if first == second:
        return (plain - first,)
    return () if first < second else (plain - first, plain - second)


def first_moment_of(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return the first moment at which clocks show this naive time, or have skipped it."""
    before, after = _offsets(wall, zone)
    plain = wall.replace(tzinfo=UTC, fold=0)
    if before >= after:
        return plain - before
    return _change_between(plain - after, plain - before, zone)


def change_on(day: date, zone: ZoneInfo) -> Change | None:
    """Return the moment at which clocks are set on that day; None on most days."""
    midnight = datetime.combine(day, time())
    first = first_moment_of(midnight, zone) - _SECOND
    last = first_moment_of(midnight + timedelta(days=1), zone) - _SECOND
    before, after = _offset_at(first, zone), _offset_at(last, zone)
    if before == after:
        return None
    at = _change_between(first, last, zone)
    plain = at.replace(tzinfo=None)
    return Change(at, plain + before, plain + after)


def _offsets(wall: datetime, zone: ZoneInfo) -> tuple[timedelta, timedelta]:
    """Return the offsets of both passes; where the time does not exist, the first is less (PEP 495)."""
    first = wall.replace(tzinfo=zone, fold=0).utcoffset()
    second = wall.replace(tzinfo=zone, fold=1).utcoffset()
    return first or timedelta(), second or timedelta()


def _offset_at(moment: datetime, zone: ZoneInfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()


def _change_between(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Return the first second with the offset of `after`; there is one change in between."""
    offset = _offset_at(after, zone)
    while after - before > _SECOND:
        middle = before + timedelta(seconds=(after - before) // _SECOND // 2)
        if _offset_at(middle, zone) == offset:
            after = middle
        else:
            before = middle
    return after
