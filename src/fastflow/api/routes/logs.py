"""A run's log: pages, search, download, live."""

import json
from collections.abc import AsyncGenerator, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Query
from starlette.responses import Response, StreamingResponse

from fastflow.api import sse
from fastflow.api.deps import UseServices
from fastflow.api.errors import problems
from fastflow.api.guard import GuardedRoute
from fastflow.api.routes.runs import RunId
from fastflow.api.schemas.runs import LogHitsView, LogLineView
from fastflow.domain.errors import Invalid
from fastflow.domain.log import LogLine, Stream
from fastflow.services.logs import Growth, Logs
from fastflow.store.tables import RunRow

router = APIRouter(prefix="/api", tags=["logs"], route_class=GuardedRoute)

_TEXT = "text/plain; charset=utf-8"
_NDJSON = "application/x-ndjson"
_ONE_A_LINE: Final = json.JSONEncoder(separators=("\n", ":"))
"""Encodes a list of texts at once. No encoded text holds a newline, so that they can be told apart again."""
_CONTENT: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The lines; `X-Next-Line` says where to go on, `X-Lines` how many there are by now, "
        "`X-Complete` whether nothing follows.",
        "content": {
            _TEXT: {"schema": {"type": "string"}},
            _NDJSON: {"schema": LogLineView.model_json_schema()},
        },
    }
}
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Events: `id` is the line's number, `data` is {line, stream, at}; "
        "the last event is `end` with the run's status.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}


@router.get("/runs/{run_id}/logs", responses={**_CONTENT, **problems(404, 422)}, response_class=Response)
async def read_log(
    run_id: RunId,
    services: UseServices,
    accept: Annotated[str, Header(include_in_schema=False)] = "",
    from_line: Annotated[int, Query(ge=0, description="0 is the first line of the first attempt.")] = 0,
    limit: Annotated[int, Query(ge=1, le=100_000)] = 1_000,
    stream: Stream | None = None,
    text: Annotated[
        str, Query(max_length=500, description="Only lines with this text, ASCII case ignored.")
    ] = "",
) -> Response:
    """Read a page of the log, as plain text or, by `Accept: application/x-ndjson`, line by line."""
    page = await services.logs.page(run_id, from_line, limit, stream=stream, text=text)
    headers = {
        "X-Next-Line": str(page.next_line),
        "X-Lines": str(page.total_lines),
        "X-Complete": str(page.is_complete).lower(),
    }
    if _NDJSON in accept:
        return Response("".join(f"{_json(line)}\n" for line in page.lines), 200, headers, _NDJSON)
    return Response(b"".join(line.text + b"\n" for line in page.lines), 200, headers, _TEXT)


@router.get("/runs/{run_id}/logs/search", responses=problems(404, 422))
async def search_log(
    run_id: RunId,
    services: UseServices,
    text: Annotated[str, Query(min_length=1, max_length=500, description="ASCII case is ignored.")],
    from_line: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1_000,
) -> LogHitsView:
    """Find the lines that hold a text. One call looks for a fraction of a second; go on at `next_line`."""
    return LogHitsView.of(await services.logs.find(run_id, text, from_line, limit))


@router.get(
    "/runs/{run_id}/logs/stream", responses={**_STREAM, **problems(404, 422)}, response_class=Response
)
async def stream_log(
    run_id: RunId,
    services: UseServices,
    from_line: Annotated[int, Query(ge=0)] = 0,
    last_event_id: Annotated[
        str | None, Header(description="Number of the last line seen; browsers send it when they reconnect.")
    ] = None,
) -> StreamingResponse:
    """Follow the log live; every line once, resumable, with an `end` event."""
    await services.runs.get(run_id)
    if last_event_id is not None:
        from_line = _line_after(last_event_id)
    return sse.stream(_events(services.logs, run_id, from_line), services.closing)


async def _events(logs: Logs, run_id: str, from_line: int) -> AsyncGenerator[bytes]:
    async for news in logs.follow(run_id, from_line):
        if isinstance(news, RunRow):
            end = {"status": news.status, "exit_code": news.exit_code, "reason": news.reason}
            yield sse.event(json.dumps(end), name="end")
        elif not news.outputs:
            yield sse.KEEP_ALIVE
        else:
            yield "".join(_line_events(news)).encode()


def _line_events(growth: Growth) -> Iterator[str]:
    """Yield the events of all lines; per line only its number is put in by Python code."""
    number = growth.first_line
    for output in growth.outputs:
        text = output.data.decode("utf-8", "replace")
        lines = [text] if output.is_partial else text[:-1].split("\n")
        encoded = _ONE_A_LINE.encode(lines)[1:-1].split("\n")
        rest = f',"stream":"{output.stream.value}","at":"{_moment(output.at_ns)}"}}\n\n'
        yield "".join([f'id: {n}\ndata: {{"line":{line}{rest}' for n, line in enumerate(encoded, number)])
        number += len(lines)


def _event_json(line: LogLine) -> str:
    text = json.dumps(line.text.decode("utf-8", "replace"))
    return f'{{"line":{text},"stream":"{line.stream.value}","at":"{_moment(line.at_ns)}"}}'


def _json(line: LogLine) -> str:
    return f'{{"number":{line.number},{_event_json(line)[1:]}'


def _moment(at_ns: int) -> str:
    """Write a moment with its nanoseconds (RFC 3339), which `datetime` can't hold."""
    seconds, rest = divmod(at_ns, 1_000_000_000)
    return f"{_second(seconds)}.{rest:09d}Z"


@lru_cache(maxsize=256)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _line_after(last_event_id: str) -> int:
    if not (last_event_id.isascii() and last_event_id.isdigit() and len(last_event_id) < 16):
        raise Invalid(
            "last_event_id_invalid",
            f"Last-Event-ID must be the number of a line, not {last_event_id[:40]!r}.",
            {"Last-Event-ID": "must be a whole number"},
        )
    return int(last_event_id) + 1
