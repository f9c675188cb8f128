"""Turns errors into problem documents (RFC 9457); the only place that knows HTTP statuses."""

from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, JsonValue
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from fastflow.domain.errors import (
    Conflict,
    FastFlowError,
    Forbidden,
    Invalid,
    NotFound,
    TooLarge,
    TooMany,
    Unauthenticated,
    Unavailable,
)

# The first that fits holds: a kind stands before the one that it is a kind of.
_STATUSES: Final[dict[type[FastFlowError], int]] = {
    TooLarge: 413,
    TooMany: 429,
    NotFound: 404,
    Conflict: 409,
    Invalid: 422,
    Unauthenticated: 401,
    Forbidden: 403,
    Unavailable: 503,
}
_TITLES: Final = {
    400: "Bad request",
    401: "Not signed in",
    403: "Forbidden",
    404: "Not found",
    405: "Method not allowed",
    408: "Request timeout",
    409: "Conflict",
    413: "Too large",
    414: "URI too long",
    415: "Unsupported media type",
    421: "Misdirected request",
    422: "Invalid input",
    429: "Too many requests",
    431: "Head too large",
    500: "Internal error",
    503: "Unavailable",
}
_WORTH_ANOTHER_TRY: Final = frozenset({429, 503})


class Problem(BaseModel):
    """What went wrong (`application/problem+json`). `code` is stable; `detail` is for people."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(default="about:blank", description="Always about:blank; tell problems apart by `code`.")
    title: str
    status: int
    detail: str
    code: str
    fields: dict[str, JsonValue] = Field(
        default_factory=dict, description="The facts behind it; for invalid input what is wrong by field."
    )


def status_of(error: FastFlowError) -> int:
    """Return the HTTP status that says what kind of error it is."""
    return next(status for kind, status in _STATUSES.items() if isinstance(error, kind))


def problem(status: int, code: str, detail: str, fields: dict[str, Any] | None = None) -> Response:
    """Return the response for one problem."""
    body = Problem(
        title=_TITLES.get(status, "Error"), status=status, detail=detail, code=code, fields=fields or {}
    )
    headers: dict[str, str] = {}
    if status in _WORTH_ANOTHER_TRY:
        headers["Retry-After"] = str(body.fields.get("retry_after_seconds", 5))
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(body.model_dump(mode="json"), status, headers, "application/problem+json")


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Declare the errors of a route for its `responses=`."""
    return {
        status: {
            "description": _TITLES[status],
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in statuses
    }


def install(app: FastAPI) -> None:
    """Let the app answer every error as a problem."""

    async def ours(_: Request, error: Exception) -> Response:
        assert isinstance(error, FastFlowError)  # noqa: S101 - registered for nothing else
        return problem(status_of(error), error.code, error.message, error.fields)

    async def invalid(_: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for nothing else
        fields = {_place(e["loc"]): _words(e) for e in error.errors()}
        detail = "; ".join(f"{place}: {message}" for place, message in fields.items())
        return problem(422, "request_invalid", f"The request was refused: {detail}", fields)

    async def http(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - registered for nothing else
        usual = {404: "route_not_found", 405: "method_not_allowed"}.get(error.status_code, "http_error")
        answer = problem(error.status_code, getattr(error, "code", usual), str(error.detail))
        answer.headers.update(error.headers or {})  # such as Allow, which a 405 has to bring
        return answer

    async def unforeseen(_: Request, error: Exception) -> Response:
        return problem(500, "internal_error", f"Fast-Flow failed: {type(error).__name__}. Its log says more.")

    app.add_exception_handler(FastFlowError, ours)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(Exception, unforeseen)


def _words(error: dict[str, Any]) -> str:
    """Return what is wrong with a field; the library's words for one that does not exist name no remedy."""
    if error["type"] == "extra_forbidden":
        return "there is no such field; /api/openapi.json lists those there are"
    return error["msg"]


def _place(location: tuple[int | str, ...]) -> str:
    parts = [str(part) for part in location if part not in {"body", "query", "path", "header"}]
    return ".".join(parts) or str(location[0])
