"""Story: somebody looks for a pipeline among many, sees how it does, and starts it with what it asks for."""

import re

from playwright.sync_api import Browser, expect

from tests.server_process import ServerProcess
from tests.web.browser import PHONE, Tab, opened

HELLO = 'print("hello")\n'
GREETS = """
import json, os
print("greets", json.load(open(os.environ["FASTFLOW_PARAMETERS_FILE"])))
print("because of", os.environ.get("REASON"))
"""
PARAMETERS = {
    "type": "object",
    "required": ["name"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "pattern": "^[A-Z]", "description": "Whom to greet."},
        "times": {"type": "integer", "minimum": 1, "maximum": 10, "default": 2},
        "loud": {"type": "boolean", "default": False},
        "tone": {"enum": ["kind", "cold"], "default": "kind"},
        "others": {"type": "array", "items": {"type": "string"}},
    },
}


def test_a_pipeline_is_found_by_words_tags_and_what_is_wrong_with_it(
    server: ServerProcess, tab: Tab, browser: Browser
) -> None:
    server.add("import_orders", "raise SystemExit(3)", {"description": "Gets orders.", "tags": ["sales"]})
    server.add("report", HELLO, {"description": "Sums orders up.", "tags": ["sales", "daily"]})
    server.add("rest", HELLO, {"enabled": False})
    server.add("broken", HELLO, {"timeout": "soon"})
    failed = server.until_status(server.run("import_orders"), "FAILED")["id"]
    server.until_status(server.run("report"), "SUCCESS")
    page = tab.page
    page.goto("/pipelines")
    rows = page.get_by_role("list", name="Pipelines").get_by_role("listitem")
    for name in ("import_orders", "report", "rest", "broken"):  # beside those of other stories
        expect(rows.filter(has=page.get_by_role("link", name=name, exact=True))).to_have_count(1)
    expect(rows.filter(has_text="broken")).to_contain_text("Invalid: timeout: a whole number was expected")
    assert tab.violations() == []

    page.get_by_role("searchbox", name="Search pipelines").fill("orders")
    expect(rows).to_have_count(2)
    page.get_by_role("button", name="daily").click()
    expect(rows).to_have_count(1)
    expect(page).to_have_url(re.compile("text=orders"))
    page.reload()
    expect(rows).to_have_count(1)
    expect(page.get_by_role("button", name="daily")).to_have_attribute("aria-pressed", "true")

    page.goto("/pipelines")
    page.get_by_role("button", name="Failing").click()
    expect(rows).to_have_count(1)
    strip = rows.get_by_role("group", name="Last runs of import_orders")
    expect(strip.get_by_role("link", name="Failed")).to_be_visible()
    page.get_by_role("button", name="Disabled").click()
    expect(rows).to_have_count(2)
    start = rows.filter(has_text="rest").get_by_role("button", name="Start rest")
    expect(start).to_have_attribute("aria-disabled", "true")
    strip.get_by_role("link", name="Failed").click()
    expect(page).to_have_url(re.compile(failed))

    with opened(browser, server.url, size=PHONE, scheme="dark", is_touch=True) as phone:
        phone.page.goto("/pipelines")
        expect(phone.page.get_by_role("listitem").filter(has_text="report")).to_be_visible()
        assert phone.violations() == []


