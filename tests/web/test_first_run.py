"""Story: somebody who is new starts a pipeline and watches it."""

from playwright.sync_api import expect

from tests.server_process import ServerProcess
from tests.web.browser import Tab

COUNTS = """
import time
for number in range(3):
    print(f"line {number}", flush=True)
    time.sleep(0.5)
"""


def test_a_run_that_is_started_by_a_click_is_watched_live(server: ServerProcess, tab: Tab) -> None:
    server.add("counts", COUNTS)
    page = tab.page
    page.goto("/pipelines")
    page.get_by_role("button", name="Start counts").click()
    page.get_by_role("dialog").get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_role("heading", name="counts")).to_be_visible()
    expect(page.get_by_text("line 0")).to_be_visible()
    expect(page.get_by_text("line 2")).to_be_visible()
    expect(page.get_by_text("Succeeded in")).to_be_visible()
    assert tab.violations() == []
