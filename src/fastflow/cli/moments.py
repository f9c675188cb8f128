"""Writes moments and durations: humane on a terminal, exact for everything else."""

from datetime import UTC, datetime
from itertools import pairwise

from fastflow.cli.output import is_terminal

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))
_CLEAR_YEAR_DAYS = 180


def when(moment: str | None) -> str:
    """Return `2 min ago` on a terminal, the moment itself elsewhere, and `-` for none."""
    if moment is None:
        return "-"
    if not is_terminal():
        return moment
    seconds = (datetime.now(UTC) - datetime.fromisoformat(moment)).total_seconds()
    return f"{_coarse(seconds)} ago" if seconds >= 1 else "now"


def ahead(moment: str | None) -> str:
    """Return `Tue 24 Nov 03:00 (in 2 h 14 min)` on a terminal, by this machine's clock; else as `when`."""
    if moment is None or not is_terminal():
        return when(moment)
    due = datetime.fromisoformat(moment)
    return f"{local(due)} ({countdown((due - datetime.now(UTC)).total_seconds())})"


def local(moment: datetime) -> str:
    """Return a moment as this machine's clocks show it; with the year where that is not clear."""
    shown, now = moment.astimezone(), datetime.now(UTC).astimezone()
    year = "" if abs((shown - now).days) < _CLEAR_YEAR_DAYS else f" {shown:%Y}"
    return f"{shown:%a} {shown.day} {shown:%b}{year} {shown:%H:%M:%S}".removesuffix(":00")


def countdown(seconds: float) -> str:
    """Return `in 42 s`, `in 2 h 14 min`, `in 3 d 4 h`; `now` for what is due."""
    left = int(seconds)
    if left < 1:
        return "now"
    for (size, unit), (smaller, small_unit) in pairwise(_UNITS):
        if left >= size:
            rest = left % size // smaller
            return f"in {left // size} {unit}" + (f" {rest} {small_unit}" if rest else "")
    return f"in {left} s"


def duration(start: str | None, end: str | None) -> str:
    """Return how long it took, or takes so far where there is no end; `-` before the start."""
    if start is None:
        return "-"
    until = datetime.fromisoformat(end) if end else datetime.now(UTC)
    return seconds_text((until - datetime.fromisoformat(start)).total_seconds())


def seconds_text(seconds: float) -> str:
    """Return a duration: `0.4 s`, `12.3 s`, `3 min 4 s`, `2 h 5 min`."""
    if seconds < 60:
        return f"{max(seconds, 0):.1f} s"
    if seconds < 3600:
        return f"{int(seconds // 60)} min {int(seconds % 60)} s"
    return f"{int(seconds // 3600)} h {int(seconds % 3600 // 60)} min"


def _coarse(seconds: float) -> str:
    size, unit = next((size, unit) for size, unit in _UNITS if seconds >= size)
    return f"{int(seconds // size)} {unit}"
