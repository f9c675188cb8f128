"""The rule of a schedule: when it is due."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from fastflow.domain.errors import Invalid
from fastflow.domain.manifest.parts import Timing
from fastflow.domain.schedule.local_time import EARLIEST, LATEST, first_moment_of, wall_of


@dataclass(frozen=True, slots=True)
class Rule:
    """When a schedule is due. Exactly one of `cron`, `interval` and `once_at` is set."""

    cron: str | None
    """5 fields, valid by `domain.manifest.cron`; read in `zone`."""
    interval: timedelta | None
    once_at: datetime | None
    zone: str
    """IANA name. Its file is read from disk when it is first used in a process."""
    start: datetime | None
    """Nothing is due before."""
    end: datetime | None
    """Nothing is due after."""
    anchor: datetime
    """Intervals are due at anchor + k * interval, k >= 1. With a start they count from there, k >= 0."""

    def __post_init__(self) -> None:
        if sum(trigger is not None for trigger in (self.cron, self.interval, self.once_at)) != 1:
            raise ValueError("a rule has exactly one of cron, interval and once_at")
        if self.interval is not None and self.interval <= timedelta():
            raise ValueError(f"an interval has to be longer than {self.interval}")

    @property
    def zone_info(self) -> ZoneInfo:
        """The zone's clocks."""
        return ZoneInfo(self.zone)

    @property
    def first_of_interval(self) -> datetime:
        """The moment that the first interval is due at."""
        if self.start is not None:
            return self.start
        return self.anchor + (self.interval or timedelta())

    def in_words(self) -> str:
        """Say it in a few words: "30 6 * * 1-5 (Europe/Berlin)", "every 90 s"."""
        if self.cron is not None:
            return f"{self.cron} ({self.zone})"
        if self.once_at is not None:
            return f"once at {self.show(self.once_at)} ({self.zone})"
        seconds = (self.interval or timedelta()).total_seconds()
        return f"every {int(seconds) if seconds.is_integer() else seconds} s"

    def show(self, moment: datetime) -> str:
        """Write a moment as clocks of the zone show it, without the zone's name."""
        wall = wall_of(moment, self.zone_info)
        return wall.strftime("%Y-%m-%d %H:%M:%S" if wall.second else "%Y-%m-%d %H:%M")


def rule_of(timing: Timing, *, default_zone: str, anchor: datetime) -> Rule | None:
    """Return the rule that a manifest's fields make; None where none of them starts anything.

    Dates without an offset are read in the schedule's zone: a time that does not exist there means the
    moment at which clocks skip it, one that exists twice means the first.

    Raises:
        Invalid: `unknown_time_zone`; there is no such zone.
    """
    triggers = (timing.schedule_cron, timing.schedule_interval_seconds, timing.run_once_at)
    if all(trigger is None for trigger in triggers):
        return None
    zone = _zone(timing.timezone or default_zone)
    seconds = timing.schedule_interval_seconds
    return Rule(
        cron=" ".join(timing.schedule_cron.split()) if timing.schedule_cron is not None else None,
        interval=timedelta(seconds=seconds) if seconds is not None else None,
        once_at=_moment(timing.run_once_at, zone),
        zone=zone.key,
        start=_moment(timing.schedule_start, zone),
        end=_moment(timing.schedule_end, zone),
        anchor=anchor,
    )


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown, not a name, the name of a folder of zones
        message = f'There is no time zone {name!r}. Write a name such as "Europe/Berlin" or "UTC".'
        raise Invalid("unknown_time_zone", message, {"timezone": name}) from None


def _moment(text: str | None, zone: ZoneInfo) -> datetime | None:
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    plain = moment.replace(tzinfo=UTC)
    if not EARLIEST < plain < LATEST:  # a conversion could leave what a datetime can hold
        return plain
    return first_moment_of(moment, zone) if moment.tzinfo is None else moment.astimezone(UTC)
