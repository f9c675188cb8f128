"""Reads Server-Sent Events as `curl -N` would show them."""

import json
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_SILENCE_SECONDS = 60


@dataclass(frozen=True)
class Event:
    """One event; a log's lines have their number as `id`."""

    name: str
    id: str | None
    data: Any


def events(url: str, last_event_id: str | None = None) -> Iterator[Event]:
    """Yield the events as they arrive, until the server ends the stream or the caller has seen enough."""
    headers = {"Accept": "text/event-stream"}
    if last_event_id is not None:
        headers["Last-Event-ID"] = last_event_id
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - always http
    with urllib.request.urlopen(request, timeout=_SILENCE_SECONDS) as answer:  # noqa: S310
        fields: dict[str, str] = {}
        for raw in answer:
            name, _, value = raw.decode().rstrip("\n").partition(": ")
            if name:
                fields[name] = value
            elif "data" in fields:
                yield Event(fields.get("event", "message"), fields.get("id"), json.loads(fields["data"]))
                fields = {}
