"""Reads moments as people say them: `03:00`, `yesterday 03:00`, `2026-11-23T03:00`."""

from datetime import date, datetime, time, timedelta

from fastflow.cli.exit_codes import ExitCode
from fastflow.cli.failures import CommandFailed


def read_wall_time(text: str, now: datetime) -> datetime:
    """Return the moment that is meant; naive unless it says its offset, for clocks of any zone.

    A time without a day is today's, or yesterday's where today's is still to come. `now` is naive, as
    clocks here show it.

    Raises:
        CommandFailed: it is no moment.
    """
    day, _, clock = text.strip().lower().rpartition(" ")
    moment = _of_day(day.strip(), clock, now) if clock else None
    if moment is None:
        try:
            moment = datetime.fromisoformat(text.strip())
        except ValueError:
            raise CommandFailed(
                ExitCode.USAGE,
                f'{text!r} is no moment. Write 03:00, "yesterday 03:00" or 2026-11-23T03:00.',
            ) from None
    return moment


def _of_day(day: str, clock: str, now: datetime) -> datetime | None:
    """Return the time on a day that is named in words, or on none; None where it is something else."""
    days: dict[str, date] = {"today": now.date(), "yesterday": now.date() - timedelta(days=1)}
    try:
        moment = datetime.combine(days.get(day, now.date()), time.fromisoformat(_with_two_digits(clock)))
    except ValueError:
        return None
    if day in days:
        return moment
    if day:
        return None
    return moment if moment <= now else moment - timedelta(days=1)


def _with_two_digits(clock: str) -> str:
    return f"0{clock}" if clock[1:2] == ":" else clock
