"""Says whether text is a cron expression that is ever due; when it is due is decided elsewhere."""

import re
from datetime import datetime
from functools import lru_cache
from typing import Final

from cronsim import CronSim, CronSimError

_MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS: Final = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_FIELDS: Final[tuple[tuple[str, int, int, tuple[str, ...]], ...]] = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of month", 1, 31, ()),
    ("month", 1, 12, _MONTHS),
    ("day of week", 0, 7, _DAYS),
)
_PART: Final = re.compile(r"(?P<first>\*|[0-9A-Z]+)(?:-(?P<last>[0-9A-Z]+))?(?:/(?P<step>[0-9]{1,4}))?")
_NTH_DAY: Final = re.compile(r"(?P<day>[0-9A-Z]+)#[1-5]")
_LAST: Final = re.compile(r"[0-9A-Z]+L")
LONGEST: Final = 200
NEVER_DUE: Final = "is never due: there is no such date"


def cron_problem(expression: str) -> str | None:
    """Return what is wrong with a 5-field cron expression; None where nothing is.

    What passes can be computed by `domain.schedule`, and is due some day.
    """
    fields = expression.split()
    if len(expression) > LONGEST:
        return f"is longer than {LONGEST} characters"
    if len(fields) != len(_FIELDS):
        return f"has {len(fields)} fields instead of 5 (minute, hour, day of month, month, day of week)"
    for text, (name, lowest, highest, words) in zip(fields, _FIELDS, strict=True):
        for part in text.upper().split(","):
            if not _is_part(part, name, lowest, highest, words):
                return f"has {text!r} as its {name}, which goes from {lowest} to {highest}"
    return None if _is_ever_due(for_cronsim(expression)) else NEVER_DUE


def for_cronsim(expression: str) -> str:
    """Return a valid expression so that cronsim reads it as it is meant."""
    fields = zip(expression.upper().split(), _FIELDS, strict=True)
    return " ".join(
        ",".join(_part_for_cronsim(part, lowest, words) for part in text.split(","))
        for text, (_, lowest, _, words) in fields
    )


def _part_for_cronsim(part: str, lowest: int, words: tuple[str, ...]) -> str:
    if part[:-1] in words and _LAST.fullmatch(part):
        return f"{words.index(part[:-1])}L"  # it refuses FRIL
    match = _PART.fullmatch(part)
    if match and match["step"] and match["last"]:
        first = _number(match["first"], lowest, words)
        if first == _number(match["last"], lowest, words):
            return str(first)  # it takes 5-5/2 for 5/2, which goes on to the end
    return part


@lru_cache(maxsize=4096)
def _is_ever_due(expression: str) -> bool:
    try:
        # It gives up after 50 years, and every combination of date and weekday comes back within 40.
        return next(CronSim(expression, datetime(2000, 1, 1)), None) is not None
    except CronSimError:  # it sees "30 February" at once
        return False


def _is_part(part: str, name: str, lowest: int, highest: int, words: tuple[str, ...]) -> bool:
    if name == "day of month" and part in ("L", "LW"):
        return True
    if name == "day of week":
        nth = _NTH_DAY.fullmatch(part)
        day = nth["day"] if nth else part[:-1] if _LAST.fullmatch(part) else None
        if day:
            return _number(day, lowest, words) in range(lowest, highest + 1)
    match = _PART.fullmatch(part)
    if match is None or (match["step"] is not None and int(match["step"]) == 0):
        return False
    if match["first"] == "*":
        return match["last"] is None
    first = _number(match["first"], lowest, words)
    last = first if match["last"] is None else _number(match["last"], lowest, words)
    return first is not None and last is not None and lowest <= first <= last <= highest


def _number(text: str, lowest: int, words: tuple[str, ...]) -> int | None:
    if text in words:
        return words.index(text) + lowest
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 2 else None
