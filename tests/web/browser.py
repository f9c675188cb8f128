"""Debian's Chromium, as somebody who sits in front of it uses it."""

import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Literal

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from tests.plugins.debian import find_program

AXE: Final = Path(__file__).parents[2] / "web/node_modules/axe-core/axe.min.js"
ARGUMENTS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
LAPTOP: Final = (1280, 800)
PHONE: Final = (390, 780)
PATIENCE_MS: Final = 20_000
"""The machine may be busy; what is waited for comes as soon as it is there."""
opened_lately: Final[list["Tab"]] = []
"""The windows of the story that is told now, for what to say where it fails."""

expect.set_options(timeout=PATIENCE_MS)


@contextmanager
def chromium() -> Generator[Browser]:
    """Start Debian's Chromium, which is installed if need be."""
    path = find_program("chromium", "chromium")
    # It makes a socket in there, whose path may have 108 characters.
    with TemporaryDirectory(prefix="ff-", dir="/tmp") as short, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=list(ARGUMENTS), env={**os.environ, "TMPDIR": short}
        )
        yield browser
        browser.close()


class Tab:
    """A page, what its console complained about, and what it asked of the server."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.told: list[str] = []
        self._began = time.monotonic()
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self._note(f"asks {request.method} {request.url}"))
        page.on("requestfinished", lambda request: self._note(f"got  {request.method} {request.url}"))
        page.on("requestfailed", lambda request: self._note(f"lost {request.url}: {request.failure}"))
        page.on("framenavigated", lambda frame: self._note(f"is at {frame.url}"))

    def _note(self, what: str) -> None:
        self.told.append(f"{time.monotonic() - self._began:8.3f} {what}")

    def _listen(self, message: ConsoleMessage) -> None:
        self._note(f"console {message.type}: {message.text}")
        if message.type in {"error", "warning"} and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)

    def violations(self) -> list[str]:
        """Return what axe finds on the page as it is (WCAG 2.2 A and AA), each with where it is."""
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        result: dict[str, Any] = self.page.evaluate(
            """() => axe.run({runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})"""
        )
        return [
            f"{found['id']}: {found['help']} at {node['target']}: {node['failureSummary']}"
            for found in result["violations"]
            for node in found["nodes"]
        ]


@contextmanager
def opened(
    browser: Browser,
    url: str,
    *,
    size: tuple[int, int] = LAPTOP,
    scheme: Literal["light", "dark"] = "light",
    language: str = "en-GB",
    is_touch: bool = False,
) -> Generator[Tab]:
    """Open a window of somebody else than all other windows; a complaint of its console fails the test."""
    context: BrowserContext = browser.new_context(
        base_url=url,
        viewport={"width": size[0], "height": size[1]},
        color_scheme=scheme,
        locale=language,
        timezone_id="Europe/Berlin",
        has_touch=is_touch,
        reduced_motion="reduce",
    )
    try:
        tab = Tab(context.new_page())
        opened_lately.append(tab)
        yield tab
        assert tab.complaints == [], tab.complaints
    finally:
        context.close()
