"""Stories: somebody makes a schedule, pauses one with a reason, and reads why it did not run."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.server_process import ServerProcess
from tests.web.browser import PHONE, Tab, opened

HELLO = "print('hello')"


@pytest.fixture(scope="module")
def scheduled(server: ServerProcess) -> ServerProcess:
    """A server with a pipeline that is due each night, one that is always due, and one without a rule."""
    server.add("nightly", HELLO, {"schedule_cron": "30 2 * * 1-5", "timezone": "Europe/Berlin"})
    server.add("often", HELLO, {"schedule_interval_seconds": 1})
    server.add("free", HELLO)
    server.until(lambda: len(server.get("/api/schedules")["schedules"]) == 2)
    often = next(s for s in server.get("/api/schedules")["schedules"] if s["pipeline_name"] == "often")
    server.call("POST", f"/api/schedules/{often['id']}/pause", {"reason": "too often", "by": "Ada"})
    server.until(lambda: server.get("/api/schedules/not-run")["not_run"])
    return server


def test_a_schedule_is_paused_with_a_reason_and_resumed(scheduled: ServerProcess, tab: Tab) -> None:
    page = tab.page
    page.goto("/schedules")
    row = page.get_by_role("table", name="All schedules").get_by_role("row").filter(has_text="nightly")
    expect(row).to_contain_text("At 02:30 from Monday to Friday")
    assert tab.violations() == []
    row.get_by_role("button", name="Pause nightly").click()
    form = page.get_by_role("dialog", name="Pause nightly")
    form.get_by_label("Reason").fill("the warehouse moves")
    form.get_by_label("Owner").fill("Grace")
    assert tab.violations() == []
    form.get_by_role("button", name="Pause", exact=True).click()
    expect(row).to_contain_text("Paused by Grace")
    expect(row).to_contain_text("the warehouse moves")

    page.get_by_role("button", name="Paused", exact=True).click()
    expect(page).to_have_url(re.compile("only=paused"))
    page.reload()
    expect(row).to_contain_text("Paused by Grace")
    row.get_by_role("button", name="Resume nightly").click()
    expect(row).to_be_hidden()


def test_what_did_not_run_says_why(scheduled: ServerProcess, browser: Browser) -> None:
    with opened(browser, scheduled.url, scheme="dark") as tab:
        page = tab.page
        page.goto("/schedules")
        missed = page.get_by_role("region", name="Did not run in the last 24 hours")
        expect(missed.get_by_role("listitem").filter(has_text="often")).to_contain_text("too often")
        assert tab.violations() == []


def test_a_schedule_is_made_changed_and_deleted(scheduled: ServerProcess, tab: Tab) -> None:
    page = tab.page
    page.goto("/schedules")
    page.get_by_role("button", name="New schedule").click()
    form = page.get_by_role("dialog", name="New schedule")
    form.get_by_label("Pipeline").select_option("free")
    form.get_by_label("Cron expression").fill("61 * * * *")
    preview = form.get_by_role("region", name="What it would do")
    expect(preview).to_contain_text("61")
    form.get_by_label("Cron expression").fill("0 4 * * 0")
    form.get_by_label("Time zone").fill("Asia/Kolkata")
    expect(preview).to_contain_text("At 04:00 on Sunday")
    expect(preview).to_contain_text("Asia/Kolkata")
    expect(preview.get_by_role("listitem")).to_have_count(5)
    assert tab.violations() == []
    form.get_by_role("button", name="New schedule").click()

    row = page.get_by_role("table", name="All schedules").get_by_role("row").filter(has_text="free")
    expect(row).to_contain_text("At 04:00 on Sunday")
    row.get_by_role("button", name="Change free").click()
    change = page.get_by_role("dialog", name="Change free")
    change.get_by_label("It starts").select_option("interval")
    change.get_by_label("Minutes between starts").fill("90")
    change.get_by_role("button", name="Save").click()
    expect(row).to_contain_text("Every 1 h 30 min")
    row.get_by_role("button", name="Delete free").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(row).to_be_hidden()


def test_a_schedule_of_a_manifest_says_where_to_change_it(scheduled: ServerProcess, browser: Browser) -> None:
    with opened(browser, scheduled.url, size=PHONE, is_touch=True) as tab:
        page = tab.page
        page.goto("/schedules?text=night")
        row = page.get_by_role("table", name="All schedules").get_by_role("row").filter(has_text="nightly")
        row.get_by_role("button", name="Change nightly").focus()
        expect(page.get_by_text("It is written in the manifest.")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
        assert tab.violations() == []
