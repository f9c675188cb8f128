"""Says which packages pipelines ask for from now on, and no longer."""

from collections.abc import Mapping
from typing import Final

from fastflow.domain.environment import EnvironmentFailed
from fastflow.domain.environment_ports import Environments
from fastflow.domain.errors import NotFound
from fastflow.services.sources import Sources
from fastflow.services.sync_changes import ChangedPackages, Revisions

MOST_COMPARED: Final = 200
"""Pipelines of one sync whose requirements are compared: each has to be laid out for that."""


class Packages:
    """Compares what two revisions of a pipeline require."""

    def __init__(self, sources: Sources, environments: Environments) -> None:
        self._sources = sources
        self._environments = environments

    async def changes_of(self, revisions: Mapping[str, Revisions]) -> list[ChangedPackages]:
        """Return the pipelines whose requirements differ; what can't be read is left to their environment.

        Raises:
            Unavailable: `disk_full`, `disk_failed`.
        """
        changed: list[ChangedPackages] = []
        for name, (before, after) in list(revisions.items())[:MOST_COMPARED]:
            new = await self._requirements(name, after)
            old = await self._requirements(name, before) if before is not None else []
            if new is None or old is None or set(new) == set(old):
                continue
            changed.append(
                ChangedPackages(
                    pipeline_name=name,
                    added=sorted(set(new) - set(old)),
                    removed=sorted(set(old) - set(new)),
                )
            )
        return changed

    async def _requirements(self, name: str, revision: str) -> list[str] | None:
        try:
            return await self._environments.requirements(await self._sources.checkout(name, revision))
        except (NotFound, EnvironmentFailed):
            return None
