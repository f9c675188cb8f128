"""Wires the server, and starts and stops its parts in order."""

import asyncio
import gc
import socket
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Final

import uvloop

from fastflow.adapters.alarm.clock import AlarmClock
from fastflow.adapters.crypto.access_tokens import JwtAccessTokens
from fastflow.adapters.crypto.fernet import FernetCipher
from fastflow.adapters.crypto.passwords import Argon2Passwords
from fastflow.adapters.files.attempt_directory import AttemptDirectories
from fastflow.adapters.files.checkouts import Checkouts
from fastflow.adapters.files.data_directory import FileDataDirectory
from fastflow.adapters.files.installation import Installation, open_installation
from fastflow.adapters.files.log_store import FileLogStore
from fastflow.adapters.files.metric_store import FileMetricStore
from fastflow.adapters.files.pipeline_folder import PipelineFolder
from fastflow.adapters.files.pipeline_texts import FilePipelineTexts
from fastflow.adapters.git.ssh_keys import Ed25519KeyMaker
from fastflow.adapters.github.installation_tokens import GitHubTokens
from fastflow.adapters.uv.environments import UvEnvironments
from fastflow.api.schemas.system import SettingView
from fastflow.domain.host_names import ANY
from fastflow.main.accounts import Elsewhere
from fastflow.main.entrances import entrances_of
from fastflow.main.first_admin import first_admin, let_in
from fastflow.main.git import introduced
from fastflow.main.host import ServerHost
from fastflow.main.listening import Listener, http_config, listening_socket
from fastflow.main.mirrors import mirrors_of
from fastflow.main.outside import Options, Outside
from fastflow.main.parts import Parts, wire
from fastflow.main.platforms import Platform, choose_platform
from fastflow.main.repositories import allowed_protocols, configured
from fastflow.orchestrator.supervision import keep_going
from fastflow.services.clock import SystemClock
from fastflow.services.provider_sign_in import Entrance
from fastflow.services.run_requests import RunDefaults
from fastflow.services.run_retention import RunLimits
from fastflow.settings import Settings, described
from fastflow.store import attempts as attempts_store
from fastflow.store.database import Database

LEASE: Final = timedelta(seconds=30)
WRONG_KEYS_ANSWERED_AFTER: Final = timedelta(milliseconds=50)
"""Many times what it takes to look for a key."""

Report = Callable[[str], None]


def run(settings: Settings, report: Report) -> None:
    """Run the product on an event loop of its own; raises what `serve` raises."""
    uvloop.run(serve(settings, report))


async def serve(settings: Settings, report: Report) -> None:
    """Run the product until SIGTERM or SIGINT; attempts that run then go on for the next start.

    Raises:
        Conflict: `data_dir_in_use`.
        Invalid: `settings_invalid`, `encryption_key_malformed`, `ca_bundle_unusable`.
        Unavailable: the data directory, the database or the port can't be had.
    """
    asked = await asyncio.to_thread(configured, settings)
    admin = await asyncio.to_thread(first_admin, settings)
    entrances = await asyncio.to_thread(entrances_of, settings, SystemClock())
    async with AsyncExitStack() as stack:
        installation = open_installation(settings.data_dir.absolute())
        stack.callback(installation.lock.close)
        if installation.is_new:
            report(f"made new keys in {installation.directory / 'keys'}: back them up with your data")
        listening = stack.enter_context(listening_socket(settings))
        database = Database(settings.resolved_database_url)
        stack.push_async_callback(database.close)
        await database.migrate()
        platform = await _choose(settings, installation, database, report)
        outside = _outside(settings, installation, database, platform, entrances)
        stack.push_async_callback(platform.executor.close)
        parts = wire(outside, _options(settings, installation, platform))
        await parts.services.repositories.adopt_settings(asked.repositories, asked.apps)
        for row in await parts.services.repositories.every():
            report(introduced(row))
        await let_in(parts.services.accounts, admin, report)
        # What is loaded by now lives as long as the server. Looking through it for garbage, again and again,
        # took a third of the time in which many schedules are planned at once.
        gc.collect()
        gc.freeze()
        await stack.enter_async_context(_running(parts, platform))
        await _answer(parts, listening, settings, report)


async def _choose(
    settings: Settings, installation: Installation, database: Database, report: Report
) -> Platform:
    hosts = await database.read(attempts_store.hosts_holding_slots)
    has_docker_attempts = any(host.startswith("docker:") for host in hosts)
    return await choose_platform(settings, installation.id, report, has_docker_attempts=has_docker_attempts)


