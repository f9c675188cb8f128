"""What is kept of environments, who uses them, and what may go."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlmodel import Session

from fastflow.domain.audit import AuditAction
from fastflow.domain.environment import Collected, KeptEnvironment, Package, StoreBounds, StoreContents
from fastflow.domain.environment_ports import Environments
from fastflow.domain.errors import NotFound
from fastflow.domain.ports import Clock
from fastflow.services.retention import Retention
from fastflow.store import audit, pipelines
from fastflow.store.database import Database


@dataclass(frozen=True, slots=True)
class EnvironmentUse:
    """An environment, and who needs it."""

    kept: KeptEnvironment
    pipelines: Sequence[str]
    """Whose present revision it belongs to."""
    is_in_use: bool
    """It is not deleted, whatever its age: a present pipeline or an active attempt has it."""


class EnvironmentStore:
    """Lists and deletes environments; who builds them is `Environments`."""

    def __init__(
        self,
        database: Database,
        environments: Environments,
        retention: Retention,
        clock: Clock,
        bounds: StoreBounds,
    ) -> None:
        self._database = database
        self._environments = environments
        self._retention = retention
        self._clock = clock
        self.bounds = bounds

    async def every(self) -> tuple[StoreContents, list[EnvironmentUse]]:
        """Return what the store holds, and of each environment who needs it.

        Raises:
            Unavailable: `disk_failed`.
        """
        contents = await self._environments.contents()
        in_use = (await self._retention.in_use()).environments
        users = await self._database.read(_users)
        return contents, [
            EnvironmentUse(each, users.get(each.key, []), each.key in in_use)
            for each in contents.environments
        ]

    async def of(self, key: str) -> tuple[EnvironmentUse, tuple[Package, ...]]:
        """Return one, with its packages.

        Raises:
            NotFound: `environment_not_found`.
            Unavailable: `disk_failed`.
        """
        _, every = await self.every()
        found = next((each for each in every if each.kept.key == key), None)
        built = await self._environments.look(key) if found is not None else None
        if found is None or built is None:
            raise NotFound(
                "environment_not_found",
                f"No environment {key} is kept. `fastflow env` lists those there are; a pipeline without "
                "requirements uses the interpreter of the image.",
                {"key": key},
            )
        return found, built.packages

    async def prune(
        self, unused_for: timedelta | None = None, *, keeps_cache: bool = True, is_rehearsal: bool = False
    ) -> Collected:
        """Delete what is not in use, by the settings' bounds or a shorter time; return what went.

        Raises:
            Unavailable: something could not be deleted.
        """
        bounds = replace(self.bounds, keeps_cache=keeps_cache)
        if unused_for is not None:
            bounds = replace(bounds, unused_for=unused_for)
        in_use = (await self._retention.in_use()).environments
        found = await self._environments.collect(bounds, in_use, is_rehearsal=is_rehearsal)
        if not is_rehearsal and (found.environments or found.has_cleared_cache):
            await self._database.write(lambda session: self._record(session, found))
        return found

    def _record(self, session: Session, found: Collected) -> None:
        after = {"count": len(found.environments), "has_cleared_cache": found.has_cleared_cache}
        now = self._clock.now()
        audit.record(session, AuditAction.ENVIRONMENTS_PRUNED, "environments", now, after=after)


def _users(session: Session) -> dict[str, list[str]]:
    """Return the names of present pipelines by the environment of their revision."""
    users: dict[str, list[str]] = {}
    for row in pipelines.every(session):
        if row.is_present and row.environment_key is not None:
            users.setdefault(row.environment_key, []).append(row.name)
    return users
