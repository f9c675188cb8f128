"""Pipelines that print much, fast, or colourfully, and what a browser measures while it shows their logs."""

import time
from typing import Any, Final

from playwright.sync_api import Page

from tests.server_process import ServerProcess

LINES: Final = 1_000_000
MILLION: Final = """
import sys
for start in range(0, 1_000_000, 10_000):
    sys.stdout.write("".join(
        "%07d INFO worker: processed a record of the table, nothing remarkable%s\\n"
        % (n, " NEEDLE" if n % 100_000 == 77 else "")
        for n in range(start, start + 10_000)
    ))
"""
LINES_A_SECOND: Final = 5_000
STREAM: Final = """
import sys, time
began, n = time.monotonic(), 0
while True:
    lines = ("%07d INFO worker: processed a record of the table\\n" % k for k in range(n, n + 250))
    sys.stdout.write("".join(lines))
    sys.stdout.flush()
    n += 250
    time.sleep(max(0, began + n / 5_000 - time.monotonic()))
"""

_WATCH: Final = """
window.longTasks = [];
new PerformanceObserver((list) => {
  for (const task of list.getEntries()) window.longTasks.push(Math.round(task.duration));
}).observe({ type: "longtask", buffered: true });
window.lastLine = new Promise((resolve) => {
  const look = () => {
    if (document.querySelector('[data-line="999999"]')?.textContent.includes("0999999")) {
      resolve(performance.now());
    }
  };
  new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });
});
"""


def server_settings() -> dict[str, str]:
    """Return settings of a server whose runs are processes: what is measured is the page."""
    return {"FASTFLOW_EXECUTOR": "process", "FASTFLOW_UV_PRE_HEAT": "0", "FASTFLOW_STOP_GRACE_SECONDS": "1"}


def watch(page: Page) -> None:
    """Let every document that is opened measure itself."""
    page.add_init_script(_WATCH)


def open_at_end_ms(page: Page, run_id: str) -> float:
    """Open the log of a million lines; return when its last line was there, from the navigation on."""
    page.goto(f"/runs/{run_id}")
    return float(page.evaluate("lastLine"))


def take_long_tasks(page: Page) -> list[int]:
    """Return the milliseconds of each task that took more than 50, since the last call."""
    tasks: list[int] = page.evaluate("longTasks.splice(0)")
    return tasks


def heap_bytes(page: Page) -> int:
    """Return what the page's objects hold, after all that nobody holds any more was let go."""
    session: Any = page.context.new_cdp_session(page)
    try:
        session.send("HeapProfiler.collectGarbage")
        return int(session.send("Runtime.getHeapUsage")["usedSize"])
    finally:
        session.detach()


class MainThread:
    """What the main thread of a page computes from now on; what others do on the machine adds nothing."""

    def __init__(self, page: Page) -> None:
        # The browser counts only while the one who asked is there.
        self._session: Any = page.context.new_cdp_session(page)
        self._session.send("Performance.enable")
        self._began, self._before = time.monotonic(), self._seconds()

    def share(self) -> float:
        """Return the share of the time since then in which it computed."""
        return (self._seconds() - self._before) / (time.monotonic() - self._began)

    def _seconds(self) -> float:
        metrics: list[dict[str, Any]] = self._session.send("Performance.getMetrics")["metrics"]
        return float(next(metric["value"] for metric in metrics if metric["name"] == "ThreadTime"))


def lines_of(server: ServerProcess, run_id: str) -> int:
    """Return how many lines a run has printed by now."""
    return server.get(f"/api/runs/{run_id}/logs/search?text=x&from_line={10**12}")["total_lines"]
