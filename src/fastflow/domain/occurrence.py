"""Occurrences: what can become of one due moment of a schedule."""

from enum import StrEnum


class ScheduleOrigin(StrEnum):
    """Who wrote a schedule."""

    MANIFEST = "manifest"
    API = "api"


class OccurrenceStatus(StrEnum):
    """What became of an occurrence. The ledger has exactly these words."""

    WAITING = "waiting"
    """A missed one that will be run; catch-up is paced, and its turn has not come."""
    RUN = "run"
    """It made a run (which may have been rejected; the run says why)."""
    COALESCED = "coalesced"
    """Another occurrence's run stands for it too."""
    SKIPPED = "skipped"
    """No run, for the reason given."""
