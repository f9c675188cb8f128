"""What the page of one pipeline shows beside the pipeline itself."""

from typing import Annotated

from fastapi import APIRouter, Query

from fastflow.api.deps import UseServices
from fastflow.api.errors import problems
from fastflow.api.guard import GuardedRoute
from fastflow.api.routes.pipelines import Name
from fastflow.api.schemas.pipeline_pages import DayList, DayView, PipelineEnvironmentView, ReadmeView

router = APIRouter(prefix="/api", tags=["pipelines"], route_class=GuardedRoute)


@router.get("/pipelines/{name}/readme", responses=problems(404, 503))
async def get_readme(name: Name, services: UseServices) -> ReadmeView:
    """Read the README.md of the pipeline's folder as it is now."""
    return ReadmeView.of(await services.pages.readmes.of(name))


@router.get("/pipelines/{name}/days", responses=problems(404, 422))
async def list_days(
    name: Name,
    services: UseServices,
    days: Annotated[int, Query(ge=1, le=1100, description="How many, today the last (UTC).")] = 371,
) -> DayList:
    """List how many runs ended on each day, and how; of a vanished pipeline too."""
    await services.pipelines.known(name)
    return DayList(days=[DayView.of(day) for day in await services.statistics.days(name, days)])


@router.get("/pipelines/{name}/environment", responses=problems(404, 503))
async def get_environment(name: Name, services: UseServices) -> PipelineEnvironmentView:
    """Look at what the environment of the pipeline's present revision holds."""
    return PipelineEnvironmentView.of(await services.pages.environments.of(name))
