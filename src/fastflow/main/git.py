"""Wires what Git repositories need: the adapters, the sync and its loop."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from fastflow.domain.environment_ports import Environments
from fastflow.domain.ports import Clock
from fastflow.domain.repository import Authentication
from fastflow.domain.repository_ports import Mirrors
from fastflow.orchestrator.repository_sync import RepositorySync
from fastflow.services.graph import PipelineGraph
from fastflow.services.mirror_keeping import MirrorKeeping
from fastflow.services.pipelines import Pipelines
from fastflow.services.sources import Sources
from fastflow.services.sync import Doors, Sync
from fastflow.services.sync_packages import Packages
from fastflow.services.sync_status import SyncStatuses
from fastflow.services.sync_times import SyncTimes
from fastflow.store.database import Database
from fastflow.store.tables import RepositoryRow


@dataclass(frozen=True, slots=True)
class GitParts:
    """The services and loops of Git repositories."""

    sync: Sync
    statuses: SyncStatuses
    repository_sync: RepositorySync
    keeping: MirrorKeeping
    times: SyncTimes
    loops: dict[str, Callable[[], Awaitable[None]]]


def wire_git(
    database: Database,
    clock: Clock,
    doors: Doors,
    mirrors: Mirrors,
    sources: Sources,
    pipelines: Pipelines,
    environments: Environments,
    graph: PipelineGraph,
    every: timedelta,
) -> GitParts:
    """Return the parts; nothing runs yet. `every`: the interval of repositories that name none."""
    times = SyncTimes(every, secrets.SystemRandom().random)
    packages = Packages(sources, environments)
    sync = Sync(database, doors, mirrors, sources, pipelines, packages, graph, clock, times)
    repository_sync = RepositorySync(sync, clock)
    statuses = SyncStatuses(database, sync.queue, times)
    keeping = MirrorKeeping(database, mirrors, sync.queue, clock)
    loops: dict[str, Callable[[], Awaitable[None]]] = {"repository sync": repository_sync.run}
    return GitParts(sync, statuses, repository_sync, keeping, times, loops)


def introduced(row: RepositoryRow) -> str:
    """Say for the terminal where a repository is, and which key its Git host has to be given."""
    state = "" if row.is_enabled else "; disabled, not synced"
    key = f"; deploy key: {row.public_key}" if row.authentication is Authentication.DEPLOY_KEY else ""
    return f"repository {row.name}: {row.url} ({row.branch or 'default branch'}){state}{key}"
