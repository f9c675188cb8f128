"""What differs between two things that were given by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Difference(StrEnum):
    """How a name differs."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Changed(Generic[Value]):
    """A name that does not mean the same before and after."""

    name: str
    difference: Difference
    before: Value | None
    after: Value | None


def differences(before: Mapping[str, Value], after: Mapping[str, Value]) -> list[Changed[Value]]:
    """Return what differs, by name."""
    found: list[Changed[Value]] = []
    for name in sorted({*before, *after}):
        if name not in before:
            found.append(Changed(name, Difference.ADDED, None, after[name]))
        elif name not in after:
            found.append(Changed(name, Difference.REMOVED, before[name], None))
        elif before[name] != after[name]:
            found.append(Changed(name, Difference.CHANGED, before[name], after[name]))
    return found
