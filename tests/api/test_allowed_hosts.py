"""A server with accounts answers by its own names only."""

from typing import Any

import pytest

from fastflow.api.app import create_app
from fastflow.domain.role import Role
from fastflow.settings import Settings
from tests.api.raw_call import raw_call
from tests.plugins.world import Instance

PASSWORD = "correct horse battery"  # noqa: S105 - opens nothing


@pytest.fixture
async def closed(server: Instance) -> Instance:
    await server.parts.services.accounts.users.create("ann", Role.ADMIN, PASSWORD)
    return server


async def call(
    server: Instance,
    host: str | None,
    *,
    reached_at: str = "192.0.2.10",
    method: str = "GET",
    path: str = "/health",
    **settings: str,
) -> tuple[int, dict[str, Any]]:
    """Call a server with those settings by that name; None: by no name."""
    app = create_app(server.parts.services, hosts=Settings.model_validate(settings).hosts)
    headers = [("host", host)] if host is not None else []
    return await raw_call(app, headers, method=method, path=path, reached_at=reached_at)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:8000",
        "localhost",
        "LOCALHOST:8000",
        "[::1]:8000",
        "192.0.2.10:8000",
        "192.0.2.10",
        "flows.example.org",
        "flows.example.org:8443",
        "Flows.Example.Org.",
        "second.example.org",
        "[2001:db8::1]:8000",
    ],
)
async def test_its_own_names_and_addresses_are_answered(closed: Instance, host: str) -> None:
    status, _ = await call(
        closed,
        host,
        public_url="https://flows.example.org",
        allowed_hosts="Second.example.org, [2001:db8:0::1]",
    )
    assert status == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",  # rebound to this address
        "192.0.2.10.evil.example",
        "flows.example.org.evil.example",
        "evil.flows.example.org",
        "localhost.evil.example",
        "192.0.2.11:8000",
        "flows.example.org@evil.example",
        "flows.example.org, evil.example",
        "",
        None,
    ],
)
@pytest.mark.parametrize("path", ["/health", "/api/runs", "/api/auth/login", "/", "/nothing/there"])
async def test_other_names_are_refused_wherever_they_ask(
    closed: Instance, host: str | None, path: str
) -> None:
    status, problem = await call(closed, host, path=path, public_url="https://flows.example.org")
    assert (status, problem["code"]) == (421, "host_not_allowed")
    assert problem["fields"] == {"host": host or "", "setting": "FASTFLOW_ALLOWED_HOSTS"}
    assert repr(host or "") in problem["detail"]
    assert "FASTFLOW_ALLOWED_HOSTS" in problem["detail"]


@pytest.mark.parametrize(
    ("reached_at", "host"), [("2001:db8::5", "[2001:DB8::5]:8000"), ("::ffff:192.0.2.10", "192.0.2.10:8000")]
)
async def test_a_health_check_by_the_address_of_the_server_is_answered(
    closed: Instance, reached_at: str, host: str
) -> None:
    assert (await call(closed, host, reached_at=reached_at))[0] == 200


async def test_a_name_is_not_made_the_servers_own_by_what_is_told_of_the_connection(closed: Instance) -> None:
    assert (await call(closed, "evil.example", reached_at="evil.example"))[0] == 421


async def test_a_star_lets_every_name_in(closed: Instance) -> None:
    assert (await call(closed, "evil.example", allowed_hosts="*"))[0] == 200


async def test_a_webhook_may_be_called_by_any_name_with_its_key(closed: Instance) -> None:
    status, problem = await call(closed, "tunnel.example", method="POST", path="/api/webhooks/hello/wrong")
    assert (status, problem["code"]) == (404, "webhook_not_found")


async def test_without_accounts_no_setting_opens_the_server_to_another_name(server: Instance) -> None:
    status, problem = await call(server, "flows.example.org", path="/api/runs", allowed_hosts="*")
    assert (status, problem["code"]) == (403, "foreign_request")


@pytest.mark.parametrize(
    "value", ["https://flows.example.org", "flows.example.org:8000", "a b", "*.example.org"]
)
def test_a_setting_that_is_no_list_of_names_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="without scheme and port"):
        Settings.model_validate({"allowed_hosts": value})
