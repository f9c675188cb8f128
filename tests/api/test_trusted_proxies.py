"""Who calls is what a trusted proxy tells, and nothing that anybody else writes into a header."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, cast

import httpx2
import pytest

from fastflow.domain.role import Role
from fastflow.main.listening import http_config
from fastflow.settings import Settings
from fastflow.store.audit_log import AuditFilter
from tests.plugins.world import Instance

PASSWORD = "correct horse battery"  # noqa: S105 - opens nothing
PROXY, SECOND_PROXY, SIX = "192.0.2.1", "198.18.0.7", "2001:db8::1"
STRANGER, OTHER = "203.0.113.7", "203.0.113.8"
TRUSTED = f"{PROXY}, 198.18.0.0/15, {SIX}"


@pytest.fixture
async def closed(server: Instance) -> Instance:
    await server.parts.services.accounts.users.create("ann", Role.ADMIN, PASSWORD)
    return server


@asynccontextmanager
async def connected(
    server: Instance, peer: str, trusted: str = TRUSTED
) -> AsyncGenerator[httpx2.AsyncClient]:
    """Connect from that address to the app as the server serves it."""
    config = http_config(server.app, Settings.model_validate({"trusted_proxies": trusted}))
    config.load()
    transport = httpx2.ASGITransport(app=cast("Any", config).loaded_app, client=(peer, 4711))
    async with httpx2.AsyncClient(
        transport=transport, base_url="http://127.0.0.1:8000", trust_env=False
    ) as client:
        yield client


async def sign_in(
    client: httpx2.AsyncClient, *forwarded: str, name: str = "ann", password: str = PASSWORD
) -> int:
    """Sign in, with these header fields in this order; return the status."""
    answer = await client.post(
        "/api/auth/login",
        json={"name": name, "password": password},
        headers=[("X-Forwarded-For", each) for each in forwarded],
    )
    return answer.status_code


async def last_address(server: Instance) -> str | None:
    """Return from where the audit log says that somebody signed in last."""
    rows, _ = await server.parts.services.audit_log.page(AuditFilter(), 1, None)
    return rows[0].address


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        (PROXY, [STRANGER], STRANGER),
        (SECOND_PROXY, [STRANGER], STRANGER),
        (SIX, [STRANGER], STRANGER),
        (PROXY, [f"{STRANGER}:51234"], STRANGER),
        (PROXY, ["[2001:db8:7::1]:51234"], "2001:db8:7::1"),
        (PROXY, [f"{OTHER}, {STRANGER}"], STRANGER),  # the caller wrote the first, the proxy the second
        (PROXY, [OTHER, STRANGER], STRANGER),
        (PROXY, [f"127.0.0.1, {STRANGER}"], STRANGER),
        (PROXY, [f"{PROXY}, {STRANGER}"], STRANGER),
        (PROXY, [f"{OTHER}, {STRANGER}, {SECOND_PROXY}"], STRANGER),
        (PROXY, [f"{OTHER}, {STRANGER}", SECOND_PROXY], STRANGER),
        (PROXY, [], PROXY),
        (PROXY, ["unknown"], None),
        (PROXY, [f"{STRANGER}, unknown"], None),  # never believed further left
        (PROXY, ["x" * 5000], None),
        (PROXY, ["fe80::1%" + "x" * 5000], "fe80::1"),
        (STRANGER, [], STRANGER),
        (STRANGER, [OTHER], STRANGER),
        (STRANGER, ["127.0.0.1"], STRANGER),
        (STRANGER, [PROXY], STRANGER),
        ("192.0.2.2", [OTHER], "192.0.2.2"),
        ("127.0.0.1", [OTHER], "127.0.0.1"),  # loopback is trusted by default, not always
    ],
)
async def test_the_address_is_the_rightmost_that_no_trusted_proxy_has(
    closed: Instance, peer: str, forwarded: list[str], address: str | None
) -> None:
    async with connected(closed, peer) as client:
        assert await sign_in(client, *forwarded) == 200
    assert await last_address(closed) == address


async def test_nobody_is_trusted_where_the_setting_is_empty(closed: Instance) -> None:
    async with connected(closed, PROXY, trusted="") as client:
        assert await sign_in(client, STRANGER) == 200
    assert await last_address(closed) == PROXY


async def test_a_spoofed_header_does_not_shorten_the_wait(closed: Instance) -> None:
    async with connected(closed, STRANGER) as client:
        for number in range(20):
            assert await sign_in(client, f"198.51.100.{number}", name=f"user{number}") == 401
        assert await sign_in(client, "198.51.100.99") == 429
        assert await sign_in(client, "127.0.0.1") == 429
    async with connected(closed, PROXY) as client:
        assert await sign_in(client, f"198.51.100.99, {STRANGER}") == 429, (
            "by the proxy it is the same caller"
        )
        assert await sign_in(client, OTHER) == 200, "others are not made to wait for it"


async def test_what_comes_by_a_proxy_does_not_lock_out_who_is_behind_it_too(closed: Instance) -> None:
    async with connected(closed, PROXY) as client:
        for number in range(20):
            assert await sign_in(client, STRANGER, name=f"user{number}") == 401
        assert await sign_in(client, STRANGER) == 429
        assert await sign_in(client, OTHER) == 200


async def test_only_a_trusted_proxy_says_that_tls_was_used(closed: Instance) -> None:
    for peer, is_secure in ((PROXY, True), (STRANGER, False)):
        async with connected(closed, peer) as client:
            answer = await client.post(
                "/api/auth/login",
                json={"name": "ann", "password": PASSWORD},
                headers={"X-Forwarded-Proto": "https"},
            )
            assert ("secure" in answer.headers["set-cookie"].lower()) == is_secure
