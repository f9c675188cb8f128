"""Puts on every answer what tells a browser how little it may do with it."""

from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_APP_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",  # blob: an image that was fetched with a credential
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""For pages and scripts of our own: everything comes from this origin, as a file."""
_DATA_POLICY: Final = (
    "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'; sandbox"
)
"""For all else. What pipelines wrote is shown as a document of no origin, in which nothing is executed."""
_OWN_CODE: Final = frozenset({"text/html", "text/javascript"})
_ALWAYS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",  # a webhook's URL holds its key
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(
        f"{feature}=()"
        for feature in (
            "accelerometer",
            "browsing-topics",
            "camera",
            "display-capture",
            "geolocation",
            "gyroscope",
            "magnetometer",
            "microphone",
            "midi",
            "payment",
            "publickey-credentials-get",
            "serial",
            "usb",
            "xr-spatial-tracking",
        )
    ),
}
_STRICT_TRANSPORT: Final = "max-age=31536000"
"""A year. Sub-domains are not ours to speak for."""


class SafeAnswers:
    """ASGI middleware around the whole app, its answers to errors included.

    An answer that brings one of the headers keeps its own. `is_https` says that browsers come by TLS even
    where the proxy in front does not say so.
    """

    def __init__(self, app: ASGIApp, *, is_https: bool = False) -> None:
        self._app = app
        self._is_https = is_https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the app answer, and complete the head of its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_https = self._is_https or scope["scheme"] == "https"

        async def complete(message: Message) -> None:
            if message["type"] == "http.response.start":
                _complete(MutableHeaders(scope=message), is_https=is_https)
            await send(message)

        await self._app(scope, receive, complete)


def safe_headers(content_type: str, *, is_https: bool = False) -> dict[str, str]:
    """Return the headers of an answer with that content."""
    is_ours = content_type.partition(";")[0].strip() in _OWN_CODE
    return {
        **_ALWAYS,
        "Content-Security-Policy": _APP_POLICY if is_ours else _DATA_POLICY,
        # What nobody said anything about is data: no cache keeps it.
        "Cache-Control": "no-store",
        **({"Strict-Transport-Security": _STRICT_TRANSPORT} if is_https else {}),
    }


def _complete(headers: MutableHeaders, *, is_https: bool) -> None:
    content_type = Headers(raw=headers.raw).get("content-type", "")
    for name, value in safe_headers(content_type, is_https=is_https).items():
        headers.setdefault(name, value)
