"""Wires what makes runs by the clock."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fastflow.domain.ports import AlarmClock, Clock
from fastflow.orchestrator.scheduler import Scheduler
from fastflow.services.catching_up import CatchingUp
from fastflow.services.firing import Firing
from fastflow.services.ledger import Ledger
from fastflow.services.pipelines import Pipelines
from fastflow.services.run_requests import RunDefaults
from fastflow.services.schedules import Schedules
from fastflow.store.database import Database


@dataclass(frozen=True, slots=True)
class SchedulingParts:
    """Schedules from their rows to their runs."""

    schedules: Schedules
    ledger: Ledger
    firing: Firing
    catching_up: CatchingUp
    scheduler: Scheduler

    @property
    def loops(self) -> dict[str, Callable[[], Awaitable[None]]]:
        """What runs until the server ends, by name."""
        return {
            "scheduler": self.scheduler.run,
            "schedule changes": self.scheduler.listen,
            "catch-up": self.scheduler.catch_up,
        }


def wire_scheduling(
    database: Database,
    clock: Clock,
    alarm: AlarmClock,
    pipelines: Pipelines,
    defaults: RunDefaults,
    *,
    slots: int,
    timezone: str,
) -> SchedulingParts:
    """Return the parts; nothing runs yet."""
    schedules = Schedules(database, pipelines, clock, timezone)
    firing = Firing(database, clock, defaults)
    catching_up = CatchingUp(database, clock, defaults, slots)
    scheduler = Scheduler(
        pipelines,
        schedules,
        firing,
        catching_up,
        alarm,
        clock,
        schedules_changed=database.schedules_changed,
        queue_changed=database.queue_changed,
    )
    return SchedulingParts(schedules, Ledger(database, clock), firing, catching_up, scheduler)
