"""Sizes and resource limits: how they are written, what they mean."""

import re
from dataclasses import dataclass
from typing import Final

_UNITS: Final = {"": 1, "b": 1, "k": 1024, "m": 1024**2, "g": 1024**3, "t": 1024**4}
_SIZE: Final = re.compile(r"(?P<number>[0-9]+(?:\.[0-9]+)?)\s*(?P<unit>[kmgt]?)i?b?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one attempt may use at most, and the softer marks that only warn. None means no mark."""

    cpu_cores: float | None = None
    memory_bytes: int | None = None
    soft_cpu_cores: float | None = None
    soft_memory_bytes: int | None = None
    processes: int = 512


def parse_bytes(text: str) -> int:
    """Read a size such as `512m`, `1.5g` or `1048576` (powers of 1024, as Docker reads them).

    Raises:
        ValueError: not a size, or zero.
    """
    match = _SIZE.fullmatch(text.strip())
    size = float(match["number"]) * _UNITS[match["unit"].lower()] if match else 0
    if size < 1:
        raise ValueError(f"{text!r} is not a size; write a number with k, m or g, such as '512m'")
    return int(size)


def format_bytes(size_bytes: int) -> str:
    """Write a size for people: `512 MiB`, `1.5 GiB`."""
    size = float(size_bytes)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size < 1024:
            return f"{size:.4g} {unit}"
        size /= 1024
    return f"{size:.4g} TiB"
