"""Stories of people whom a provider vouches for: an admin admits, refuses and forgets them in the browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.server_process import ServerProcess, servers_on
from tests.servers.openid import StandInOpenId
from tests.web.browser import opened

PASSWORD = "correct horse battery"  # noqa: S105 - opens nothing


@pytest.fixture
def server(tmp_path: Path, openid: StandInOpenId) -> Iterator[ServerProcess]:
    """A server with an admin, root, and a provider, Acme, whose people have to be admitted."""
    (tmp_path / "oidc-secret").write_text("s:ecret%/\n")
    with servers_on(tmp_path) as make:
        server = make({})
        server.settings = {
            "FASTFLOW_EXECUTOR": "process",
            "FASTFLOW_UV_PRE_HEAT": "0",
            "FASTFLOW_PUBLIC_URL": server.url,
            "FASTFLOW_OIDC_ISSUER": openid.issuer,
            "FASTFLOW_OIDC_CLIENT_ID": openid.client_id,
            "FASTFLOW_OIDC_CLIENT_SECRET_FILE": str(tmp_path / "oidc-secret"),
            "FASTFLOW_OIDC_NAME": "Acme",
        }
        openid.redirect_uris = {f"{server.url}/api/auth/oidc/callback"}
        server.start()
        server.until_ready()
        server.call("POST", "/api/setup", {"name": "root", "password": PASSWORD})
        yield server
        server.terminate()


def sign_in_as_root(page: Page) -> None:
    page.goto("/users?tab=identities")
    page.get_by_label("Name").fill("root")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_somebody_of_a_provider_waits_is_admitted_refused_and_forgotten(
    browser: Browser, server: ServerProcess
) -> None:
    with opened(browser, server.url) as hers, opened(browser, server.url) as his:
        alice, root = hers.page, his.page
        alice.goto("/")
        alice.get_by_role("button", name="Sign in with Acme").click()
        expect(alice.get_by_text("An admin has to admit you")).to_be_visible()

        sign_in_as_root(root)
        row = root.get_by_role("row", name="alice")
        expect(row).to_contain_text("Waits for an admin")
        assert his.violations() == []
        row.get_by_role("button", name="Admit").click()
        dialog = root.get_by_role("dialog", name="Admit alice")
        dialog.get_by_label("Role", exact=True).select_option("operator")
        assert his.violations() == []
        dialog.get_by_role("button", name="Admit").click()
        expect(row).to_contain_text("Is alice")

        alice.goto("/")
        alice.get_by_role("button", name="Sign in with Acme").click()
        expect(alice.get_by_role("navigation")).to_be_visible()
        alice.goto("/users")
        expect(alice.get_by_text("You are alice, Operator")).to_be_visible()

        row.get_by_role("button", name="Refuse").click()
        root.get_by_role("button", name="Refuse", exact=True).last.click()
        expect(row).to_contain_text("Refused")
        # She is out at once, wherever she goes next.
        alice.goto("/runs")
        expect(alice.get_by_role("button", name="Sign in with Acme")).to_be_visible()

        row.get_by_role("button", name="Forget").click()
        root.get_by_role("button", name="Forget", exact=True).last.click()
        expect(root.get_by_text("Nobody signed in by a provider yet")).to_be_visible()
