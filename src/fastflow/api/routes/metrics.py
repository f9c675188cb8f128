"""What a run uses of the machine: samples, live too."""

from collections.abc import AsyncGenerator
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query
from starlette.responses import Response, StreamingResponse

from fastflow.api import sse
from fastflow.api.deps import Services, UseServices
from fastflow.api.errors import problems
from fastflow.api.guard import GuardedRoute
from fastflow.api.routes.runs import RunId
from fastflow.api.schemas.runs import MetricsView, SampleView
from fastflow.domain.errors import Invalid
from fastflow.domain.run import TERMINAL
from fastflow.domain.spec import RunSpec

router = APIRouter(prefix="/api", tags=["metrics"], route_class=GuardedRoute)

_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Events with one sample each; the id (`2-40`) is the attempt and how many of its "
        "samples were sent. The last event is `end` with the run's status.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}
_Attempt = Annotated[int | None, Query(ge=1, description="By default the last one.")]


@router.get("/runs/{run_id}/metrics", responses=problems(404))
async def read_metrics(run_id: RunId, services: UseServices, attempt: _Attempt = None) -> MetricsView:
    """Return the samples of an attempt, about one a second."""
    whole = await services.runs.get(run_id)
    samples = await services.logs.samples(run_id, attempt)
    limits = (RunSpec.model_validate(whole.run.spec) if whole.run.spec else RunSpec.model_validate({})).limits
    return MetricsView(
        samples=[SampleView.of(sample) for sample in samples],
        cpu_limit_cores=limits.cpu_cores,
        memory_limit_bytes=limits.memory_bytes,
        soft_cpu_limit_cores=limits.soft_cpu_cores,
        soft_memory_limit_bytes=limits.soft_memory_bytes,
        peak_memory_bytes=whole.run.peak_memory_bytes,
        cpu_seconds=whole.run.cpu_seconds,
    )


@router.get(
    "/runs/{run_id}/metrics/stream", responses={**_STREAM, **problems(404, 422)}, response_class=Response
)
async def stream_metrics(
    run_id: RunId,
    services: UseServices,
    last_event_id: Annotated[
        str | None, Header(description="Of the last sample seen; browsers send it when they reconnect.")
    ] = None,
) -> StreamingResponse:
    """Follow the samples of the run's present attempt live; resumable."""
    await services.runs.get(run_id)
    attempt, seen = (0, 0) if last_event_id is None else _position(last_event_id)
    return sse.stream(_events(services, run_id, attempt, seen), services.closing)


def _position(last_event_id: str) -> tuple[int, int]:
    """Return the attempt and how many of its samples the listener has."""
    attempt, _, seen = last_event_id.partition("-")
    if not all(part.isascii() and part.isdigit() and len(part) < 10 for part in (attempt, seen)):
        raise Invalid(
            "last_event_id_invalid",
            f"Last-Event-ID must be like 2-40, not {last_event_id[:40]!r}.",
            {"Last-Event-ID": "must be an attempt and a number of samples"},
        )
    return int(attempt), int(seen)


async def _events(services: Services, run_id: str, attempt: int, seen: int) -> AsyncGenerator[bytes]:
    async for _ in services.logs.beats(run_id):
        whole = await services.runs.get(run_id)
        if whole.run.attempt_count != attempt:
            seen, attempt = 0, whole.run.attempt_count
        samples = await services.logs.samples(run_id, None, seen)
        for sample in samples:
            seen += 1
            yield sse.event(SampleView.of(sample).model_dump_json(), id=f"{attempt}-{seen}")
        if whole.run.status in TERMINAL:
            yield sse.event(f'{{"status":"{whole.run.status}"}}', name="end")
            return
        if not samples:
            yield sse.KEEP_ALIVE
