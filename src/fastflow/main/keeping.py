"""Wires what decides what is kept on disk, and for how long."""

from collections.abc import Sequence

from fastflow.domain.environment import StoreBounds
from fastflow.domain.ports import Clock
from fastflow.orchestrator.janitor import Chore, Janitor
from fastflow.orchestrator.tools import Tools
from fastflow.services.environment_store import EnvironmentStore
from fastflow.services.retention import Retention
from fastflow.store.database import Database


def wire_keeping(
    database: Database, clock: Clock, tools: Tools, bounds: StoreBounds, chores: Sequence[Chore]
) -> tuple[EnvironmentStore, Janitor]:
    """Return the store of environments as people see it, and who tidies up."""
    retention = Retention(database, clock)
    store = EnvironmentStore(database, tools.environments, retention, clock, bounds)
    return store, Janitor(retention, store, tools, chores)
