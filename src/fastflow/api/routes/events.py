"""What happens, live, for lists."""

from collections.abc import AsyncGenerator
from typing import Annotated, Any

from fastapi import APIRouter, Header
from starlette.responses import Response, StreamingResponse

from fastflow.api import sse
from fastflow.api.deps import UseServices
from fastflow.api.guard import GuardedRoute
from fastflow.domain.actor import Actor, acting
from fastflow.services.events import Events

router = APIRouter(prefix="/api", tags=["events"], route_class=GuardedRoute)

_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "`event` is the type (`run.started` …), `id` its sequence, `data` the event as JSON.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}


@router.get("/events", responses=_STREAM, response_class=Response)
async def stream_events(
    services: UseServices,
    last_event_id: Annotated[
        str | None, Header(description="Sequence of the last event seen; nothing after it is missed.")
    ] = None,
) -> StreamingResponse:
    """Follow everything that happens, from now on or from where the listener left off."""
    is_number = last_event_id is not None and last_event_id.isascii() and last_event_id.isdigit()
    start = int(last_event_id) if is_number and last_event_id else services.events.position
    return sse.stream(_events(services.events, start, acting.get()), services.closing)


async def _events(events: Events, start: int, listener: Actor) -> AsyncGenerator[bytes]:
    yield sse.KEEP_ALIVE  # so that the listener knows it is connected
    async for batch in events.follow(start):
        if not batch:
            yield sse.KEEP_ALIVE
        for event in batch:
            if listener.pipelines is None or event.pipeline_name in listener.pipelines:
                yield sse.event(event.model_dump_json(), name=event.type, id=event.sequence)
