"""The audit log: who changed what, for administrators."""

from collections.abc import AsyncGenerator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime
from starlette.responses import Response, StreamingResponse

from fastflow.api.deps import UseServices
from fastflow.api.errors import problems
from fastflow.api.guard import GuardedRoute
from fastflow.api.schemas.audit import AuditPage, AuditVerification, csv_head, csv_lines, ndjson_lines
from fastflow.domain.audit import AuditAction
from fastflow.domain.errors import Invalid
from fastflow.services.audit_log import AuditLog, Seal
from fastflow.store.audit_log import AuditFilter

router = APIRouter(prefix="/api/audit", tags=["audit"], route_class=GuardedRoute)

_MOST: int = 2**63 - 1
_FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Every entry, oldest first: as JSON, one a line, or as CSV.",
        "content": {
            "application/x-ndjson": {"schema": {"type": "string"}},
            "text/csv": {"schema": {"type": "string"}},
        },
    }
}


def _filter(
    actor: Annotated[str | None, Query(max_length=200, description="The name of who did it.")] = None,
    action: Annotated[list[AuditAction] | None, Query(description="May be given several times.")] = None,
    target: Annotated[str | None, Query(max_length=200, description="What it was done to.")] = None,
    pipeline_name: Annotated[str | None, Query(max_length=64, description="Of this pipeline.")] = None,
    at_from: Annotated[AwareDatetime | None, Query(description="Not older than this.")] = None,
    at_before: Annotated[AwareDatetime | None, Query(description="Older than this.")] = None,
) -> AuditFilter:
    actions = frozenset(action) if action else None
    return AuditFilter(actor, actions, target, pipeline_name, at_from, at_before)


Narrowed = Annotated[AuditFilter, Depends(_filter)]


@router.get("", responses=problems(422))
async def list_audit(
    services: UseServices,
    narrowed: Narrowed,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    cursor: Annotated[
        str | None, Query(pattern="^[0-9]{1,18}$", description="`next_cursor` of the last page.")
    ] = None,
) -> AuditPage:
    """List what was done, newest first."""
    before = int(cursor) if cursor is not None else None
    return AuditPage.of(*await services.audit_log.page(narrowed, limit, before))


@router.get("/export", responses={**_FILES, **problems(422)}, response_class=Response)
async def export_audit(
    services: UseServices, narrowed: Narrowed, format: Literal["ndjson", "csv"] = "ndjson"
) -> StreamingResponse:
    """Download the log, oldest first, as long as it is."""
    media = "text/csv; charset=utf-8" if format == "csv" else "application/x-ndjson"
    headers = {"Content-Disposition": f'attachment; filename="audit.{format}"'}
    lines = _lines(services.audit_log, narrowed, is_csv=format == "csv")
    return StreamingResponse(lines, headers=headers, media_type=media)


@router.get("/verification", responses=problems(404, 422))
async def verify_audit(
    services: UseServices,
    sequence: Annotated[int | None, Query(ge=0, le=_MOST, description="A row that is known.")] = None,
    digest: Annotated[
        str | None, Query(pattern="^[0-9a-f]{64}$", description="The digest that it had.")
    ] = None,
) -> AuditVerification:
    """Go through the whole log and look whether a row was changed, or is missing.

    Whoever may write the database can also compute all digests anew; only a known one tells.
    """
    if (sequence is None) != (digest is None):
        missing = "digest" if digest is None else "sequence"
        raise Invalid(
            "request_invalid", f"{missing}: give sequence and digest together.", {missing: "is missing"}
        )
    known = Seal(sequence, digest) if sequence is not None and digest is not None else None
    return AuditVerification.of(await services.audit_log.verify(known))


async def _lines(log: AuditLog, narrowed: AuditFilter, *, is_csv: bool) -> AsyncGenerator[str]:
    if is_csv:
        yield csv_head()
    async for rows in log.export(narrowed):
        yield csv_lines(rows) if is_csv else ndjson_lines(rows)
