"""The facts about one process of this machine that the adapter needs."""

from typing import NamedTuple


class Process(NamedTuple):
    """A process at the moment it was looked at."""

    pid: int
    parent: int
    start: str
    """When it started, in whatever notation the system has: a pid and its start are never used twice."""
    cpu_seconds: float
    """Its own, all threads."""
    children_cpu_seconds: float
    """Of the children it has already waited for."""
    memory_bytes: int
    """Resident; pages shared between processes count in each."""
    is_zombie: bool
    """It has ended, its parent has not noticed yet."""
