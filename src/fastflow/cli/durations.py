"""Reads durations from the command line."""

import re
from typing import Final

from fastflow.cli.exit_codes import ExitCode
from fastflow.cli.failures import CommandFailed

_UNITS: Final = {"s": 1, "min": 60, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_DURATION: Final = re.compile(r"(\d{1,9})\s*(s|min|m|h|d|w)?")


def read_seconds(option: str, text: str) -> int:
    """Return the seconds that `90`, `90s`, `15min`, `6h`, `30d` or `2w` stand for.

    Raises:
        CommandFailed: it is no such thing; names the option.
    """
    found = _DURATION.fullmatch(text.strip().lower())
    if found is None:
        raise CommandFailed(
            ExitCode.USAGE, f"{option} {text!r} is no duration; write it as 90s, 15min, 6h, 30d or 2w."
        )
    return int(found[1]) * _UNITS[found[2] or "s"]
