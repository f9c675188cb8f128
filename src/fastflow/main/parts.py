"""Puts the inside together on top of an outside: real adapters in the server, fakes in tests."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import PurePosixPath
from typing import Final

from fastapi import FastAPI

from fastflow.api.app import create_app
from fastflow.api.deps import Services
from fastflow.api.schemas.system import SettingView
from fastflow.api.sse import Closing
from fastflow.domain.ports import (
    Checkouts,
    Clock,
    Environments,
    Executor,
    LogStore,
    MetricStore,
    PipelineSource,
    Readiness,
)
from fastflow.domain.repository_ports import Mirrors
from fastflow.main.git import GitParts, PlainDoors, wire_git
from fastflow.orchestrator.chain import Chain
from fastflow.orchestrator.janitor import Janitor
from fastflow.orchestrator.reconciler import Reconciler
from fastflow.orchestrator.repository_watch import RepositoryWatch
from fastflow.orchestrator.tools import AttemptDirectories, Tools
from fastflow.orchestrator.warming import Warming
from fastflow.orchestrator.worker import Worker
from fastflow.services.attempts import Attempts
from fastflow.services.chaining import Chaining
from fastflow.services.events import Events
from fastflow.services.graph import PipelineGraph
from fastflow.services.logs import Logs
from fastflow.services.pipelines import Pipelines
from fastflow.services.retention import Retention
from fastflow.services.run_requests import RunDefaults
from fastflow.services.runs import Runs
from fastflow.services.sources import Sources
from fastflow.services.statistics import Statistics
from fastflow.services.system import System
from fastflow.store.database import Database

LEASE: Final = timedelta(seconds=30)

Loop = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Outside:
    """What the inside stands on: every port's adapter, or its fake."""

    database: Database
    clock: Clock
    executor: Executor
    source: PipelineSource | None
    """The local folder of pipelines; None: it is not in use."""
    environments: Environments
    logs: LogStore
    metrics: MetricStore
    directories: AttemptDirectories
    mirrors: Mirrors
    checkouts: Checkouts


@dataclass(frozen=True, slots=True)
class Options:
    """The settings that the inside needs, in its own units."""

    host: str
    """Names this host in leases."""
    slots: int = 10
    starts_at_once: int = 4
    stop_grace: timedelta = timedelta(seconds=10)
    network: str = "bridge"
    inside_directory: PurePosixPath | None = None
    defaults: RunDefaults = field(default_factory=RunDefaults)
    is_warming: bool = False
    sync_interval: timedelta = timedelta(0)
    """From one look at a Git repository to the next; zero: only when asked."""
    settings: tuple[SettingView, ...] = ()
    """For people who look them up."""


@dataclass(frozen=True, slots=True)
class Parts:
    """A server's parts, wired and not started yet."""

    app: FastAPI
    services: Services
    tools: Tools
    worker: Worker
    reconciler: Reconciler
    chain: Chain
    git: GitParts
    warming: Warming
    janitor: Janitor
    loops: dict[str, Loop]
    """What runs beside each other until the server ends, by name."""


def wire(outside: Outside, options: Options) -> Parts:
    """Return the parts of a server; nothing runs yet."""
    database, clock = outside.database, outside.clock
    sources = Sources(outside.source, outside.mirrors, outside.checkouts)
    tools = _tools(outside, options, sources)
    events = Events(database)
    pipelines = Pipelines(database, sources, clock)
    runs = Runs(database, pipelines, clock, options.defaults)
    worker = Worker(tools, events, database.queue_changed)
    reconciler = Reconciler(tools, worker)
    chain = Chain(Chaining(database, runs), events, clock)
    janitor = Janitor(Retention(database, clock), tools)
    watch = RepositoryWatch(pipelines, clock)
    warming = Warming(
        pipelines,
        sources,
        outside.environments,
        clock,
        default_python=options.defaults.python_version,
    )
    git = wire_git(
        database,
        clock,
        PlainDoors(),
        outside.mirrors,
        sources,
        pipelines,
        outside.environments,
        options.sync_interval,
    )
    services = Services(
        runs=runs,
        pipelines=pipelines,
        sync=git.sync,
        sync_statuses=git.statuses,
        graph=PipelineGraph(database),
        logs=Logs(runs, outside.logs, outside.metrics, events),
        events=events,
        statistics=Statistics(database, clock),
        system=System(database, outside.executor, options.slots, lambda: _started(reconciler)),
        settings=options.settings,
        closing=Closing(),
    )
    loops: dict[str, Loop] = {
        "events": events.pump,
        "dispatcher": worker.dispatch,
        "cancels": worker.listen,
        "leases": worker.renew,
        "reconciler": reconciler.run,
        "chain": chain.run,
        "repository watch": watch.run,
        **git.loops,
        "janitor": janitor.run,
    }
    if options.is_warming:
        loops["warming"] = warming.run
    return Parts(
        create_app(services), services, tools, worker, reconciler, chain, git, warming, janitor, loops
    )


def _tools(outside: Outside, options: Options, sources: Sources) -> Tools:
    return Tools(
        attempts=Attempts(
            outside.database, outside.clock, host=options.host, slots=options.slots, lease_for=LEASE
        ),
        executor=outside.executor,
        environments=outside.environments,
        source=sources,
        logs=outside.logs,
        metrics=outside.metrics,
        directories=outside.directories,
        clock=outside.clock,
        starts=asyncio.Semaphore(options.starts_at_once),
        stop_grace=options.stop_grace,
        network=options.network,
        inside_directory=options.inside_directory,
    )


def _started(reconciler: Reconciler) -> Readiness:
    if reconciler.has_reconciled:
        return Readiness(True, "Attempts of earlier starts have been looked after.")
    return Readiness(False, "Attempts of earlier starts are being looked for.")
