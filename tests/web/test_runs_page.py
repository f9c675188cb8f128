"""Stories: somebody looks for runs, watches the list, and reads the timeline."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.server_process import ServerProcess
from tests.web.browser import PHONE, Tab, opened

SUCCEEDS = "print('done')"
FAILS = "raise SystemExit(3)"
WAITS = """
import time
while True:
    time.sleep(0.2)
"""


@pytest.fixture(scope="module")
def ended(server: ServerProcess) -> ServerProcess:
    """A server on which one run has succeeded and one has failed."""
    server.add("tidy", SUCCEEDS)
    server.add("sloppy", FAILS)
    server.add("endless", WAITS)
    for pipeline, status in (("tidy", "SUCCESS"), ("sloppy", "FAILED")):
        server.until_status(server.run(pipeline), status)
    return server


def test_a_filter_stands_in_the_address_and_survives_a_reload(ended: ServerProcess, tab: Tab) -> None:
    page = tab.page
    page.goto("/runs")
    expect(page.get_by_text("tidy")).to_be_visible()
    page.get_by_role("button", name="Failed").click()
    expect(page.get_by_text("tidy")).to_be_hidden()
    expect(page.get_by_role("row").filter(has_text="sloppy")).to_contain_text("exit code 3")
    expect(page).to_have_url(re.compile("status=.*FAILED"))
    page.reload()
    expect(page.get_by_role("button", name="Failed")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_text("sloppy")).to_be_visible()
    expect(page.get_by_text("tidy")).to_be_hidden()

    page.get_by_role("combobox", name="Pipeline").click()
    page.get_by_role("combobox", name="Find a pipeline").fill("tid")
    page.get_by_role("option", name="tidy").click()
    expect(page.get_by_text("No run fits this filter")).to_be_visible()
    assert tab.violations() == []
    page.get_by_role("button", name="Take all away").click()
    expect(page.get_by_text("tidy")).to_be_visible()
    page.get_by_role("searchbox", name="Search runs").fill("exit code 3")
    expect(page.get_by_text("tidy")).to_be_hidden()
    expect(page).to_have_url(re.compile("text=exit"))


def test_a_new_run_announces_itself_and_changes_in_its_place(ended: ServerProcess, tab: Tab) -> None:
    page = tab.page
    page.goto("/runs?pipeline=endless")
    expect(page.get_by_text("No run fits this filter")).to_be_visible()
    first = ended.run("endless")
    # An empty list has nothing that could be pushed away.
    row = page.get_by_role("row").filter(has_text="endless")
    expect(row).to_contain_text("Running")

    second = ended.run("endless")
    ended.until_status(second, "RUNNING")
    news = page.get_by_role("button", name=re.compile("1 new run"))
    expect(news).to_be_visible()
    expect(row).to_have_count(1)
    news.click()
    expect(row).to_have_count(2)
    expect(news).to_be_hidden()

    ended.call("POST", f"/api/runs/{first}/cancel")
    expect(row.nth(1)).to_contain_text("Cancelled")
    expect(row.nth(0)).to_contain_text("Running")
    ended.call("POST", f"/api/runs/{second}/cancel")
    expect(row.nth(0)).to_contain_text("Cancelled")


def test_rows_are_walked_through_and_opened_by_keys(ended: ServerProcess, tab: Tab) -> None:
    page = tab.page
    page.goto("/runs?status=FAILED")
    expect(page.get_by_text("sloppy")).to_be_visible()
    page.goto("/runs")
    expect(page.get_by_text("tidy")).to_be_visible()
    page.keyboard.press("j")
    links = page.get_by_role("table").get_by_role("link")
    expect(links.nth(0)).to_be_focused()
    page.keyboard.press("j")
    expect(links.nth(1)).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(links.nth(0)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/runs/[0-9a-f-]{36}$"))


def test_the_timeline_tells_its_runs_to_pointer_and_keys(ended: ServerProcess, browser: Browser) -> None:
    with opened(browser, ended.url, scheme="dark") as tab:
        page = tab.page
        page.goto("/runs?pipeline=sloppy")
        page.get_by_role("button", name="Timeline").click()
        expect(page).to_have_url(re.compile("view=timeline"))
        timeline = page.get_by_role("figure", name="Timeline of runs")
        mark = timeline.get_by_role("link")
        mark.focus()
        expect(mark).to_have_accessible_name(re.compile("^sloppy, Failed, "))
        expect(timeline).to_contain_text("1 run")
        expect(timeline.get_by_text("exit code 3").first).to_be_visible()
        assert tab.violations() == []
        mark.click()
        expect(page).to_have_url(re.compile("/runs/[0-9a-f-]{36}$"))


def test_on_a_phone_runs_are_cards_of_two_lines(ended: ServerProcess, browser: Browser) -> None:
    with opened(browser, ended.url, size=PHONE, is_touch=True, language="de-DE") as tab:
        page = tab.page
        page.goto("/runs")
        row = page.get_by_role("row").filter(has_text="sloppy")
        expect(row).to_contain_text("Fehlgeschlagen")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
        assert tab.violations() == []
