"""What every answer of every route tells browsers, whether the route did what was asked or not."""

import re
from collections.abc import AsyncIterator
from typing import Any, cast

import httpx2
import pytest
from fastapi.routing import iter_route_contexts

from fastflow.api.app import create_app
from fastflow.api.deps import Services
from tests.plugins.world import Instance

# Describing the routes needs no service behind them.
ROUTES = sorted(
    {
        (method, str(each.path_format))
        for each in iter_route_contexts(create_app(cast("Services", None)).routes)
        for method in each.methods or ()
    }
)
ENDLESS = {("GET", "/api/events")}


def filled(path: str) -> str:
    """Put something into the path that there is not."""
    return re.sub(r"{[^}]+}", "00000000-0000-7000-8000-000000000000", path)


def assert_walled(answer: httpx2.Response) -> None:
    headers = answer.headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert not re.search(r"unsafe-|\*|https?:", policy)
    is_page = headers.get("content-type", "").startswith("text/html")
    if not is_page:
        assert policy.endswith("sandbox")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]
    # The one page of the web app holds nothing of anybody's.
    assert headers["cache-control"] == "no-store" or (is_page and headers["cache-control"] == "no-cache")
    assert not [name for name in headers if name.startswith("access-control-")]
    assert "server" not in headers


async def test_every_route_walls_its_answers(client: httpx2.AsyncClient) -> None:
    for method, path in ROUTES:
        if (method, path) not in ENDLESS:
            assert_walled(await client.request(method, filled(path)))


async def test_no_page_of_another_origin_is_let_in(client: httpx2.AsyncClient) -> None:
    for method, path in ROUTES:
        asking = {"Origin": "https://evil.example", "Access-Control-Request-Method": method}
        answer = await client.options(filled(path), headers=asking)
        assert answer.status_code in {403, 405}
        assert_walled(answer)


async def test_errors_of_every_kind_are_walled(client: httpx2.AsyncClient, server: Instance) -> None:
    strange: list[tuple[str, dict[str, Any]]] = [
        ("/api/nowhere", {}),
        ("/api/runs", {"headers": {"Host": "evil.example"}}),
        ("/api/runs", {"params": {"x": "y" * 9000}}),
        ("/api/runs", {"headers": {"Content-Encoding": "gzip"}}),
    ]
    for path, request in strange:
        answer = await client.get(path, **request)
        assert answer.status_code >= 400
        assert_walled(answer)


async def test_an_error_of_our_own_is_walled_too(server: Instance) -> None:
    server.app.state.services = None  # as if the wiring were broken
    transport = httpx2.ASGITransport(app=server.app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        answer = await client.get("/api/runs")
    assert answer.status_code == 500
    assert_walled(answer)


@pytest.fixture
async def by_tls(server: Instance) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=server.app)
    async with httpx2.AsyncClient(transport=transport, base_url="https://127.0.0.1:8000") as client:
        yield client


async def test_strict_transport_is_asked_for_by_tls_only(
    client: httpx2.AsyncClient, by_tls: httpx2.AsyncClient
) -> None:
    assert "strict-transport-security" not in (await client.get("/health")).headers
    assert (await by_tls.get("/health")).headers["strict-transport-security"] == "max-age=31536000"


async def test_a_public_url_with_tls_is_word_enough(server: Instance) -> None:
    app = create_app(server.parts.services, is_https=True)
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=app), base_url="http://127.0.0.1:8000"
    ) as client:
        assert "strict-transport-security" in (await client.get("/health")).headers
