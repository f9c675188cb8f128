"""Measures how the work of an expression grows with the length of a text: against itself, not by a clock."""

import re
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any, Final

from tests.expressions.attacking import Attack

_TOO_MUCH: Final = 3.0
"""What the time may grow by where the length doubles: 2 is linear, 4 is quadratic."""
_LENGTHS: Final = (16, 20, 24, 28, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192)
_MEASURABLE_SECONDS: Final = 0.0004
_ENOUGH_SECONDS: Final = 0.02
_EXPONENTIAL: Final = 2.5
"""Four characters more never take a linear search that much longer."""
_CONFIRMATIONS: Final = 3
"""A busy machine can make one measurement look like growth; what grows does so every time."""

Work = Callable[[str], object]


def use_of(pattern: re.Pattern[Any], use: str) -> Work:
    """Return what using the expression on a text is: whole, from the beginning, or from everywhere."""
    if isinstance(pattern.pattern, bytes):
        return lambda text: _apply(pattern, use, text.encode("latin-1", "replace"), b"")
    return lambda text: _apply(pattern, use, text, "")


def _apply(pattern: re.Pattern[Any], use: str, subject: Any, nothing: Any) -> object:
    method: Callable[..., object] = getattr(pattern, "sub" if use == "search" else use)
    return method(nothing, subject) if use == "search" else method(subject)


def grows_too_fast(work: Work, attack: Attack) -> bool:
    """Whether the time of the work grows clearly faster than the text does.

    What stays too short to be measured up to a text of eight kilobytes is fast enough.
    """
    return all(_seems_to_grow_too_fast(work, attack) for _ in range(_CONFIRMATIONS))


def _seems_to_grow_too_fast(work: Work, attack: Attack) -> bool:
    times: list[tuple[int, float]] = []
    for length in _LENGTHS:
        times.append((length, _seconds(work, attack.text(length))))
        if times[-1][1] > _ENOUGH_SECONDS:
            break
    if times[-1][1] < _MEASURABLE_SECONDS:
        return False
    return all(_is_too_fast(*pair) for pair in list(pairwise(times))[-2:])


def _is_too_fast(before: tuple[int, float], after: tuple[int, float]) -> bool:
    if after[1] < _MEASURABLE_SECONDS / 4:
        return False
    ratio = after[1] / max(before[1], 1e-7)
    return ratio > (_TOO_MUCH if after[0] == 2 * before[0] else _EXPONENTIAL)


def _seconds(work: Work, text: str) -> float:
    """Return the shortest of some tries, of this thread's own time."""
    tries: list[float] = []
    for _ in range(5):
        began = time.thread_time()
        work(text)
        tries.append(time.thread_time() - began)
        if tries[0] < _MEASURABLE_SECONDS / 4 or tries[0] > 4 * _ENOUGH_SECONDS:
            break
    return min(tries)
