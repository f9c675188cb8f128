"""What tests of schedules have in common: put a pipeline, fire, look into the ledger."""

import json
from datetime import timedelta
from typing import Final

from fastflow.domain.cause import ScheduleCause, cause_of
from fastflow.store import occurrences
from fastflow.store.runs import RunFilter
from fastflow.store.tables import OccurrenceRow, RunRow, ScheduleRow
from tests.plugins.world import Instance, World

SECOND: Final = timedelta(seconds=1)
MINUTE: Final = timedelta(minutes=1)
HOUR: Final = timedelta(hours=1)


def scheduled(world: World, name: str = "p", /, **manifest: object) -> None:
    """Put a pipeline with that manifest."""
    world.source.put(name, manifest=json.dumps(manifest))


async def runs_of(server: Instance, name: str = "p") -> list[RunRow]:
    """Return a pipeline's runs, oldest first."""
    rows, _ = await server.runs.page(RunFilter(pipeline_name=name), 500, None)
    return list(reversed(rows))


async def schedule_of(server: Instance, name: str = "p") -> ScheduleRow:
    (state,) = await server.schedules.every(name)
    return state.row


async def ledger_of(server: Instance, name: str = "p") -> list[OccurrenceRow]:
    """Return what the ledger holds of a pipeline's only schedule, oldest first."""
    row = await schedule_of(server, name)
    found = await server.database.read(lambda session: occurrences.page(session, row.id, 5000))
    return [entry for entry, _ in reversed(found)]


async def fired(server: Instance) -> int:
    return await server.parts.scheduling.firing.fire()


def due_of(run: RunRow) -> ScheduleCause:
    cause = cause_of(run.cause)
    assert isinstance(cause, ScheduleCause)
    return cause


async def paced(server: Instance) -> bool:
    """Start missed occurrences as far as there is room; return whether some are left."""
    return await server.parts.scheduling.catching_up.pace()
