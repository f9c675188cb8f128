"""Tells people what something long is doing, without flooding them."""

import time
from collections.abc import Callable
from typing import Final

_SECONDS: Final = 2.0

Report = Callable[[str], None]
"""Told one line for a step that takes long."""


def at_intervals(report: Report, monotonic: Callable[[], float] = time.monotonic) -> Report:
    """Return a report that passes on the first line, and then one every two seconds at most."""
    next_at = monotonic()

    def told(line: str) -> None:
        nonlocal next_at
        if monotonic() >= next_at:
            report(line)
            next_at = monotonic() + _SECONDS

    return told
