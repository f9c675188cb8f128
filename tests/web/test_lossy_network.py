"""Story: a browser that drops what it has asked for, as it does when a network interface changes."""

import re
from collections.abc import Callable

from playwright.sync_api import Route, expect

from tests.server_process import ServerProcess
from tests.web.browser import Tab


def dropping(times: int) -> Callable[[Route], None]:
    """Drop that many requests, then let them through."""
    left = [times]

    def handle(route: Route) -> None:
        if left[0]:
            left[0] -= 1
            route.abort("internetdisconnected")
        else:
            route.continue_()

    return handle


def test_a_page_whose_script_is_dropped_is_loaded_again(server: ServerProcess, tab: Tab) -> None:
    tab.page.route("**/assets/index-*.js", dropping(2))
    tab.page.goto("/runs", wait_until="commit")
    expect(tab.page.get_by_role("heading", name="Runs", level=1)).to_be_visible()


def test_a_page_whose_look_is_dropped_is_loaded_again(server: ServerProcess, tab: Tab) -> None:
    tab.page.route("**/assets/style-*.css", dropping(1))
    tab.page.goto("/runs", wait_until="commit")
    expect(tab.page.get_by_role("heading", name="Runs", level=1)).to_have_css(
        "font-family", re.compile("IBM Plex Sans")
    )


def test_a_part_that_is_dropped_is_fetched_again(server: ServerProcess, tab: Tab) -> None:
    page = tab.page
    page.route("**/assets/secrets_page-*.js", dropping(2))
    page.goto("/runs")
    expect(page.get_by_role("heading", name="Runs", level=1)).to_be_visible()
    page.get_by_role("link", name="Secrets").click()
    expect(page.get_by_role("heading", name="Secrets", level=1)).to_be_visible()


def test_an_answer_that_is_dropped_is_asked_for_again(server: ServerProcess, tab: Tab) -> None:
    page = tab.page
    page.route("**/api/runs?**", dropping(1))
    page.goto("/runs")
    expect(page.get_by_text("No run yet")).to_be_visible()
