"""Story: everything without a mouse."""

from playwright.sync_api import Route, expect

from tests.server_process import ServerProcess
from tests.web.browser import Tab


def test_the_palette_leads_to_pages_and_changes_how_they_look(server: ServerProcess, tab: Tab) -> None:
    page = tab.page
    page.goto("/pipelines")
    expect(page.get_by_role("heading", name="Pipelines")).to_be_visible()
    page.keyboard.press("Control+k")
    palette = page.get_by_role("dialog", name="Go to, start, change")
    expect(palette.get_by_role("combobox")).to_be_focused()
    assert tab.violations() == []
    page.keyboard.type("run")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Runs", level=1)).to_be_visible()
    expect(page.locator("#content")).to_be_focused()
    assert page.title() == "Runs · Fast-Flow"

    page.keyboard.press("Control+k")
    page.keyboard.type("deutsch")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Läufe", level=1)).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "de"
    page.reload()
    expect(page.get_by_role("heading", name="Läufe", level=1)).to_be_visible()


def test_a_pipeline_is_started_from_the_palette(server: ServerProcess, tab: Tab) -> None:
    server.add("nightly", "print('good night')")
    page = tab.page
    slow: list[Route] = []
    page.route("**/api/pipelines/nightly", lambda route: slow.append(route), times=1)
    page.goto("/runs")
    expect(page.get_by_role("heading", name="Runs", level=1)).to_be_visible()
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox")).to_be_focused()
    page.keyboard.type("start nightly")
    expect(page.get_by_role("option", name="Start nightly…")).to_be_visible()
    page.keyboard.press("Enter")
    form = page.get_by_role("dialog", name="nightly")
    start = form.get_by_role("button", name="Start")
    expect(start).to_have_attribute("aria-busy", "true")
    # An Enter that could start nothing yet would be lost on it.
    expect(start).not_to_be_focused()
    page.wait_for_function("() => document.activeElement.closest('[role=dialog]') !== null")
    slow.pop().continue_()
    expect(start).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("good night")).to_be_visible()


def test_two_keys_lead_to_a_page_and_a_question_mark_tells_which(server: ServerProcess, tab: Tab) -> None:
    page = tab.page
    page.goto("/runs")
    expect(page.get_by_role("heading", name="Runs", level=1)).to_be_visible()
    page.keyboard.press("?")
    shortcuts = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(shortcuts.get_by_text("Go to Pipelines")).to_be_visible()
    assert tab.violations() == []
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("p")
    expect(page.get_by_role("heading", name="Pipelines", level=1)).to_be_visible()


def test_tab_begins_with_the_way_past_the_navigation(server: ServerProcess, tab: Tab) -> None:
    page = tab.page
    page.goto("/runs")
    expect(page.get_by_role("heading", name="Runs", level=1)).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()
