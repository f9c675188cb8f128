"""Wires what only the pages of the web app ask for."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from fastflow.api.deps import PageServices
from fastflow.domain.environment_ports import Environments
from fastflow.domain.pipeline_texts import PipelineTexts
from fastflow.domain.ports import Clock, MetricStore
from fastflow.domain.server_ports import DataDirectory, Host
from fastflow.services.about import About
from fastflow.services.comparisons import Comparisons
from fastflow.services.credentials import Credentials
from fastflow.services.download_tickets import DownloadTickets
from fastflow.services.estimates import Estimates
from fastflow.services.health import HealthWatch
from fastflow.services.overview import Overview
from fastflow.services.pipeline_environments import PipelineEnvironments
from fastflow.services.pipelines import Pipelines
from fastflow.services.readmes import Readmes
from fastflow.services.recent import Recent
from fastflow.services.sources import Sources
from fastflow.services.sync_times import SyncTimes
from fastflow.services.system import System
from fastflow.store.database import Database


@dataclass(frozen=True, slots=True)
class Beneath:
    """What they stand on."""

    database: Database
    clock: Clock
    metrics: MetricStore
    data: DataDirectory
    host: Host
    texts: PipelineTexts
    pipelines: Pipelines
    sources: Sources
    environments: Environments
    default_python: str | None
    credentials: Credentials
    system: System
    times: SyncTimes
    scheduler_ticked_at: Callable[[], datetime | None]
    slots: int


def wire_pages(beneath: Beneath) -> PageServices:
    """Return the services; they only read."""
    database, clock = beneath.database, beneath.clock
    return PageServices(
        overview=Overview(database, beneath.metrics, clock, beneath.slots),
        estimates=Estimates(database),
        recent=Recent(database),
        readmes=Readmes(beneath.pipelines, beneath.sources, beneath.texts),
        environments=PipelineEnvironments(
            database, beneath.pipelines, beneath.environments, beneath.default_python
        ),
        comparisons=Comparisons(database, beneath.environments),
        download_tickets=DownloadTickets(beneath.credentials, clock),
        about=About(database, clock, beneath.system.executor, beneath.data, beneath.host),
        health=HealthWatch(
            database, clock, beneath.system, beneath.data, beneath.times, beneath.scheduler_ticked_at
        ),
    )
