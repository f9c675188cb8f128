"""Refuses requests that address the server by a name that is not its own.

A page elsewhere can have its own name resolve to this server (DNS rebinding), and is then of the same origin
as the API to the browser. The credential that it does not have stops it at most routes; this stops it at all.
A name that is told in an answer or a cookie is one of the server's own then, too.

Without accounts `LocalOnly` is stricter, and this lets everything through.
"""

from collections.abc import Awaitable, Callable
from typing import Final

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from fastflow.api.errors import problem
from fastflow.api.local_only import is_for_others
from fastflow.domain.addresses import as_address
from fastflow.domain.host_names import ANY, LOOPBACK, host_of_header

_MISDIRECTED: Final = 421


class AllowedHosts:
    """ASGI middleware in front of the whole app."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str], is_open: Callable[[], Awaitable[bool]]) -> None:
        """`hosts`: names and addresses beside loopback, canonical; with `*` among them nothing is refused."""
        self._app = app
        self._hosts = hosts | LOOPBACK
        self._is_open = is_open

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on or answer 421."""
        if scope["type"] == "http" and ANY not in self._hosts and not await self._is_open():
            header = Request(scope).headers.get("host", "")
            # Webhooks bring a credential in their path, and may come through a tunnel by any name.
            if not self._allows(host_of_header(header), scope) and not is_for_others(scope):
                await _refusal(header)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _allows(self, host: str | None, scope: Scope) -> bool:
        return host is not None and (host in self._hosts or host == _address_of(scope))


def _address_of(scope: Scope) -> str | None:
    """Return the address that the connection came to: no name can be rebound to be spelt like it.

    So health checks by address work wherever the server listens on all addresses.
    """
    server = scope.get("server")
    address = as_address(server[0]) if server else None
    if address is None:
        return None
    mapped = getattr(address, "ipv4_mapped", None)  # listening on ::, IPv4 connections arrive like this
    return str(mapped or address)


def _refusal(header: str) -> ASGIApp:
    shown = header[:100]
    return problem(
        _MISDIRECTED,
        "host_not_allowed",
        f"This server does not go by the name {shown!r}. If it should, set PUBLIC_URL to its address, "
        "or add the name to FASTFLOW_ALLOWED_HOSTS, and restart it.",
        {"host": shown, "setting": "FASTFLOW_ALLOWED_HOSTS"},
    )
