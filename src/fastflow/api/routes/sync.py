"""Syncs of Git repositories: start, plan, watch, look back."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from fastflow.api.deps import UseServices
from fastflow.api.errors import problems
from fastflow.api.guard import GuardedRoute
from fastflow.api.schemas.sync import (
    PlanView,
    RepositoryStatusView,
    StartSync,
    SyncAnswer,
    SyncPage,
    SyncStatusView,
    SyncView,
)
from fastflow.domain.repository import SyncTrigger

router = APIRouter(prefix="/api/sync", tags=["sync"], route_class=GuardedRoute)


@router.post(
    "",
    status_code=202,
    responses={200: {"model": SyncAnswer, "description": "Done."}, **problems(403, 404, 409, 422, 503)},
)
async def start_sync(services: UseServices, answer: Response, body: StartSync | None = None) -> SyncAnswer:
    """Fetch repositories and take over their pipelines, or with `dry_run` only say what would change."""
    asked = body or StartSync()
    rows = await services.sync.chosen(asked.repository)
    if asked.dry_run:
        answer.status_code = 200
        return SyncAnswer(plans=[PlanView.of(await services.sync.plan(row)) for row in rows])
    syncs = await services.sync.start_all(rows, SyncTrigger.API, wait=asked.wait)
    if asked.wait:
        answer.status_code = 200
    return SyncAnswer(syncs=[SyncView.model_validate(row) for row in syncs])


@router.get("/status")
async def get_sync_status(services: UseServices) -> SyncStatusView:
    """Say of each repository what was synced last, what goes on and what comes next."""
    statuses = await services.sync_statuses.every()
    return SyncStatusView(repositories=[RepositoryStatusView.of(status) for status in statuses])


@router.get("/log", responses=problems(422))
async def list_syncs(
    services: UseServices,
    repository: Annotated[str | None, Query(max_length=64)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    cursor: Annotated[str | None, Query(max_length=36, description="`next_cursor` of the last page.")] = None,
) -> SyncPage:
    """List syncs, newest first."""
    rows, next_cursor = await services.sync_statuses.log(repository, limit, cursor)
    return SyncPage(syncs=[SyncView.model_validate(row) for row in rows], next_cursor=next_cursor)


@router.get("/{sync_id}", responses=problems(404))
async def get_sync(
    sync_id: Annotated[str, Path(description="The sync's id.", max_length=36)], services: UseServices
) -> SyncView:
    """Look at one sync."""
    return SyncView.model_validate(await services.sync.get(sync_id))
