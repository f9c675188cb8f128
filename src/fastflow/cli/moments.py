"""Writes moments and durations: humane on a terminal, exact for everything else."""

from datetime import UTC, datetime

from fastflow.cli.output import is_terminal

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def when(moment: str | None) -> str:
    """Return `2 min ago` on a terminal, the moment itself elsewhere, and `-` for none."""
    if moment is None:
        return "-"
    if not is_terminal():
        return moment
    seconds = (datetime.now(UTC) - datetime.fromisoformat(moment)).total_seconds()
    return f"{_coarse(seconds)} ago" if seconds >= 1 else "now"


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
