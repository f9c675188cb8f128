"""Calls an app as uvicorn does, with a path and headers that no client tidies up before."""

import json
from collections.abc import Iterable
from typing import Any

from starlette.types import ASGIApp


async def raw_call(
    app: ASGIApp,
    headers: Iterable[tuple[str, str]],
    *,
    method: str = "GET",
    path: str = "/health",
    raw_path: str = "",
    reached_at: str = "127.0.0.1",
) -> tuple[int, dict[str, Any]]:
    """Return status and body; `reached_at` is the address that the connection came to, from elsewhere."""
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "http",
        "method": method,
        "path": path,
        "raw_path": (raw_path or path).encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers],
        "client": ("203.0.113.7", 4711),
        "server": (reached_at, 8000),
    }
    await app(scope, receive, send)
    body = b"".join(message.get("body", b"") for message in sent)
    return sent[0]["status"], json.loads(body or b"{}")
