"""Chooses the few bytes by which the forms of a value are recognised: together few, and rare in logs."""

from collections.abc import Iterable
from typing import Final

from fastflow.domain.masking_forms import Form

WINDOW_BYTES: Final = 8
_LOOKED_AT_FIRST: Final = 3
"""The fast search compares this many bytes before it looks at the rest."""
_LOOKED_THROUGH_BYTES: Final = 256
_COMMON: Final = frozenset(b"etaoinsrhldcu \n\t0123456789-:.,/=_\"'")

Holders = dict[bytes, list[tuple[Form, int]]]
"""By window the forms that hold it, and where in them it begins."""


def holders_of(forms: Iterable[Form]) -> Holders:
    """Return the windows by which the forms of one value are found; forms share them where they can."""
    holders: Holders = {}
    for form in sorted(forms, key=lambda form: (len(form.text), form)):
        beginning = form.text[:_LOOKED_THROUGH_BYTES]
        shared = next((window for window in holders if window in beginning), None)
        if shared is None:
            offset = _best_place(beginning)
            shared = beginning[offset : offset + WINDOW_BYTES]
        holders.setdefault(shared, []).append((form, beginning.find(shared)))
    return holders


def _best_place(text: bytes) -> int:
    """Return where a window begins that no escaping changes, and that is rarely in a log."""

    def badness(at: int) -> tuple[int, int]:
        window = text[at : at + WINDOW_BYTES]
        escaped = sum(not chr(byte).isalnum() or byte > 127 for byte in window)
        return escaped, sum(byte in _COMMON for byte in window[:_LOOKED_AT_FIRST])

    return min(range(max(1, len(text) - WINDOW_BYTES + 1)), key=badness)
