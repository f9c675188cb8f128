"""Downloads of logs: with a credential, or by a link that works once."""

from collections.abc import AsyncGenerator
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path
from starlette.responses import Response, StreamingResponse

from fastflow.api.deps import UseServices
from fastflow.api.errors import problems
from fastflow.api.guard import GuardedRoute, while_it_holds
from fastflow.api.routes.runs import RunId
from fastflow.api.schemas.runs import DownloadTicketView
from fastflow.services.logs import Logs

router = APIRouter(prefix="/api", tags=["logs"], route_class=GuardedRoute)

_BYTES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The log, byte for byte as the program wrote it.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.get("/runs/{run_id}/logs/raw", responses={**_BYTES, **problems(404)}, response_class=Response)
async def download_log(run_id: RunId, services: UseServices) -> StreamingResponse:
    """Download what is stored of the log, byte for byte as the program wrote it."""
    await services.runs.get(run_id)
    return _download(run_id, _raw(services.logs, run_id))


@router.post("/runs/{run_id}/logs/download-ticket", status_code=201, responses=problems(404))
async def create_download_ticket(
    run_id: RunId,
    services: UseServices,
    authorization: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> DownloadTicketView:
    """Get a link to the whole log that works once within a minute, and needs no header."""
    await services.runs.get(run_id)
    ticket, expires_at = await services.pages.download_tickets.issue(run_id, authorization)
    return DownloadTicketView(url=f"/api/downloads/{ticket}", expires_at=expires_at)


@router.get("/downloads/{ticket}", responses={**_BYTES, **problems(404)}, response_class=Response)
async def download_by_ticket(
    ticket: Annotated[str, Path(max_length=100)], services: UseServices
) -> StreamingResponse:
    """Download what a link was got for."""
    taken = await services.pages.download_tickets.take(ticket)
    chunks = _raw(services.logs, taken.run_id)
    credentials = services.accounts.credentials
    return _download(taken.run_id, while_it_holds(chunks, credentials, taken.credential_key))


def _download(run_id: str, chunks: AsyncGenerator[bytes]) -> StreamingResponse:
    headers = {"Content-Disposition": f'attachment; filename="{run_id}.log"'}
    return StreamingResponse(chunks, 200, headers, "application/octet-stream")


async def _raw(logs: Logs, run_id: str) -> AsyncGenerator[bytes]:
    position = 0
    while True:
        page = await logs.page(run_id, position, 20_000)
        if page.next_line == position:
            return
        yield b"".join(line.text if line.is_partial else line.text + b"\n" for line in page.lines)
        position = page.next_line
