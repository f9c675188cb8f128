"""What the first look at the pages may cost."""

from typing import Any

from playwright.sync_api import expect

from tests.server_process import ServerProcess
from tests.web.browser import Tab

_LOADED = """
() => performance.getEntriesByType("resource")
    .filter(({name}) => name.endsWith(".js"))
    .map(({name, encodedBodySize}) => [name, encodedBodySize])
"""
MOST_SCRIPT_BYTES = 250_000
"""Packed, as it travels, before anything is clicked."""


def test_the_first_page_brings_little_script(server: ServerProcess, tab: Tab) -> None:
    page = tab.page
    page.route(
        "**/*", lambda route: route.continue_(headers={**route.request.headers, "accept-encoding": "gzip"})
    )
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.wait_for_load_state("load")
    loaded: list[list[Any]] = page.evaluate(_LOADED)
    assert sum(size for _, size in loaded) <= MOST_SCRIPT_BYTES, loaded
    assert len(loaded) > 2
    assert not [name for name, _ in loaded if not name.startswith(server.url)], "scripts of others"
