"""Refuses what a web page elsewhere could send to a server that asks nobody for a login.

Without accounts a request from this machine is trusted, and a browser on this machine sends requests
for any page it shows. So the `Host` must be a loopback name (or a page could rebind its own name to
127.0.0.1) and a request that changes something must not come from another origin.

Webhooks and push webhooks are for other machines, through a reverse proxy or a tunnel: they bring a
credential of their own, which no page elsewhere has.

Once there are accounts it lets everything through: who calls is asked for a credential then, which no page
elsewhere has either.
"""

import re
from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from fastflow.api.errors import problem
from fastflow.api.origin import foreign_origin

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_FOR_OTHERS: Final = re.compile(r"/api/webhooks/[^/]+/[^/]+|/api/push/[^/]+")
"""Exactly the paths of these two routes, in the decoded form that the router looks at as well."""


class LocalOnly:
    """ASGI middleware in front of the whole app."""

    def __init__(self, app: ASGIApp, is_open: Callable[[], Awaitable[bool]]) -> None:
        """`is_open`: whether requests are trusted for where they come from."""
        self._app = app
        self._is_open = is_open

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on or answer 403."""
        if scope["type"] == "http" and await self._is_open():
            request = Request(scope)
            reason = None if _is_for_others(request) else _refusal(request)
            if reason is not None:
                await problem(403, "foreign_request", reason)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _is_for_others(request: Request) -> bool:
    return request.method == "POST" and _FOR_OTHERS.fullmatch(request.scope["path"]) is not None


def _refusal(request: Request) -> str | None:
    host = request.headers.get("host", "")
    if urlsplit(f"//{host}").hostname not in _LOOPBACK:
        return f"Host {host[:100]!r} is not this machine's loopback name; use http://127.0.0.1 or localhost."
    origin = foreign_origin(request)
    return f"A page of {origin!r} may not change anything here." if origin is not None else None
