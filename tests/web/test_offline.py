"""Story: the server is away for a while; whoever looks on is told, and needs to do nothing."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.server_process import MakeServer, ServerProcess
from tests.web.browser import opened


@pytest.fixture
def restarting(make_server: MakeServer) -> Iterator[ServerProcess]:
    server = make_server({"FASTFLOW_EXECUTOR": "process"})
    server.start()
    server.until_ready()
    yield server
    server.terminate()


def test_a_server_that_is_away_is_told_of_and_its_return_needs_no_reload(
    browser: Browser, restarting: ServerProcess
) -> None:
    with opened(browser, restarting.url) as tab:
        page = tab.page
        page.goto("/runs")
        expect(page.get_by_label("Connection to the server")).to_have_text("Live")
        expect(page.get_by_text("No run yet")).to_be_visible()
        restarting.kill()
        expect(page.get_by_text("The server can't be reached since")).to_be_visible()
        assert tab.violations() == []
        restarting.start()
        restarting.until_ready()
        expect(page.get_by_label("Connection to the server")).to_have_text("Live")
        expect(page.get_by_text("The server can't be reached since")).to_have_count(0)
        restarting.add("counts", "print(1)")
        run_id = restarting.run("counts")
        expect(page.locator(f'a[href="/runs/{run_id}"]')).to_be_visible()
