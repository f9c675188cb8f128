"""What a run uses of the machine: samples, live too."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response, StreamingResponse

from fastflow.api import sse
from fastflow.api.deps import Services, UseServices
from fastflow.api.errors import problems
from fastflow.api.guard import GuardedRoute
from fastflow.api.routes.runs import RunId
from fastflow.api.schemas.runs import MetricsView, SampleView
from fastflow.domain.log import Sample
from fastflow.domain.run import TERMINAL
from fastflow.domain.spec import RunSpec

router = APIRouter(prefix="/api", tags=["metrics"], route_class=GuardedRoute)

_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Events with one sample each; the last event is `end` with the run's status.",
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
        samples=[_view(sample) for sample in samples],
        cpu_limit_cores=limits.cpu_cores,
        memory_limit_bytes=limits.memory_bytes,
        soft_cpu_limit_cores=limits.soft_cpu_cores,
        soft_memory_limit_bytes=limits.soft_memory_bytes,
        peak_memory_bytes=whole.run.peak_memory_bytes,
        cpu_seconds=whole.run.cpu_seconds,
    )


@router.get("/runs/{run_id}/metrics/stream", responses={**_STREAM, **problems(404)}, response_class=Response)
async def stream_metrics(run_id: RunId, services: UseServices) -> StreamingResponse:
    """Follow the samples of the run's present attempt live."""
    await services.runs.get(run_id)
    return sse.stream(_events(services, run_id), services.closing)


async def _events(services: Services, run_id: str) -> AsyncGenerator[bytes]:
    seen, attempt = 0, 0
    async for _ in services.logs.beats(run_id):
        whole = await services.runs.get(run_id)
        if whole.run.attempt_count != attempt:
            seen, attempt = 0, whole.run.attempt_count
        samples = await services.logs.samples(run_id, None, seen)
        seen += len(samples)
        for sample in samples:
            yield sse.event(_view(sample).model_dump_json())
        if whole.run.status in TERMINAL:
            yield sse.event(f'{{"status":"{whole.run.status}"}}', name="end")
            return
        if not samples:
            yield sse.KEEP_ALIVE


def _view(sample: Sample) -> SampleView:
    return SampleView(
        at=datetime.fromtimestamp(sample.at_ns / 1e9, UTC),
        cpu_percent=sample.cpu_percent,
        memory_bytes=sample.memory_bytes,
    )
