"""Runs: list, look at, cancel, repeat."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import AwareDatetime

from fastflow.api.deps import UseServices
from fastflow.api.errors import problems
from fastflow.api.guard import GuardedRoute
from fastflow.api.schemas.comparisons import ComparisonView
from fastflow.api.schemas.recent import RecentList, RecentView
from fastflow.api.schemas.runs import RetryRun, RunDetail, RunPageView, RunView
from fastflow.domain.actor import acting
from fastflow.domain.run import TERMINAL, RunStatus, Trigger
from fastflow.store.runs import RunFilter

router = APIRouter(prefix="/api", tags=["runs"], route_class=GuardedRoute)

RunId = Annotated[str, Path(description="The run's id.", max_length=36)]


@router.get("/runs", responses=problems(422))
async def list_runs(
    services: UseServices,
    pipeline_name: str | None = None,
    status: Annotated[list[RunStatus] | None, Query(description="May be given several times.")] = None,
    trigger: Trigger | None = None,
    created_from: Annotated[AwareDatetime | None, Query(description="Not older than this.")] = None,
    created_before: Annotated[AwareDatetime | None, Query(description="Older than this.")] = None,
    text: Annotated[
        str | None,
        Query(max_length=200, description="Part of a pipeline's name, of a reason or of an id."),
    ] = None,
    upstream_run_id: Annotated[
        str | None, Query(max_length=36, description="Only those that follow this run.")
    ] = None,
    run_id: Annotated[
        list[str] | None, Query(max_length=100, description="Only these; may be given several times.")
    ] = None,
    newer_than: Annotated[
        str | None,
        Query(max_length=36, description="Only those made after this id: what is older is not looked at."),
    ] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    cursor: Annotated[str | None, Query(max_length=36, description="`next_cursor` of the last page.")] = None,
) -> RunPageView:
    """List runs, newest first."""
    narrowed = RunFilter(
        pipeline_name,
        frozenset(status) if status else None,
        trigger,
        created_from,
        created_before,
        text,
        upstream_run_id,
        acting.get().pipelines,
        frozenset(run_id) if run_id else None,
        newer_than,
    )
    rows, next_cursor = await services.runs.page(narrowed, limit, cursor)
    return RunPageView.of(list(rows), next_cursor)


@router.get("/runs/recent", responses=problems(422))
async def list_recent(
    services: UseServices,
    pipeline_name: Annotated[
        list[str], Query(min_length=1, max_length=100, description="May be given 100 times.")
    ],
) -> RecentList:
    """Look at the last runs of some pipelines and at when each is due next: for the rows of a list."""
    names = [name for name in dict.fromkeys(pipeline_name) if acting.get().may_see(name)]
    return RecentList(pipelines=[RecentView.of(lately) for lately in await services.pages.recent.of(names)])


@router.get("/runs/{run_id}", responses=problems(404))
async def get_run(run_id: RunId, services: UseServices) -> RunDetail:
    """Look at one run and its attempts."""
    whole = await services.runs.get(run_id)
    is_over = whole.run.status in TERMINAL
    estimate = None if is_over else await services.pages.estimates.seconds_of(whole.run.pipeline_name)
    return RunDetail.of(whole, estimate)


@router.get("/runs/{run_id}/comparison", responses=problems(404, 503))
async def get_comparison(run_id: RunId, services: UseServices) -> ComparisonView:
    """Say what differs from the last run of the same pipeline that succeeded before this one."""
    return ComparisonView.of(await services.pages.comparisons.of(run_id))


@router.post("/runs/{run_id}/cancel", status_code=202, responses=problems(404, 409))
async def cancel_run(run_id: RunId, services: UseServices) -> RunView:
    """End a run: SIGTERM, a grace period, SIGKILL. One that has not begun ends at once."""
    return RunView.model_validate(await services.runs.cancel(run_id))


@router.post("/runs/{run_id}/retry", status_code=201, responses=problems(404, 409, 422))
async def retry_run(run_id: RunId, services: UseServices, body: RetryRun | None = None) -> RunView:
    """Start the same again as a new run."""
    with_latest = body is not None and body.revision == "latest"
    run = await services.runs.retry(run_id, trigger=Trigger.API, with_latest=with_latest)
    return RunView.model_validate(run)
