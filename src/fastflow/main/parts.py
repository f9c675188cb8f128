"""Puts the inside together on top of an outside: real adapters in the server, fakes in tests."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from fastapi import FastAPI

from fastflow.api.app import create_app
from fastflow.api.deps import PageServices, Services
from fastflow.api.sse import Closing
from fastflow.domain.ports import (
    Readiness,
)
from fastflow.main.accounts import AccountParts, wire_accounts
from fastflow.main.git import GitParts, wire_git
from fastflow.main.keeping import KeepingParts, wire_keeping
from fastflow.main.outside import Options, Outside
from fastflow.main.pages import Beneath, wire_pages
from fastflow.main.scheduling import SchedulingParts, wire_scheduling
from fastflow.main.triggers import TriggerParts, wire_triggers
from fastflow.orchestrator.chain import Chain
from fastflow.orchestrator.janitor import Chore, Janitor
from fastflow.orchestrator.reconciler import Reconciler
from fastflow.orchestrator.repository_watch import RepositoryWatch
from fastflow.orchestrator.tools import Tools
from fastflow.orchestrator.warming import Warming
from fastflow.orchestrator.worker import Worker
from fastflow.services.attempts import Attempts
from fastflow.services.audit_log import AuditLog
from fastflow.services.chaining import Chaining
from fastflow.services.events import Events
from fastflow.services.figures import Figures
from fastflow.services.github_apps import GitHubApps
from fastflow.services.graph import PipelineGraph
from fastflow.services.key_check import KeyCheck
from fastflow.services.logs import Logs
from fastflow.services.pipelines import Pipelines
from fastflow.services.repositories import Repositories
from fastflow.services.rotation import KeyRotation
from fastflow.services.run_secrets import RunSecrets
from fastflow.services.runs import Runs
from fastflow.services.secrets import Secrets
from fastflow.services.sources import Sources
from fastflow.services.statistics import Statistics
from fastflow.services.sync import Sync
from fastflow.services.system import System
from fastflow.services.wrong_keys import WrongKeys

LEASE: Final = timedelta(seconds=30)

Loop = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Parts:
    """A server's parts, wired and not started yet."""

    app: FastAPI
    services: Services
    accounts: AccountParts
    tools: Tools
    worker: Worker
    reconciler: Reconciler
    chain: Chain
    git: GitParts
    scheduling: SchedulingParts
    triggers: TriggerParts
    warming: Warming
    janitor: Janitor
    watch: RepositoryWatch
    is_warming: bool

    @property
    def loops(self) -> dict[str, Loop]:
        """What runs beside each other until the server ends, by name."""
        loops: dict[str, Loop] = {
            "events": self.services.events.pump,
            "dispatcher": self.worker.dispatch,
            "cancels": self.worker.listen,
            "leases": self.worker.renew,
            "reconciler": self.reconciler.run,
            "chain": self.chain.run,
            "figures": self.services.system.figures.run,
            "repository watch": self.watch.run,
            **self.accounts.loops,
            **self.git.loops,
            **self.scheduling.loops,
            **self.triggers.loops,
            "janitor": self.janitor.run,
        }
        if self.is_warming:
            loops["warming"] = self.warming.run
        return loops


def wire(outside: Outside, options: Options) -> Parts:
    """Return the parts of a server; nothing runs yet."""
    database, clock = outside.database, outside.clock
    accounts, graph = _accounts(outside, options), PipelineGraph(database)
    sources, events = Sources(outside.source, outside.mirrors, outside.checkouts), Events(database)
    pipelines = Pipelines(database, sources, clock, options.timezone)
    tools, runs = _tools(outside, options, sources), Runs(database, pipelines, clock, options.defaults)
    worker, repositories = Worker(tools, events, database.queue_changed), _repositories(outside, options)
    reconciler = Reconciler(tools, worker)
    git = _git(outside, options, pipelines, sources, repositories, graph)
    triggers = _triggers(outside, options, runs, git.sync)
    rotation, audit_log = KeyRotation(database, outside.cipher, clock), _audit_log(outside, options)
    chores = [git.keeping.tidy, accounts.services.sessions.trim, triggers.deliveries.trim, audit_log.trim]
    keeping = _keeping(outside, options, pipelines, tools, chores)
    scheduling = _scheduling(outside, options, pipelines)
    system = _system(outside, options, reconciler, rotation, events)
    services = Services(
        accounts=accounts.services,
        runs=runs,
        pipelines=pipelines,
        repositories=repositories,
        github_apps=_github_apps(outside, options),
        sync=git.sync,
        sync_statuses=git.statuses,
        graph=graph,
        schedules=scheduling.schedules,
        ledger=scheduling.ledger,
        webhooks=triggers.webhooks,
        webhook_keys=triggers.webhook_keys,
        push_webhooks=triggers.push_webhooks,
        deliveries=triggers.deliveries,
        secrets=Secrets(database, outside.cipher, clock),
        environment_store=keeping.store,
        lock_upgrades=keeping.lock_upgrades,
        logs=Logs(runs, outside.logs, outside.metrics, events),
        events=events,
        audit_log=audit_log,
        statistics=Statistics(database, clock),
        rotation=rotation,
        system=system,
        pages=_pages(outside, options, accounts, pipelines, sources, system, git, scheduling),
        settings=options.settings,
        closing=Closing(),
    )
    return Parts(
        create_app(services, is_https=options.is_https, hosts=options.hosts),
        services,
        accounts,
        tools,
        worker,
        reconciler,
        Chain(Chaining(database, runs), events, clock),
        git,
        scheduling,
        triggers,
        _warming(outside, options, pipelines, sources),
        keeping.janitor,
        RepositoryWatch(pipelines, clock),
        options.is_warming,
    )