def test_a_run_is_started_with_parameters_and_a_wrong_one_is_told_at_its_input(
    server: ServerProcess, tab: Tab
) -> None:
    server.add("greets", GREETS, {"parameters": PARAMETERS})
    page = tab.page
    page.goto("/pipelines/greets")
    page.get_by_role("button", name="Start greets").click()
    form = page.get_by_role("dialog", name="Start greets")
    name, times = form.get_by_label("name (required)"), form.get_by_label("times")
    expect(name).to_be_focused()
    assert tab.violations() == []

    start = form.get_by_role("button", name="Start", exact=True)
    times.fill("11")
    start.click()
    expect(form.get_by_text("Needs a value.")).to_be_visible()
    expect(form.get_by_text("Has to be at most 10.")).to_be_visible()
    expect(name).to_be_focused()

    # The server alone judges patterns; what it says comes back to the input.
    name.fill("anna")
    times.fill("3")
    start.click()
    expect(form.get_by_text('Must match "^[A-Z]", got "anna"')).to_be_visible()
    expect(name).to_be_focused()
    assert tab.violations() == []

    name.fill("Anna")
    form.get_by_label("loud").check()
    form.get_by_label("tone").select_option("cold")
    form.get_by_label("others").fill("Ben\nCem")
    form.get_by_role("button", name="Add a variable").click()
    form.get_by_label("Name of variable 1").fill("REASON")
    form.get_by_label("Value of variable 1").fill("a birthday")
    start.click()
    expect(page).to_have_url(re.compile("/runs/"))
    run_id = page.url.split("/runs/")[1].split("?")[0]
    spec = server.until_status(run_id, "SUCCESS")["spec"]
    assert spec["parameters"] == {
        "name": "Anna",
        "times": 3,
        "loud": True,
        "tone": "cold",
        "others": ["Ben", "Cem"],
    }
    assert spec["variables"] == {"REASON": "a birthday"}

    # Another one like it: what it was given stands in the form.
    page.goto(f"/pipelines/greets?like={run_id}")
    expect(form.get_by_label("name (required)")).to_have_value("Anna")
    expect(form.get_by_label("others")).to_have_value("Ben\nCem")
    expect(form.get_by_label("Value of variable 1")).to_have_value("a birthday")
    form.get_by_label("Like an earlier run").select_option("no: with the defaults")
    expect(form.get_by_label("name (required)")).to_have_value("")


def test_a_run_is_started_by_keyboard_alone(server: ServerProcess, tab: Tab) -> None:
    server.add("greets", GREETS, {"parameters": PARAMETERS})
    server.add("hello", HELLO)
    page = tab.page
    page.goto("/pipelines")
    page.get_by_role("button", name="Start greets").wait_for()

    def tab_to(name: str) -> None:
        """Press Tab until what is named has the focus."""
        for _ in range(40):
            page.keyboard.press("Tab")
            said = page.evaluate("document.activeElement.ariaLabel ?? document.activeElement.textContent")
            if said == name:
                return
        raise AssertionError(f"Tab does not come to {name}")

    tab_to("Start greets")
    page.keyboard.press("Enter")
    expect(page.get_by_label("name (required)")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Start greets")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("name (required)")).to_be_focused()
    page.keyboard.type("Anna")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/runs/"))

    # Without parameters it is the button that has the focus: twice Enter.
    page.goto("/pipelines")
    page.get_by_role("button", name="Start hello").wait_for()
    tab_to("Start hello")
    page.keyboard.press("Enter")
    start = page.get_by_role("dialog").get_by_role("button", name="Start", exact=True)
    expect(start).to_be_focused()
    expect(start).not_to_have_attribute("aria-busy", "true")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/runs/"))


def test_what_makes_a_pipeline_invalid_is_seen_and_its_last_valid_revision_can_be_started(
    server: ServerProcess, tab: Tab
) -> None:
    server.add("report", HELLO, {"description": "Sums up."})
    server.until_status(server.run("report"), "SUCCESS")
    server.add("report", HELLO, {"description": "Sums up.", "timeout": "soon"})
    server.until(lambda: not server.get("/api/pipelines/report")["is_valid"])
    page = tab.page
    page.goto("/pipelines/report")
    expect(page.get_by_text('Invalid: timeout: a whole number was expected, not "soon"')).to_be_visible()
    page.get_by_role("button", name="Start report").click()
    expect(page.get_by_text("The present manifest is invalid")).to_be_visible()
    page.get_by_role("button", name="Start last valid revision").click()
    expect(page).to_have_url(re.compile("/runs/"))
