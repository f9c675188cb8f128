"""Says whether text looks like a cron expression; when it is due is decided elsewhere."""

import re
from typing import Final

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
_LAST: Final = re.compile(r"L|[0-9A-Z]+L")
LONGEST: Final = 200


def cron_problem(expression: str) -> str | None:
    """Return what is wrong with a 5-field cron expression; None where nothing is."""
    fields = expression.split()
    if len(expression) > LONGEST:
        return f"is longer than {LONGEST} characters"
    if len(fields) != len(_FIELDS):
        return f"has {len(fields)} fields instead of 5 (minute, hour, day of month, month, day of week)"
    for text, (name, lowest, highest, words) in zip(fields, _FIELDS, strict=True):
        for part in text.upper().split(","):
            if not _is_part(part, name, lowest, highest, words):
                return f"has {text!r} as its {name}, which goes from {lowest} to {highest}"
    return None


def _is_part(part: str, name: str, lowest: int, highest: int, words: tuple[str, ...]) -> bool:
    if name == "day of month" and part == "L":
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
