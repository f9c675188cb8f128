"""Says what the environment of a pipeline's present revision holds."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from fastflow.domain.environment import BuiltEnvironment, Package
from fastflow.domain.environment_ports import Environments
from fastflow.services.pipelines import Pipelines
from fastflow.store import attempts
from fastflow.store.database import Database
from fastflow.store.tables import PipelineRow


@dataclass(frozen=True, slots=True)
class PipelineEnvironment:
    """An environment, as far as it is known."""

    pipeline: PipelineRow
    environment_key: str | None
    lockfile_key: str | None
    asked_python: str | None
    """What the manifest or the settings ask for; None: what the pipeline's own files do, or any."""
    built: BuiltEnvironment | None
    """None: it is not built, or it is the bare interpreter."""
    packages: Sequence[Package] | None
    """None: not known yet, or not any more."""


class PipelineEnvironments:
    """Looks at what is kept of them; makes none."""

    def __init__(
        self, database: Database, pipelines: Pipelines, environments: Environments, default_python: str | None
    ) -> None:
        self._database = database
        self._pipelines = pipelines
        self._environments = environments
        self._default_python = default_python

    async def of(self, pipeline_name: str) -> PipelineEnvironment:
        """Look at one.

        Raises:
            NotFound: `pipeline_not_found`.
            Unavailable: `disk_failed`.
        """
        row = await self._pipelines.look(pipeline_name)
        keys = row.environment_key, row.lockfile_key
        if row.environment_key is None and row.revision is not None:
            keys = await self._keys_of_runs(row.name, row.revision)
        environment_key, lockfile_key = keys
        built = await self._environments.look(environment_key) if environment_key is not None else None
        packages = built.packages if built is not None else None
        if packages is None and lockfile_key is not None:
            packages = await self._environments.locked_packages(lockfile_key)
        asked = str((row.manifest or {}).get("python_version") or "") or self._default_python
        return PipelineEnvironment(row, environment_key, lockfile_key, asked, built, packages)

    async def _keys_of_runs(self, pipeline_name: str, revision: str) -> tuple[str | None, str | None]:
        """Return what the last runs of that revision used: without warming only they know."""

        def work(session: Session) -> tuple[str | None, str | None]:
            return attempts.newest_environment(session, pipeline_name, revision) or (None, None)

        return await self._database.read(work)