def _keeping(
    outside: Outside, options: Options, pipelines: Pipelines, tools: Tools, chores: Sequence[Chore]
) -> KeepingParts:
    return wire_keeping(
        outside.database,
        outside.clock,
        pipelines,
        tools,
        chores,
        bounds=options.store_bounds,
        default_python=options.defaults.python_version,
        lock_upgrade_every=options.lock_upgrade_every,
        run_limits=options.run_limits,
    )


def _audit_log(outside: Outside, options: Options) -> AuditLog:
    return AuditLog(outside.database, outside.clock, options.audit_kept_for)


def _accounts(outside: Outside, options: Options) -> AccountParts:
    return wire_accounts(
        outside.database,
        outside.clock,
        outside.passwords,
        outside.access_tokens,
        WrongKeys(outside.clock, options.wrong_keys_answered_after),
        outside.elsewhere,
        is_local=options.is_local,
    )


def _scheduling(outside: Outside, options: Options, pipelines: Pipelines) -> SchedulingParts:
    return wire_scheduling(
        outside.database,
        outside.clock,
        outside.alarm,
        pipelines,
        options.defaults,
        slots=options.slots,
        timezone=options.timezone,
    )


def _triggers(outside: Outside, options: Options, runs: Runs, sync: Sync) -> TriggerParts:
    return wire_triggers(
        outside.database,
        outside.clock,
        outside.cipher,
        runs,
        sync,
        per_minute=options.webhook_rate_per_minute,
        max_body_bytes=options.webhook_max_body_bytes,
        wrong_keys_answered_after=options.wrong_keys_answered_after,
    )


def _repositories(outside: Outside, options: Options) -> Repositories:
    return Repositories(
        outside.database,
        outside.cipher,
        outside.keys,
        outside.tokens,
        outside.mirrors,
        outside.clock,
        may_be_private=options.may_be_private,
        protocols=options.repository_protocols,
    )


def _github_apps(outside: Outside, options: Options) -> GitHubApps:
    return GitHubApps(
        outside.database,
        outside.cipher,
        outside.tokens,
        outside.clock,
        may_be_private=options.may_be_private,
        protocols=options.repository_protocols,
    )


def _git(
    outside: Outside,
    options: Options,
    pipelines: Pipelines,
    sources: Sources,
    repositories: Repositories,
    graph: PipelineGraph,
) -> GitParts:
    return wire_git(
        outside.database,
        outside.clock,
        repositories.doors,
        outside.mirrors,
        sources,
        pipelines,
        outside.environments,
        graph,
        options.sync_interval,
    )


def _warming(outside: Outside, options: Options, pipelines: Pipelines, sources: Sources) -> Warming:
    return Warming(
        pipelines,
        sources,
        outside.environments,
        outside.clock,
        default_python=options.defaults.python_version,
    )


def _tools(outside: Outside, options: Options, sources: Sources) -> Tools:
    return Tools(
        attempts=Attempts(
            outside.database, outside.clock, host=options.host, slots=options.slots, lease_for=LEASE
        ),
        secrets=RunSecrets(outside.database, outside.cipher, outside.clock),
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


def _pages(
    outside: Outside,
    options: Options,
    accounts: AccountParts,
    pipelines: Pipelines,
    sources: Sources,
    system: System,
    git: GitParts,
    scheduling: SchedulingParts,
) -> PageServices:
    return wire_pages(
        Beneath(
            database=outside.database,
            clock=outside.clock,
            metrics=outside.metrics,
            data=outside.data,
            host=outside.host,
            texts=outside.texts,
            pipelines=pipelines,
            sources=sources,
            environments=outside.environments,
            default_python=options.defaults.python_version,
            credentials=accounts.services.credentials,
            system=system,
            times=git.times,
            scheduler_ticked_at=lambda: scheduling.scheduler.ticked_at,
            slots=options.slots,
        )
    )


def _system(
    outside: Outside, options: Options, reconciler: Reconciler, rotation: KeyRotation, events: Events
) -> System:
    return System(
        outside.database,
        outside.executor,
        options.slots,
        lambda: _started(reconciler),
        KeyCheck(rotation, outside.clock).readiness,
        Figures(events),
    )


def _started(reconciler: Reconciler) -> Readiness:
    if reconciler.has_reconciled:
        return Readiness(True, "Attempts of earlier starts have been looked after.")
    return Readiness(False, "Attempts of earlier starts are being looked for.")
