"""Refuses what a web page elsewhere could send to a server that asks nobody for a login.

Without accounts a request from this machine is trusted, and a browser on this machine sends requests
for any page it shows. So the `Host` must be a loopback name (or a page could rebind its own name to
127.0.0.1) and a request that changes something must not come from another origin.

Webhooks and push webhooks are for other machines, through a reverse proxy or a tunnel: they bring a
credential of their own, which no page elsewhere has.

Once there are accounts it lets everything through: who calls is asked for a credential then, which no page
elsewhere has either, and `AllowedHosts` looks at the name.
"""

import re
from collections.abc import Awaitable, Callable
from typing import Final

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from fastflow.api.errors import problem
from fastflow.api.origin import foreign_origin
from fastflow.domain.host_names import LOOPBACK, host_of_header

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
            reason = None if is_for_others(scope) else _refusal(request)
            if reason is not None:
                await problem(403, "foreign_request", reason)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def is_for_others(scope: Scope) -> bool:
    """Whether a request is for a route that other machines call with a credential in its path or body."""
    return scope["method"] == "POST" and _FOR_OTHERS.fullmatch(scope["path"]) is not None


def _refusal(request: Request) -> str | None:
    host = request.headers.get("host", "")
    if host_of_header(host) not in LOOPBACK:
        return f"Host {host[:100]!r} is not this machine's loopback name; use http://127.0.0.1 or localhost."
    origin = foreign_origin(request)
    return f"A page of {origin!r} may not change anything here." if origin is not None else None
