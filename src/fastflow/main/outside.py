"""What the inside stands on, and the settings that it needs."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import PurePosixPath

from fastflow.api.schemas.system import SettingView
from fastflow.domain.account_ports import AccessTokens, Passwords
from fastflow.domain.environment import StoreBounds
from fastflow.domain.environment_ports import Environments
from fastflow.domain.pipeline_texts import PipelineTexts
from fastflow.domain.ports import (
    AlarmClock,
    Checkouts,
    Clock,
    Executor,
    LogStore,
    MetricStore,
    PipelineSource,
)
from fastflow.domain.repository_ports import Cipher, InstallationTokens, KeyMaker, Mirrors
from fastflow.domain.server_ports import DataDirectory, Host
from fastflow.main.accounts import Elsewhere
from fastflow.orchestrator.tools import AttemptDirectories
from fastflow.services.run_requests import RunDefaults
from fastflow.services.run_retention import RunLimits
from fastflow.store.database import Database


@dataclass(frozen=True, slots=True)
class Outside:
    """What the inside stands on: every port's adapter, or its fake."""

    database: Database
    clock: Clock
    alarm: AlarmClock
    executor: Executor
    source: PipelineSource | None
    """The local folder of pipelines; None: it is not in use."""
    environments: Environments
    logs: LogStore
    metrics: MetricStore
    directories: AttemptDirectories
    data: DataDirectory
    texts: PipelineTexts
    host: Host
    mirrors: Mirrors
    checkouts: Checkouts
    cipher: Cipher
    keys: KeyMaker
    tokens: InstallationTokens
    passwords: Passwords
    access_tokens: AccessTokens
    elsewhere: Elsewhere


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
    store_bounds: StoreBounds = field(default_factory=StoreBounds)
    lock_upgrade_every: timedelta = timedelta()
    """Zero: only on request."""
    run_limits: RunLimits = field(default_factory=RunLimits)
    timezone: str = "UTC"
    """Of schedules that name none: an IANA name."""
    sync_interval: timedelta = timedelta(0)
    """From one look at a Git repository to the next; zero: only when asked."""
    repository_protocols: frozenset[str] = frozenset({"https", "ssh"})
    may_be_private: bool = False
    """Whether URLs given over the API may lead to loopback and private networks."""
    webhook_rate_per_minute: int = 120
    webhook_max_body_bytes: int = 5 * 1024**2
    wrong_keys_answered_after: timedelta = timedelta()
    """So that no time tells what there is."""
    audit_kept_for: timedelta = timedelta()
    """Zero: for ever."""
    is_https: bool = False
    """Whether browsers come by TLS only."""
    hosts: frozenset[str] = frozenset()
    """The server's names beside loopback; `*` among them: any."""
    is_local: bool = True
    """Whether nobody but this machine reaches the server: without accounts it is open then."""
    settings: tuple[SettingView, ...] = ()
    """For people who look them up."""
