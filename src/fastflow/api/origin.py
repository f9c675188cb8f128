"""Tells requests that a page of another site makes a browser send."""

from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request

from fastflow.domain.errors import Forbidden

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def foreign_origin(request: Request) -> str | None:
    """Return the origin of a request that would change something for another site's page."""
    origin = request.headers.get("origin")
    if request.method in _SAFE or origin is None:
        return None
    return origin[:100] if urlsplit(origin).netloc != request.headers.get("host", "") else None


def refuse_foreign_page(request: Request) -> None:
    """Refuse what a page elsewhere sends: the browser would add this site's cookie.

    Raises:
        Forbidden: `foreign_request`.
    """
    origin = foreign_origin(request)
    if origin is not None:
        raise Forbidden("foreign_request", f"A page of {origin!r} may not sign anybody in or out here.")
