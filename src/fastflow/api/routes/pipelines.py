"""Pipelines: list, look at, start."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Header, Path
from pydantic import JsonValue
from pydantic_core import to_json
from starlette.responses import Response

from fastflow.api.deps import UseServices
from fastflow.api.errors import problems
from fastflow.api.guard import GuardedRoute
from fastflow.api.schemas.pipelines import ListedPipeline, PipelineList, PipelineView
from fastflow.api.schemas.runs import RunView, StartRun
from fastflow.domain.actor import acting
from fastflow.domain.manifest import manifest_schema
from fastflow.domain.run import Trigger
from fastflow.services.run_requests import RunRequest
from fastflow.services.statistics import PipelineStatistics

router = APIRouter(prefix="/api", tags=["pipelines"], route_class=GuardedRoute)

Name = Annotated[str, Path(description="The pipeline's name: that of its folder.")]


@router.get("/pipelines", response_model=PipelineList)
async def list_pipelines(services: UseServices) -> Response:
    """List the pipelines, the invalid ones with what is wrong."""
    caller = acting.get()
    sums = await services.statistics.by_pipeline()
    rows = await services.pipelines.summaries(caller.pipelines)
    graph = await services.graph.current()
    missing = await services.secrets.missing_of({row.name: row.secrets for row in rows})

    def written() -> bytes:
        none = PipelineStatistics()
        listed = [
            ListedPipeline.fields_of(
                row,
                sums.get(row.name, none),
                graph.around(row.name).seen_by(caller),
                missing.get(row.name, ()),
            )
            for row in rows
        ]
        return to_json({"pipelines": listed})

    # On a thread: there may be thousands of pipelines.
    return Response(await asyncio.to_thread(written), media_type="application/json")


@router.get("/pipelines/{name}", responses=problems(404))
async def get_pipeline(name: Name, services: UseServices) -> PipelineView:
    """Look at one pipeline as it is now."""
    row = await services.pipelines.look(name)
    sums = await services.statistics.of(name)
    graph = await services.graph.current()
    around = graph.around(name).seen_by(acting.get())
    missing = await services.secrets.missing_of({name: (row.manifest or {}).get("secrets")})
    return PipelineView.of(row, sums, around, missing.get(name, ()))


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
