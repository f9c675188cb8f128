"""Pipelines: list, look at, start."""

from typing import Annotated

from fastapi import APIRouter, Header, Path
from pydantic import JsonValue

from fastflow.api.deps import UseServices
from fastflow.api.errors import problems
from fastflow.api.guard import GuardedRoute
from fastflow.api.schemas.pipelines import PipelineList, PipelineView
from fastflow.api.schemas.runs import RunView, StartRun
from fastflow.domain.actor import acting
from fastflow.domain.manifest import manifest_schema
from fastflow.domain.run import Trigger
from fastflow.services.run_requests import RunRequest
from fastflow.services.statistics import PipelineStatistics

router = APIRouter(prefix="/api", tags=["pipelines"], route_class=GuardedRoute)

Name = Annotated[str, Path(description="The pipeline's name: that of its folder.")]


@router.get("/pipelines")
async def list_pipelines(services: UseServices) -> PipelineList:
    """List the pipelines, the invalid ones with what is wrong."""
    sums = await services.statistics.by_pipeline()
    caller = acting.get()
    rows = [row for row in await services.pipelines.every() if caller.may_see(row.name)]
    graph = await services.graph.current()
    return PipelineList(
        pipelines=[
            PipelineView.of(
                row, sums.get(row.name, PipelineStatistics()), graph.around(row.name).seen_by(caller)
            )
            for row in rows
        ]
    )


@router.get("/pipelines/{name}", responses=problems(404))
async def get_pipeline(name: Name, services: UseServices) -> PipelineView:
    """Look at one pipeline as it is now."""
    row = await services.pipelines.look(name)
    sums = await services.statistics.by_pipeline(name)
    graph = await services.graph.current()
    around = graph.around(name).seen_by(acting.get())
    return PipelineView.of(row, sums.get(name, PipelineStatistics()), around)


@router.post("/pipelines/{name}/run", status_code=201, responses=problems(404, 409, 422))
async def start_run(
    name: Name,
    services: UseServices,
    body: StartRun | None = None,
    idempotency_key: Annotated[
        str | None, Header(description="The same key gives the same run, however often it is sent.")
    ] = None,
) -> RunView:
    """Start a run. A refused trigger leaves a row; its id is in the problem's `fields.run_id`."""
    asked = body or StartRun()
    run = await services.runs.trigger(
        RunRequest(
            name,
            Trigger.API,
            variables=asked.env_vars,
            parameters=asked.parameters,
            idempotency_key=idempotency_key,
            revision=asked.revision,
        )
    )
    return RunView.model_validate(run)


@router.get("/schemas/pipeline.json")
async def get_manifest_schema() -> dict[str, JsonValue]:
    """Return the JSON Schema of `pipeline.json`, for editors."""
    return manifest_schema()
