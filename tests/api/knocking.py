"""Knocks at every route with a request that gets no further than the door, and says what it answers."""

import json
from dataclasses import dataclass
from itertools import count
from typing import Any, Final

from fastapi.routing import iter_route_contexts
from starlette.types import ASGIApp, Message

from tests.api.let_in import Answer

STRANGE_BODY: Final = b'"strange"'
"""No route takes it, so that nothing is changed by whoever is let in."""


@dataclass(frozen=True)
class Door:
    """A route, and the pipeline, run or schedule that its path is filled with."""

    name: str
    method: str
    path: str

    def of(self, **ids: str) -> str:
        """Return the path for a pipeline, its run and its schedule; all else in it is of nothing."""
        path = self.path
        if path.startswith("/api/pipelines/"):
            path = path.replace("{name}", ids["pipeline"])
        for name in ("run_id", "schedule_id"):
            path = path.replace(f"{{{name}}}", ids[name])
        return "/".join("nothing" if part.startswith("{") else part for part in path.split("/"))


def doors_of(app: Any) -> list[Door]:
    """Return every route with each of its methods; the one that signs its caller out comes last."""
    doors = [
        Door(str(each.name), method, str(each.path_format))
        for each in iter_route_contexts(app.routes)
        for method in sorted(each.methods or ())
    ]
    return sorted(doors, key=lambda door: door.name == "sign_out_everywhere")


_callers = count(1)


async def knock(app: ASGIApp, method: str, path: str, header: str | None) -> Answer:
    """Send one request and hang up as soon as the answer begins; each from an address of its own.

    Without a client library: a matrix has thousands of these.
    """
    sent: list[Message] = [{"type": "http.request", "body": b"" if method == "GET" else STRANGE_BODY}]
    received: list[Message] = []

    async def receive() -> Message:
        return sent.pop() if sent else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        received.append(message)

    headers = [(b"host", b"127.0.0.1"), (b"content-type", b"application/json")]
    if header is not None:
        headers.append((b"authorization", header.encode()))
    number = next(_callers)
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": headers,
        "client": (f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", 4711),
        "server": ("127.0.0.1", 8000),
    }
    await app(scope, receive, send)
    status = received[0]["status"]
    is_problem = (b"content-type", b"application/problem+json") in received[0]["headers"]
    body = b"".join(message.get("body", b"") for message in received)
    return status, json.loads(body)["code"] if is_problem else None
