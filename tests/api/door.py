"""What the tests of webhooks send through the door for other machines."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx2

from tests.plugins.world import Instance

KEY = "0123456789abcdef0123456789abcdef"
"""In the manifest of `hello`."""
STRANGER = "203.0.113.7"


@asynccontextmanager
async def calling_from(server: Instance, address: str = STRANGER) -> AsyncGenerator[httpx2.AsyncClient]:
    """Call as another machine would, through a reverse proxy that names itself and its caller."""
    transport = httpx2.ASGITransport(app=server.app, client=(address, 4711))
    async with httpx2.AsyncClient(
        transport=transport, base_url="https://flows.example.org", trust_env=False
    ) as client:
        yield client


async def send(
    client: httpx2.AsyncClient,
    body: bytes = b"",
    *,
    pipeline: str = "hello",
    key: str = KEY,
    headers: Mapping[str, str] | None = None,
    content_type: str | None = "application/json",
) -> httpx2.Response:
    """Deliver to a webhook."""
    type_header = {"Content-Type": content_type} if content_type is not None and body else {}
    return await client.post(
        f"/api/webhooks/{pipeline}/{key}", content=body, headers={**type_header, **(headers or {})}
    )


async def deliveries(server: Instance, of: str = "/api/pipelines/hello") -> list[dict[str, Any]]:
    """Read the log of deliveries, newest first, as somebody on this machine."""
    transport = httpx2.ASGITransport(app=server.app)
    async with httpx2.AsyncClient(
        transport=transport, base_url="http://127.0.0.1:8000", trust_env=False
    ) as client:
        return (await client.get(f"{of}/deliveries")).json()["deliveries"]


def problem_of(answer: httpx2.Response) -> tuple[int, str, dict[str, Any]]:
    """Return status, code and fields of a problem."""
    problem = answer.json()
    return answer.status_code, problem["code"], problem["fields"]
