"""Story: somebody pauses a schedule, learns why nothing ran, and gives another system a key."""

import re
import subprocess
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Browser, expect

from tests.server_process import ServerProcess
from tests.web.browser import Tab, opened

HELLO = 'print("hello")\n'
README = (
    "# Nightly\n\nSums the day **up**.\n\n![chart](https://example.org/x.png) <img src=x onerror=alert(1)>\n"
)


def test_a_schedule_is_paused_with_a_reason_and_what_it_left_out_is_looked_up(
    server: ServerProcess, tab: Tab, browser: Browser
) -> None:
    server.add(
        "nightly",
        HELLO,
        {
            "schedules": [
                {"id": "night", "schedule_cron": "15 3 * * 1-5", "timezone": "Europe/Berlin"},
                {"id": "often", "schedule_interval_seconds": 2},
            ]
        },
    )
    server.until(lambda: server.get("/api/runs?pipeline_name=nightly")["runs"])
    page = tab.page
    page.goto("/pipelines/nightly")
    page.get_by_role("tab", name="Schedules").click()
    night = page.get_by_role("region", name="night")
    expect(night.get_by_text("At 03:15 from Monday to Friday")).to_be_visible()

    often = page.get_by_role("region", name="often")
    often.get_by_role("button", name="Pause").click()
    dialog = page.get_by_role("dialog", name="Pause nightly / often")
    dialog.get_by_label("Reason").fill("The shop moves house.")
    dialog.get_by_label("Owner").fill("Anna")
    dialog.get_by_role("button", name="Pause", exact=True).click()
    expect(often.get_by_text("Anna, ")).to_be_visible()
    expect(often.get_by_text("The shop moves house.")).to_be_visible()
    assert tab.violations() == []

    often.get_by_role("button", name="Show what became of each").click()
    often.get_by_role("button", name="Skipped").click()
    rows = often.get_by_role("table").get_by_role("row")
    schedule = server.get("/api/schedules?pipeline_name=nightly")["schedules"][1]
    skipped = f"/api/schedules/{schedule['id']}/occurrences?status=skipped"
    server.until(lambda: server.get(skipped)["occurrences"])
    page.reload()
    expect(rows.nth(1)).to_contain_text("paused")
    expect(page).to_have_url(re.compile("ledger=skipped"))
    assert tab.violations() == []

    often.get_by_role("button", name="Resume").click()
    expect(often.get_by_text("Active")).to_be_visible()

    yesterday = (datetime.now(UTC) - timedelta(days=1)).strftime("%Y-%m-%dT04:00")
    page.get_by_label("Minute").fill(yesterday)
    page.get_by_role("button", name="Ask").click()
    answers = page.get_by_role("list", name="Answers").get_by_role("listitem")
    expect(answers.filter(has_text="night")).to_contain_text("did not exist")

    with opened(browser, server.url, scheme="dark", language="de-DE") as german:
        german.page.goto("/pipelines/nightly?tab=schedules")
        expect(german.page.get_by_text("Um 03:15, montags bis freitags")).to_be_visible()
        assert german.violations() == []


def test_another_system_is_given_a_key_that_is_shown_once(server: ServerProcess, tab: Tab) -> None:
    server.add("report", HELLO, {"downstream_triggers": [{"pipeline": "publish", "on_success": True}]})
    server.add("publish", HELLO)
    page = tab.page
    page.goto("/pipelines/report?tab=triggers")
    expect(page.get_by_role("list", name="Starts").get_by_role("link", name="publish")).to_be_visible()
    page.get_by_role("button", name="New key").click()
    page.get_by_label("Ends").select_option("in 30 days")
    page.get_by_label("Deliveries have to be signed").check()
    page.get_by_role("button", name="Make the key").click()
    shown = page.get_by_role("dialog", name="The key was made")
    url = shown.get_by_label("URL").inner_text()
    command = shown.get_by_label("Command").inner_text()
    assert tab.violations() == []
    done = subprocess.run(command, shell=True, check=True, capture_output=True, text=True, timeout=60)  # noqa: S602 - the point
    assert '"trigger":"webhook"' in done.stdout
    shown.get_by_role("button", name="Done").click()

    deliveries = page.get_by_role("table", name="Deliveries").get_by_role("row")
    expect(deliveries.filter(has_text="Accepted")).to_have_count(1)
    key = url.rsplit("/", 1)[1]
    assert key not in page.content()
    assert tab.violations() == []

    page.get_by_role("button", name="Revoke").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("No key")).to_be_visible()
    page.get_by_role("list", name="Starts").get_by_role("link", name="publish").click()
    expect(page.get_by_role("heading", name="publish", level=1)).to_be_visible()
    expect(page.get_by_role("tab", name="Overview")).to_have_attribute("aria-selected", "true")


def test_what_its_authors_say_of_it_is_read_without_running_anything(server: ServerProcess, tab: Tab) -> None:
    server.add("nightly", HELLO, {"timeout": 60, "mem_hard_limit": "256m"})
    (server.folder / "pipelines" / "nightly" / "README.md").write_text(README)
    server.until_status(server.run("nightly"), "SUCCESS")
    page = tab.page
    page.goto("/pipelines/nightly")
    readme = page.get_by_role("region", name="README")
    expect(readme.get_by_text("Sums the day up.")).to_be_visible()
    expect(readme.get_by_role("link", name="chart")).to_have_attribute("rel", "noopener noreferrer")
    expect(readme.get_by_role("img")).to_have_count(0)
    expect(page.get_by_role("img", name=re.compile("Duration: .*timeout 1 min"))).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("Runs ended on 1 day "))).to_be_visible()
    assert tab.violations() == []

    page.get_by_role("tab", name="Runs").click()
    page.get_by_role("button", name="Failed").click()
    expect(page.get_by_text("No run is like that")).to_be_visible()
    assert tab.violations() == []
    page.get_by_role("tab", name="Environment").click()
    expect(page.get_by_text("none: it needs no packages")).to_be_visible()
    assert tab.violations() == []
    page.get_by_role("tab", name="Manifest").click()
    expect(page.get_by_text('"timeout": 60')).to_be_visible()
    assert tab.violations() == []
