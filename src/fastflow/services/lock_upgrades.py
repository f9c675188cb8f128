"""Locks pipelines to the newest packages: on request, or when their lockfile is old."""

from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlmodel import Session

from fastflow.domain.audit import AuditAction
from fastflow.domain.comparison import Changed, differences
from fastflow.domain.environment import EnvironmentFailed, EnvironmentStatus, Package
from fastflow.domain.environment_ports import Environments
from fastflow.domain.errors import Conflict, FastFlowError
from fastflow.domain.ports import Clock
from fastflow.services.pipelines import Pipelines, Runnable, runnable
from fastflow.services.sources import Sources
from fastflow.store import audit
from fastflow.store.database import Database
from fastflow.store.tables import PipelineRow

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class LockUpgrade:
    """What came of it."""

    lockfile_key: str
    environment_key: str
    packages: list[Changed[str]] | None
    """By name; None: the former ones are not known."""


class LockUpgrades:
    """Runs that begin meanwhile get what was locked before; those that begin afterwards the new."""

    def __init__(
        self,
        database: Database,
        pipelines: Pipelines,
        sources: Sources,
        environments: Environments,
        clock: Clock,
        *,
        default_python: str | None,
        every: timedelta,
    ) -> None:
        self._database = database
        self._pipelines = pipelines
        self._sources = sources
        self._environments = environments
        self._clock = clock
        self._default_python = default_python
        self._every = every

    async def upgrade(self, pipeline_name: str) -> LockUpgrade:
        """Lock the present revision of a pipeline anew, and build that.

        Raises:
            NotFound: `pipeline_not_found`.
            Conflict: `manifest_invalid`, `nothing_to_lock`, `locked_in_repository`.
            Conflict: `environment_failed`; the newest packages don't fit together, or can't be built.
            Unavailable: the toolbox, the index or the disk did not let us.

        Whatever is raised, the former packages go on being used.
        """
        row = await self._pipelines.look(pipeline_name)
        chosen = runnable(row, last_valid=False)
        if chosen is None:
            raise Conflict(
                "manifest_invalid", f"{row.name} can't be run as it is; correct its pipeline.json."
            )
        try:
            return await self._upgrade(chosen)
        except EnvironmentFailed as error:
            raise Conflict("environment_failed", error.message) from error

    async def upgrade_old(self) -> None:
        """Upgrade those whose lockfile is older than LOCK_UPGRADE_DAYS says; none where that is zero."""
        if not self._every:
            return
        for row in await self._pipelines.every():
            try:
                await self._upgrade_if_old(row)
            except FastFlowError as error:
                log.warning("lockfile not upgraded", pipeline=row.name, reason=error.message)

    async def _upgrade_if_old(self, row: PipelineRow) -> None:
        chosen = runnable(row, last_valid=False)
        if chosen is None or not row.is_enabled:
            return
        checkout = await self._sources.checkout(chosen.name, chosen.revision)
        locked_at = await self._environments.locked_at(checkout)
        if locked_at is not None and self._clock.now() - locked_at >= self._every:
            await self._upgrade(chosen)

    async def _upgrade(self, chosen: Runnable) -> LockUpgrade:
        checkout = await self._sources.checkout(chosen.name, chosen.revision)
        version = chosen.manifest.python_version or self._default_python
        relocked = await self._environments.relock(checkout, version)
        environment = relocked.environment
        await self._pipelines.record_environment(
            chosen.name,
            chosen.revision,
            EnvironmentStatus.READY,
            lockfile_key=environment.lockfile_key,
            environment_key=environment.key,
        )
        before = await self._versions(relocked.former_lockfile_key)
        after = await self._versions(environment.lockfile_key)
        known = None if before is None or after is None else differences(before, after)
        await self._database.write(lambda session: self._record(session, chosen.name, known))
        return LockUpgrade(environment.lockfile_key, environment.key, known)

    async def _versions(self, lockfile_key: str | None) -> dict[str, str] | None:
        packages: tuple[Package, ...] | None = None
        if lockfile_key is not None:
            packages = await self._environments.locked_packages(lockfile_key)
        return None if packages is None else {each.name: each.version for each in packages}

    def _record(self, session: Session, name: str, changes: list[Changed[str]] | None) -> None:
        after = {"count": len(changes or ())}
        now = self._clock.now()
        audit.record(session, AuditAction.LOCK_UPGRADED, name, now, pipeline_name=name, after=after)
