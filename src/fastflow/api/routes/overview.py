"""What goes on at this moment, for the first page."""

from fastapi import APIRouter

from fastflow.api.deps import UseServices
from fastflow.api.guard import GuardedRoute
from fastflow.api.routes.system import VERSION
from fastflow.api.schemas.overview import OverviewView, PartsHealthView
from fastflow.domain.actor import acting

router = APIRouter(prefix="/api", tags=["overview"], route_class=GuardedRoute)


@router.get("/overview")
async def get_overview(services: UseServices) -> OverviewView:
    """Sum up what runs, what waits and for what, what failed lately, and how the server does."""
    only = acting.get().pipelines
    now = await services.pages.overview.now(only)
    health = await services.pages.health.now()
    executor = services.system.executor
    return OverviewView.of(
        now,
        PartsHealthView.of(health, with_syncs=only is None),
        executor=executor.name,
        is_isolating=executor.is_isolating,
        version=VERSION,
    )
