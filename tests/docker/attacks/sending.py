"""Sends bytes as they are, and says what came back."""

import asyncio
import json
import re
from dataclasses import dataclass
from typing import Final

_PATIENCE_SECONDS: Final = 5.0
_SILENCE_SECONDS: Final = 0.5
_STATUS: Final = re.compile(rb"(?:^|\n|\})HTTP/[0-9.]+ (?P<status>[0-9]{3})")
_MOST_BYTES: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Reply:
    """All that was answered to one request, or to several that were hidden in one."""

    content: bytes

    @property
    def statuses(self) -> list[int]:
        """The status of each answer in it."""
        return [int(match["status"]) for match in _STATUS.finditer(self.content)]

    @property
    def is_passed(self) -> bool:
        """Whether something was done: an answer that is no refusal."""
        return any(status < 400 for status in self.statuses)

    @property
    def created(self) -> str | None:
        """The id of a container that was created."""
        _, _, body = self.content.partition(b"\r\n\r\n")
        try:
            answer: object = json.loads(body)
        except ValueError:
            return None
        match answer:
            case {"Id": str(container)} if self.statuses == [201]:
                return container
            case _:
                return None


async def send(address: str, request: bytes) -> Reply:
    """Send it over a connection of its own; return what came until it was closed or fell silent."""
    reader, writer = await _connect(address)
    content = bytearray()
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            writer.write(request)
            while len(content) < _MOST_BYTES:
                async with asyncio.timeout(_SILENCE_SECONDS if content else None):
                    part = await reader.read(_MOST_BYTES)
                if not part:
                    break
                content += part
    except (TimeoutError, ConnectionError):
        pass
    finally:
        writer.close()
    return Reply(bytes(content))


async def _connect(address: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    scheme, _, rest = address.partition("://")
    if scheme == "unix":
        return await asyncio.open_unix_connection(rest)
    host, _, port = rest.rstrip("/").rpartition(":")
    return await asyncio.open_connection(host, int(port))
