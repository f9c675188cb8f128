"""What the API says of the environments that are kept."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from fastflow.api.schemas.comparisons import TextChange
from fastflow.api.schemas.pipeline_pages import PackageView
from fastflow.domain.environment import Collected, Package, StoreBounds, StoreContents
from fastflow.services.environment_store import EnvironmentUse
from fastflow.services.lock_upgrades import LockUpgrade


class KeptEnvironmentView(BaseModel):
    """An environment on disk: an interpreter with the packages of one lockfile."""

    key: str
    python_version: str
    lockfile_key: str
    disk_bytes: int = Field(
        description="Its share of the disk: of files that several environments or the cache hold, a part."
    )
    built_at: datetime
    last_used_at: datetime = Field(description="Exact to an hour.")
    pipelines: list[str] = Field(description="Whose present revision it belongs to.")
    is_in_use: bool = Field(description="By these or by an active attempt: it is not deleted.")

    @classmethod
    def of(cls, use: EnvironmentUse) -> Self:
        """Show one."""
        return cls(
            key=use.kept.key,
            python_version=use.kept.python_version,
            lockfile_key=use.kept.lockfile_key,
            disk_bytes=use.kept.disk_bytes,
            built_at=use.kept.built_at,
            last_used_at=use.kept.last_used_at,
            pipelines=list(use.pipelines),
            is_in_use=use.is_in_use,
        )


class EnvironmentWithPackagesView(KeptEnvironmentView):
    """An environment with what it holds."""

    packages: list[PackageView]

    @classmethod
    def with_packages(cls, use: EnvironmentUse, packages: tuple[Package, ...]) -> Self:
        """Show one with its packages."""
        shown = [PackageView(name=each.name, version=each.version) for each in packages]
        return cls(**KeptEnvironmentView.of(use).model_dump(), packages=shown)


class EnvironmentList(BaseModel):
    """All that the uv store holds."""

    environments: list[KeptEnvironmentView] = Field(description="The one used last comes first.")
    cache_bytes: int = Field(description="The share of the package cache.")
    total_bytes: int = Field(description="What environments and cache take of the disk.")
    max_bytes: int | None = Field(description="ENVIRONMENTS_MAX_SIZE_GB; null: no limit.")
    unused_days: float = Field(description="ENVIRONMENTS_UNUSED_DAYS.")

    @classmethod
    def of(cls, contents: StoreContents, uses: list[EnvironmentUse], bounds: StoreBounds) -> Self:
        """Show them."""
        return cls(
            environments=[KeptEnvironmentView.of(use) for use in uses],
            cache_bytes=contents.cache_bytes,
            total_bytes=contents.total_bytes,
            max_bytes=bounds.max_bytes,
            unused_days=bounds.unused_for.total_seconds() / 86_400,
        )


class LockUpgradeView(BaseModel):
    """What came of locking a pipeline to the newest packages."""

    lockfile_key: str
    environment_key: str
    packages: list[TextChange] | None = Field(
        description="What differs from before; null: what there was is not known."
    )

    @classmethod
    def of(cls, upgrade: LockUpgrade) -> Self:
        """Show it."""
        changes = None if upgrade.packages is None else [TextChange.of(each) for each in upgrade.packages]
        return cls(
            lockfile_key=upgrade.lockfile_key, environment_key=upgrade.environment_key, packages=changes
        )


class PruneEnvironments(BaseModel):
    """What is to go."""

    model_config = ConfigDict(extra="forbid")

    unused_days: float | None = Field(
        default=None,
        ge=0,
        le=3650,
        description="Those that nobody asked for in that long; null: as the settings say.",
    )
    clears_cache: bool = Field(
        default=False, description="The package cache too; the next builds download again."
    )
    is_rehearsal: bool = Field(default=False, description="Delete nothing, only say what would go.")


class PrunedView(BaseModel):
    """What went, or would go."""

    environments: list[str] = Field(description="Their keys.")
    has_cleared_cache: bool
    freed_bytes: int = Field(description="Measured; of a rehearsal an estimate.")

    @classmethod
    def of(cls, found: Collected) -> Self:
        """Show it."""
        return cls(
            environments=[each.key for each in found.environments],
            has_cleared_cache=found.has_cleared_cache,
            freed_bytes=found.freed_bytes,
        )
