"""Reads Server-Sent Events as a browser does."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp, Message


@dataclass
class Event:
    """One event; `name` is `message` where the server gave none."""

    name: str
    id: str | None
    data: dict[str, object]


def events_of(text: str) -> list[Event]:
    """Return the events in a finished stream; comments are left out."""
    events: list[Event] = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if fields:
            data = json.loads(fields["data"])
            events.append(Event(fields.get("event", "message"), fields.get("id"), data))
    return events


async def listen(
    app: ASGIApp, path: str, enough: Callable[[list[Event]], bool], **headers: str
) -> list[Event]:
    """Read an endless stream until there is enough, then hang up; return the events."""
    received, hung_up = bytearray(), asyncio.Event()

    async def receive() -> Message:
        await hung_up.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        received.extend(message.get("body", b""))
        whole, _, _ = received.decode().rpartition("\n\n")
        if enough(events_of(whole)):
            hung_up.set()

    given = {"host": "127.0.0.1", **{name.replace("_", "-"): value for name, value in headers.items()}}
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in given.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8000),
    }
    await app(scope, receive, send)
    return events_of(received.decode())
