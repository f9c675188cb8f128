"""Wires what decides what is kept on disk, how long, and when it is renewed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from fastflow.domain.environment import StoreBounds
from fastflow.domain.ports import Clock
from fastflow.orchestrator.janitor import Chore, Janitor
from fastflow.orchestrator.tools import Tools
from fastflow.services.environment_store import EnvironmentStore
from fastflow.services.lock_upgrades import LockUpgrades
from fastflow.services.pipelines import Pipelines
from fastflow.services.retention import Retention
from fastflow.services.run_retention import RunLimits, RunRetention
from fastflow.store.database import Database


@dataclass(frozen=True, slots=True)
class KeepingParts:
    """The environments as people see them, and who tidies up."""

    store: EnvironmentStore
    lock_upgrades: LockUpgrades
    janitor: Janitor


def wire_keeping(
    database: Database,
    clock: Clock,
    pipelines: Pipelines,
    tools: Tools,
    chores: Sequence[Chore],
    *,
    bounds: StoreBounds,
    default_python: str | None,
    lock_upgrade_every: timedelta,
    run_limits: RunLimits,
) -> KeepingParts:
    """Return the parts; nothing runs yet."""
    retention = Retention(database, clock)
    store = EnvironmentStore(database, tools.environments, retention, clock, bounds)
    upgrades = LockUpgrades(
        database,
        pipelines,
        tools.source,
        tools.environments,
        clock,
        default_python=default_python,
        every=lock_upgrade_every,
    )
    old_runs = RunRetention(database, clock, tools.logs, run_limits)
    chores = [*chores, old_runs.delete_old, upgrades.upgrade_old]
    return KeepingParts(store, upgrades, Janitor(retention, store, tools, chores))
