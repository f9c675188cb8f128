"""Environments: what is kept on disk, for whom, and what may go."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path

from fastflow.api.deps import UseServices
from fastflow.api.errors import problems
from fastflow.api.guard import GuardedRoute
from fastflow.api.routes.pipelines import Name
from fastflow.api.schemas.environments import (
    EnvironmentList,
    EnvironmentWithPackagesView,
    LockUpgradeView,
    PrunedView,
    PruneEnvironments,
)

router = APIRouter(prefix="/api", tags=["environments"], route_class=GuardedRoute)


@router.get("/environments", responses=problems(503))
async def list_environments(services: UseServices) -> EnvironmentList:
    """List the environments on disk with their size, last use and pipelines. Looks at every file."""
    contents, uses = await services.environment_store.every()
    return EnvironmentList.of(contents, uses, services.environment_store.bounds)


@router.get("/environments/{key}", responses=problems(404, 503))
async def show_environment(
    key: Annotated[str, Path(description="As `list_environments` says.")], services: UseServices
) -> EnvironmentWithPackagesView:
    """Show one environment with its packages."""
    return EnvironmentWithPackagesView.with_packages(*await services.environment_store.of(key))


@router.post("/environments/prune", responses=problems(422, 503))
async def prune_environments(services: UseServices, body: PruneEnvironments | None = None) -> PrunedView:
    """Delete environments that nobody needs.

    Never one of a present pipeline or of an active attempt, or one that was asked for within two hours.
    """
    asked = body or PruneEnvironments()
    unused_for = None if asked.unused_days is None else timedelta(days=asked.unused_days)
    return PrunedView.of(
        await services.environment_store.prune(
            unused_for, keeps_cache=not asked.clears_cache, is_rehearsal=asked.is_rehearsal
        )
    )


@router.post("/pipelines/{name}/lock-upgrade", responses=problems(404, 409, 503))
async def upgrade_lock(name: Name, services: UseServices) -> LockUpgradeView:
    """Lock a pipeline's requirements to the newest packages there are, and build that.

    Answers when it is done, which may take minutes; runs that begin meanwhile use what was locked before.
    """
    return LockUpgradeView.of(await services.lock_upgrades.upgrade(name))
