"""Stories: the first page guides who is new, and shows what goes on."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.server_process import MakeServer, ServerProcess
from tests.web.browser import PHONE, Tab, opened

HELLO = "print('hello')"
FAILS = "raise SystemExit(3)"
WAITS = """
import time
while True:
    time.sleep(0.2)
"""


@pytest.fixture
def empty(make_server: MakeServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server that nobody has used, and that isolates nothing."""
    server = make_server(
        {
            "FASTFLOW_EXECUTOR": "process",
            "FASTFLOW_DATA_DIR": str(tmp_path_factory.mktemp("data")),
            "FASTFLOW_UV_PRE_HEAT": "0",
        }
    )
    server.folder = tmp_path_factory.mktemp("new")
    (server.folder / "pipelines").mkdir()
    server.start()
    server.until_ready()
    yield server
    server.until(lambda: server.slots_in_use() == 0)
    server.terminate()


def test_the_guide_leads_to_a_first_run_and_ticks_its_steps_off(
    empty: ServerProcess, browser: Browser
) -> None:
    with opened(browser, empty.url) as tab:
        page = tab.page
        page.goto("/")
        guide = page.get_by_role("region", name="First steps")
        expect(guide.get_by_role("listitem")).to_have_count(3)
        expect(guide.get_by_text("Done")).to_have_count(0)
        expect(page.get_by_text("Attempts are not isolated.")).to_be_visible()
        assert tab.violations() == []

        empty.add("hello", HELLO)
        expect(guide.get_by_text("Done")).to_have_count(1)
        empty.run("hello")
        expect(guide.get_by_text("Done")).to_have_count(2)
        guide.get_by_role("link", name="Or make a schedule here").click()
        page.get_by_role("button", name="New schedule").click()
        form = page.get_by_role("dialog", name="New schedule")
        form.get_by_label("Pipeline").select_option("hello")
        form.get_by_role("button", name="New schedule").click()
        expect(form).to_be_hidden()
        page.get_by_role("link", name="Home").click()
        expect(page.get_by_role("region", name="Next")).to_contain_text("hello")
        expect(guide).to_be_hidden()


def test_what_runs_appears_by_itself_and_goes_again(server: ServerProcess, tab: Tab) -> None:
    server.add("endless", WAITS, {"mem_hard_limit": "128m", "cpu_hard_limit": 1})
    page = tab.page
    page.goto("/")
    running = page.get_by_role("region", name="Running now")
    expect(running).to_contain_text("Nothing runs")
    run_id = server.run("endless")
    row = running.get_by_role("listitem").filter(has_text="endless")
    expect(row).to_contain_text("of 128 MiB")
    expect(row).to_contain_text("no estimate yet")
    expect(page.get_by_role("region", name="Waiting")).to_contain_text("Held by endless")
    expect(page.get_by_text("1 running")).to_be_visible()
    expect(page.get_by_text("Attempts are not isolated.")).to_be_hidden()
    assert tab.violations() == []
    server.call("POST", f"/api/runs/{run_id}/cancel")
    expect(row).to_be_hidden()


def test_what_failed_says_why_and_is_started_again_from_there(
    server: ServerProcess, browser: Browser
) -> None:
    server.add("sloppy", FAILS)
    failed = server.run("sloppy")
    server.until_status(failed, "FAILED")
    with opened(browser, server.url, scheme="dark") as tab:
        page = tab.page
        page.goto("/")
        expect(page.get_by_role("link", name=re.compile("failed in the last 24 hours"))).to_be_visible()
        row = page.get_by_role("region", name="Failed lately").get_by_role("listitem")
        expect(row.first).to_contain_text("exit code 3")
        row.first.get_by_role("button", name="Start again: sloppy").click()
        expect(page.get_by_text("sloppy was started again")).to_be_visible()
        expect(row).to_have_count(2)
        assert tab.violations() == []


def test_home_speaks_german_on_a_phone(server: ServerProcess, browser: Browser) -> None:
    with opened(browser, server.url, size=PHONE, is_touch=True, language="de-DE") as tab:
        page = tab.page
        page.goto("/")
        expect(page.get_by_role("region", name="Läuft gerade")).to_be_visible()
        expect(page.get_by_role("region", name="Warteschlange")).to_contain_text("Nichts wartet.")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
        assert tab.violations() == []
