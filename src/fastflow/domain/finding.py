"""What an examination of the machine finds."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARN = "warn"
    """Runs work, but not as they should."""
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was seen of one thing."""

    name: str
    verdict: Verdict
    message: str
    remedy: str = ""
    """What to do about it; empty where all is well."""
