"""Story: a server with accounts is set up, signed in to, and left, in the browser."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.server_process import MakeServer, ServerProcess
from tests.web.browser import opened

NAME, PASSWORD = "ada", "correct horse battery"


@pytest.fixture(scope="module")
def walled(make_server: MakeServer) -> Iterator[ServerProcess]:
    """A server that asks everybody to sign in, and has no account yet."""
    server = make_server({"FASTFLOW_EXECUTOR": "process", "FASTFLOW_HOST": "0.0.0.0"})  # noqa: S104 - needs accounts
    server.start()
    server.until(lambda: "ready at" in server.log())
    yield server
    server.terminate()


def sign_in(page: Page, password: str = PASSWORD) -> None:
    page.get_by_label("Name").fill(NAME)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_the_first_administrator_is_made_signed_in_and_out_again(
    browser: Browser, walled: ServerProcess
) -> None:
    (token,) = re.findall(r"setup_[A-Za-z0-9_-]+", walled.log())
    with opened(browser, walled.url) as tab:
        page = tab.page
        page.goto("/runs")
        expect(page.get_by_role("heading", name="Make the first account")).to_be_visible()
        assert tab.violations() == []
        page.get_by_label("Set-up token").fill(token)
        page.get_by_label("Name").fill(NAME)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Make the account").click()
        expect(page.get_by_role("heading", name="Runs")).to_be_visible()

        page.reload()  # the session lives in a cookie that no script reads
        expect(page.get_by_role("heading", name="Runs")).to_be_visible()
        assert page.evaluate("document.cookie") == ""

        page.get_by_role("button", name="Signed in as ada").click()
        page.get_by_role("menuitem", name="Sign out", exact=True).click()
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        assert tab.violations() == []
        sign_in(page, "a wrong one, certainly")
        expect(page.get_by_role("alert")).to_be_visible()
        sign_in(page)
        expect(page.get_by_role("heading", name="Runs")).to_be_visible()
