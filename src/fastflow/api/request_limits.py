"""Refuses requests that are larger or stranger than any that is meant, before the app looks at them."""

import re
from typing import Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fastflow.api.errors import problem

MOST_HEAD_BYTES: Final = 32 * 1024
MOST_HEADERS: Final = 100
MOST_TARGET_BYTES: Final = 8 * 1024
"""Of path and query."""
MOST_BODY_BYTES: Final = 1024**2
"""Unless the route takes more (`take_body_of`)."""
_TAKEN: Final = "fastflow.most_body_bytes"
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_ONCE: Final = ("host", "content-length", "content-type", "authorization", "transfer-encoding")
"""Said twice, we and a proxy in front of us could each believe another one."""

Refusal = tuple[int, str, str]


class BodyTooLarge(HTTPException):
    """The body is larger than the route takes; what came of it was dropped."""

    code = "body_too_large"

    def __init__(self, most_bytes: int) -> None:
        super().__init__(
            413, f"The body has more than {most_bytes:,} bytes; send less, or a reference to it instead."
        )


def take_body_of(scope: Scope, most_bytes: int) -> None:
    """Let this request's body be that large; to be said before it is read."""
    scope[_TAKEN] = most_bytes


class RequestLimits:
    """ASGI middleware in front of the whole app."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its body counted, or answer what is wrong with it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = _refusal(scope, headers)
        if refusal is not None:
            await problem(*refusal)(scope, receive, send)
            return
        await self._app(scope, _counted(scope, headers, receive), send)


def _counted(scope: Scope, headers: Headers, receive: Receive) -> Receive:
    length = headers.get("content-length", "0")
    declared = int(length) if length.isdecimal() else 0
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        most: int = scope.get(_TAKEN, MOST_BODY_BYTES)
        if declared > most:  # before anything of it is asked for
            raise BodyTooLarge(most)
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > most:
            raise BodyTooLarge(most)
        return message

    return counted


def _refusal(scope: Scope, headers: Headers) -> Refusal | None:
    return _oversized(scope, headers) or _ambiguous(scope, headers) or _encoded(headers)


def _oversized(scope: Scope, headers: Headers) -> Refusal | None:
    target = len(scope.get("raw_path") or scope["path"].encode()) + len(scope["query_string"])
    if target > MOST_TARGET_BYTES:
        return 414, "target_too_long", f"Path and query have more than {MOST_TARGET_BYTES:,} bytes."
    if len(headers.raw) > MOST_HEADERS:
        return 431, "head_too_large", f"There are more than {MOST_HEADERS} header fields."
    if sum(len(name) + len(value) for name, value in headers.raw) > MOST_HEAD_BYTES:
        return 431, "head_too_large", f"The header fields have more than {MOST_HEAD_BYTES:,} bytes."
    return None


def _ambiguous(scope: Scope, headers: Headers) -> Refusal | None:
    if _CONTROL.search(scope["path"]) or not scope["path"].startswith("/"):
        return 400, "path_invalid", "A path begins with / and has no control characters in it."
    if b"%00" in scope["query_string"]:  # a text without NUL is a text that any database takes
        return 400, "query_invalid", "There is a NUL character in the query."
    for name in _ONCE:
        if len(headers.getlist(name)) > 1:
            return 400, "header_repeated", f"There is more than one {name} header field."
    if headers.get("transfer-encoding", "chunked").lower() != "chunked":
        return 400, "encoding_not_supported", "Of transfer encodings only chunked is understood."
    return None


def _encoded(headers: Headers) -> Refusal | None:
    encoding = headers.get("content-encoding", "identity")
    if encoding.strip().lower() == "identity":
        return None
    return (
        415,
        "encoding_not_supported",
        f"Bodies are taken as they are, not as {encoding[:40]!r}; send them uncompressed.",
    )
