"""Counts what ends while the server runs, for those who watch many servers at once."""

from collections import Counter
from typing import Final

from fastflow.domain.events import Event, EventType
from fastflow.domain.histogram import Histogram
from fastflow.services.events import Events

SECONDS: Final = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600, 14_400)


class Figures:
    """A listener of the events. It counts from zero at each start, as counters of Prometheus may."""

    def __init__(self, events: Events) -> None:
        self._events = events
        self._heard: int | None = None
        self.runs: Counter[tuple[str, str]] = Counter()
        """Ended runs by pipeline and status."""
        self.syncs: Counter[tuple[str, str]] = Counter()
        """Ended syncs by repository and status."""
        self.waited = Histogram(SECONDS)
        """From the trigger to the start of runs that have ended."""
        self.lasted = Histogram(SECONDS)
        """From their start to their end."""

    async def run(self) -> None:
        """Listen for ever; begun anew it misses nothing."""
        if self._heard is None:
            self._heard = self._events.position
        async for batch in self._events.follow(self._heard):
            for event in batch:
                self._count(event)
                self._heard = event.sequence

    def _count(self, event: Event) -> None:
        payload = event.payload
        if event.type is EventType.RUN_FINISHED:
            self.runs[event.pipeline_name or "", str(payload.get("status"))] += 1
            match payload:
                case {"waited_seconds": int() | float() as waited, "seconds": int() | float() as lasted}:
                    self.waited.observe(waited)
                    self.lasted.observe(lasted)
                case _:
                    pass  # it was never started
        elif event.type is EventType.SYNC_FINISHED:
            self.syncs[str(payload.get("repository")), str(payload.get("status"))] += 1