def _outside(
    settings: Settings,
    installation: Installation,
    database: Database,
    platform: Platform,
    entrances: Sequence[Entrance],
) -> Outside:
    data = installation.directory
    checkouts = Checkouts(data / "checkouts")
    is_local = "pipelines_dir" in settings.model_fields_set or not settings.git_repo_url
    return Outside(
        database=database,
        clock=SystemClock(),
        alarm=AlarmClock(),
        executor=platform.executor,
        source=PipelineFolder(settings.pipelines_dir.absolute(), checkouts) if is_local else None,
        environments=UvEnvironments(
            settings.uv_store, platform.toolbox, settings.default_python_version or ""
        ),
        logs=FileLogStore(data / "logs", settings.log_max_size_mb * 1024 * 1024),
        metrics=FileMetricStore(data / "logs"),
        directories=AttemptDirectories(data / "attempts", platform.owner),
        data=FileDataDirectory(data),
        texts=FilePipelineTexts(),
        host=ServerHost(settings, platform.executor.name),
        mirrors=mirrors_of(settings, data),
        checkouts=checkouts,
        cipher=FernetCipher.open(settings.encryption_key.get_secret_value(), data / "keys" / "encryption"),
        keys=Ed25519KeyMaker(),
        tokens=GitHubTokens(SystemClock(), settings.ca_bundle),
        passwords=Argon2Passwords(),
        access_tokens=JwtAccessTokens.open(
            settings.jwt_secret_key.get_secret_value(), data / "keys" / "signing", installation.id
        ),
        elsewhere=Elsewhere(FernetCipher.fresh(), entrances, settings.public_url),
    )


def _options(settings: Settings, installation: Installation, platform: Platform) -> Options:
    return Options(
        host=f"{platform.executor.name}:{installation.id}",
        slots=settings.max_concurrent_runs,
        starts_at_once=platform.starts_at_once,
        stop_grace=settings.stop_grace,
        network=settings.run_network,
        inside_directory=platform.inside_directory,
        defaults=_defaults(settings),
        is_warming=settings.uv_pre_heat,
        store_bounds=settings.store_bounds,
        lock_upgrade_every=timedelta(days=settings.lock_upgrade_days),
        timezone=settings.timezone,
        repository_protocols=allowed_protocols(settings),
        may_be_private=settings.allow_private_addresses,
        webhook_rate_per_minute=settings.webhook_rate_per_minute,
        webhook_max_body_bytes=settings.webhook_max_body_mb * 1024**2,
        wrong_keys_answered_after=WRONG_KEYS_ANSWERED_AFTER,
        sync_interval=timedelta(seconds=settings.auto_sync_interval),
        run_limits=RunLimits(settings.log_retention_runs, settings.log_retention_days),
        audit_kept_for=timedelta(days=settings.audit_retention_days),
        is_https=settings.public_url.startswith("https://"),
        hosts=settings.hosts,
        is_local=settings.is_local,
        settings=tuple(SettingView.model_validate(view) for view in described(settings)),
    )


@asynccontextmanager
async def _running(parts: Parts, platform: Platform) -> AsyncGenerator[None]:
    """Run the loops around the block; afterwards let go of attempts and leave their containers running."""
    await parts.services.events.begin()
    await parts.janitor.begin()
    await parts.git.sync.begin()
    clock = SystemClock()
    tasks = [asyncio.create_task(keep_going(name, loop, clock)) for name, loop in parts.loops.items()]
    if platform.preparing is not None:
        tasks.append(asyncio.create_task(platform.preparing()))
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await parts.worker.stop()


async def _answer(parts: Parts, listening: socket.socket, settings: Settings, report: Report) -> None:
    """Answer HTTP requests until a signal says that it is enough."""
    listener = Listener(http_config(parts.app, settings), parts.services.closing)
    address = f"http://{settings.host}:{settings.port}"
    listener.on_started = lambda: report(f"ready at {address}")
    if ANY in settings.hosts:
        report("ALLOWED_HOSTS has * in it: requests are taken by whatever name they address the server")
    await listener.serve([listening])
    left = len(parts.worker.live)
    report("stopped" + (f"; {left} running attempts go on for the next start" if left else ""))


def _defaults(settings: Settings) -> RunDefaults:
    return RunDefaults(
        timeout_seconds=settings.container_timeout,
        retry_attempts=settings.retry_attempts,
        cpu_cores=settings.cpu_hard_limit or None,
        memory_bytes=settings.memory_limit_bytes,
        python_version=settings.default_python_version or None,
    )
