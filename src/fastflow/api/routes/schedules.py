"""Schedules: list, make, edit, pause; what is due next and what became of what was due."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query

from fastflow.api.deps import UseServices
from fastflow.api.errors import problems
from fastflow.api.guard import GuardedRoute
from fastflow.api.schemas.schedules import (
    AnswerView,
    NewSchedule,
    NotRunList,
    NotRunView,
    OccurrencePage,
    OccurrenceView,
    PauseSchedule,
    PreviewView,
    ScheduleFields,
    ScheduleList,
    ScheduleView,
    UpcomingList,
    UpcomingView,
    WhyView,
)
from fastflow.domain.actor import acting
from fastflow.domain.occurrence import OccurrenceStatus

router = APIRouter(prefix="/api", tags=["schedules"], route_class=GuardedRoute)

Name = Annotated[str, Path(description="The pipeline's name: that of its folder.")]
ScheduleId = Annotated[str, Path(description="The schedule's id.", max_length=36)]
OfPipeline = Annotated[str | None, Query(max_length=64, description="Only those of this pipeline.")]


@router.get("/schedules", responses=problems(422))
async def list_schedules(
    services: UseServices,
    pipeline_name: OfPipeline = None,
    limit: Annotated[int | None, Query(ge=1, le=1000, description="Without it, all of them.")] = None,
    cursor: Annotated[str | None, Query(max_length=36, description="`next_cursor` of the last page.")] = None,
) -> ScheduleList:
    """List schedules with what they do next and did last, by pipeline and key; superseded ones too."""
    states, next_cursor = await services.schedules.page(pipeline_name, acting.get().pipelines, limit, cursor)
    return ScheduleList(schedules=[ScheduleView.of(state) for state in states], next_cursor=next_cursor)


@router.get("/schedules/upcoming", responses=problems(422))
async def list_upcoming(
    services: UseServices,
    limit: Annotated[int, Query(ge=1, le=1000)] = 20,
    pipeline_name: OfPipeline = None,
    most_each: Annotated[
        int | None, Query(ge=1, le=1000, description="No more of one schedule; else as many as there are.")
    ] = None,
) -> UpcomingList:
    """List what is due next over all schedules that start runs now."""
    found = await services.ledger.upcoming(limit, pipeline_name, most_each=most_each)
    return UpcomingList(occurrences=[UpcomingView.of(each) for each in found])


@router.get("/schedules/not-run", responses=problems(422))
async def list_not_run(
    services: UseServices,
    hours: Annotated[int, Query(ge=1, le=24 * 7, description="How far to look back.")] = 24,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> NotRunList:
    """List what was due and made no run of its own, by schedule and cause: skipped, coalesced, waiting."""
    found = await services.ledger.not_run(timedelta(hours=hours), limit, acting.get().pipelines)
    return NotRunList(not_run=[NotRunView.of(each) for each in found])


@router.get("/schedules/preview", responses=problems(422))
async def preview_schedule(
    services: UseServices,
    schedule_cron: Annotated[str | None, Query(max_length=200)] = None,
    schedule_interval_seconds: int | None = None,
    timezone: Annotated[str | None, Query(max_length=64)] = None,
    count: Annotated[int, Query(ge=1, le=20)] = 5,
) -> PreviewView:
    """Say in words what a schedule would do, and when it would be due first. Nothing is made."""
    asked = ScheduleFields(
        schedule_cron=schedule_cron, schedule_interval_seconds=schedule_interval_seconds, timezone=timezone
    )
    draft = {"id": "preview", **asked.model_dump(exclude_none=True)}
    return PreviewView.of(await services.schedules.preview(draft, count))


@router.get("/schedules/{schedule_id}", responses=problems(404, 422))
async def get_schedule(schedule_id: ScheduleId, services: UseServices) -> ScheduleView:
    """Look at one schedule, also at one that has vanished."""
    return ScheduleView.of(await services.schedules.get(schedule_id))


@router.post("/pipelines/{name}/schedules", status_code=201, responses=problems(404, 409, 422))
async def create_schedule(name: Name, body: NewSchedule, services: UseServices) -> ScheduleView:
    """Make a schedule for a pipeline whose manifest has none."""
    return ScheduleView.of(await services.schedules.create(name, body.draft()))


@router.patch("/schedules/{schedule_id}", responses=problems(404, 409, 422))
async def change_schedule(
    schedule_id: ScheduleId, body: ScheduleFields, services: UseServices
) -> ScheduleView:
    """Change the fields that are given; null takes one out. Only schedules that were made over the API."""
    return ScheduleView.of(await services.schedules.change(schedule_id, body.given()))


@router.delete("/schedules/{schedule_id}", responses=problems(404, 409, 422))
async def delete_schedule(schedule_id: ScheduleId, services: UseServices) -> ScheduleView:
    """Delete a schedule that was made over the API, and return what it was; its ledger stays."""
    return ScheduleView.of(await services.schedules.delete(schedule_id))


@router.post("/schedules/{schedule_id}/pause", responses=problems(404, 409, 422))
async def pause_schedule(
    schedule_id: ScheduleId, services: UseServices, body: PauseSchedule | None = None
) -> ScheduleView:
    """Skip all occurrences until it is resumed."""
    asked = body or PauseSchedule()
    return ScheduleView.of(await services.schedules.pause(schedule_id, asked.reason, asked.by))


@router.post("/schedules/{schedule_id}/resume", responses=problems(404, 409, 422))
async def resume_schedule(schedule_id: ScheduleId, services: UseServices) -> ScheduleView:
    """End a pause; nothing is caught up."""
    return ScheduleView.of(await services.schedules.resume(schedule_id))


@router.get("/schedules/{schedule_id}/next", responses=problems(404, 422))
async def list_next(
    schedule_id: ScheduleId, services: UseServices, count: Annotated[int, Query(ge=1, le=1000)] = 5
) -> UpcomingList:
    """List when one schedule is due next, whether it starts runs now or not."""
    found = await services.ledger.next(schedule_id, count)
    return UpcomingList(occurrences=[UpcomingView.of(each) for each in found])


@router.get("/schedules/{schedule_id}/occurrences", responses=problems(404, 422))
async def list_occurrences(
    schedule_id: ScheduleId,
    services: UseServices,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    cursor: Annotated[str | None, Query(max_length=40, description="`next_cursor` of the last page.")] = None,
    status: OccurrenceStatus | None = None,
) -> OccurrencePage:
    """List what became of each occurrence, newest first."""
    entries, next_cursor = await services.ledger.page(schedule_id, limit, cursor, status)
    return OccurrencePage(
        occurrences=[OccurrenceView.of(entry) for entry in entries], next_cursor=next_cursor
    )


@router.get("/pipelines/{name}/why", responses=problems(404, 422))
async def explain_minute(
    name: Name,
    services: UseServices,
    at: Annotated[datetime, Query(description="ISO 8601; without an offset in each schedule's zone.")],
) -> WhyView:
    """Say why the pipeline did, or did not, run by a schedule at that minute."""
    answers = await services.ledger.why(name, at)
    return WhyView(pipeline_name=name, at=at, answers=[AnswerView.of(answer) for answer in answers])
