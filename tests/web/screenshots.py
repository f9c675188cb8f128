"""Renders every page, by day, by night and on a phone: python -m tests.web.screenshots FOLDER.

The server is real and so are the runs of today; the ninety days before are invented (demo/history.py).
"""

import asyncio
import sys
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Literal

from playwright.sync_api import Browser, Page, expect

from tests.server_process import TERMINAL, ServerProcess, containers_of, servers_on
from tests.web.browser import LAPTOP, PHONE, chromium, opened
from tests.web.demo.history import write_history
from tests.web.demo.pipelines import PIPELINES

Look = tuple[str, tuple[int, int], Literal["light", "dark"]]
LOOKS: Final[tuple[Look, ...]] = (
    ("light", LAPTOP, "light"),
    ("dark", LAPTOP, "dark"),
    ("phone", PHONE, "light"),
)
_SETTLED_MS: Final = 900
"""Fonts, the first samples of a chart, a row that is announced."""


@contextmanager
def demo_server(folder: Path) -> Generator[ServerProcess]:
    """Run a server on the demo's pipelines and history."""
    for demo in PIPELINES:
        demo.write(folder / "pipelines")
    with servers_on(folder) as make:
        server = make({"FASTFLOW_UV_PRE_HEAT": "0", "FASTFLOW_STOP_GRACE_SECONDS": "1"})
        server.start()
        server.until_ready()
        server.until(lambda: len(server.get("/api/pipelines")["pipelines"]) == len(PIPELINES))
        server.terminate()
        with ThreadPoolExecutor(1) as other:  # Playwright's loop may run in this thread
            other.submit(asyncio.run, write_history(server.data)).result()
        server.start()
        server.until_ready()
        yield server
        server.until(lambda: server.slots_in_use() == 0 and not containers_of(server))
        server.terminate()


def live_through(server: ServerProcess) -> dict[str, str]:
    """Let things happen that the pages then tell; return the ids of runs by what they show."""
    server.call("PUT", "/api/secrets/CRM_TOKEN", {"value": "crm-0f83b2c1d5e7"})
    cleanup = next(s for s in server.get("/api/schedules")["schedules"] if s["pipeline_name"] == "cleanup")
    reason = {"reason": "The archive is being moved", "by": "ada"}
    server.call("POST", f"/api/schedules/{cleanup['id']}/pause", reason)
    runs = {
        "running": server.run("watch_prices"),
        "failed": server.run("import_orders"),
        "hungry": server.run("train_model"),
        "report": server.run("daily_report", {"parameters": {"region": "EU", "days": 3}}),
    }
    for name in ("failed", "hungry", "report"):
        server.until_status(runs[name], *TERMINAL)
    return runs


def pages(runs: dict[str, str]) -> dict[str, str]:
    """Return the address of each page by the name of its picture."""
    return {
        "home": "/",
        "runs": "/runs",
        "timeline": "/runs?view=timeline",
        "run-failed": f"/runs/{runs['failed']}",
        "run-out-of-memory": f"/runs/{runs['hungry']}",
        "run-live": f"/runs/{runs['running']}",
        "pipelines": "/pipelines",
        "pipeline": "/pipelines/daily_report",
        "pipeline-schedules": "/pipelines/daily_report?tab=schedules",
        "pipeline-environment": "/pipelines/daily_report?tab=environment",
        "pipeline-invalid": "/pipelines/thumbnails",
        "schedules": "/schedules",
        "sync": "/sync",
        "secrets": "/secrets",
        "users": "/users",
        "audit": "/audit",
        "settings": "/settings",
        "about": "/about",
    }


def render(browser: Browser, server: ServerProcess, addresses: dict[str, str], folder: Path) -> None:
    """Take every picture; a page that complains or is missing fails."""
    for look, size, scheme in LOOKS:
        with opened(browser, server.url, size=size, scheme=scheme) as tab:
            for name, address in addresses.items():
                visit(tab.page, address)
                tab.page.wait_for_timeout(_SETTLED_MS)
                tab.page.screenshot(path=folder / f"{name}-{look}.png")


def visit(page: Page, address: str) -> None:
    """Go there, and wait until what is loading has loaded."""
    page.goto(address)
    page.get_by_role("heading", level=1).wait_for()
    expect(page.get_by_role("status", name="Loading")).to_have_count(0)


def main(arguments: list[str]) -> None:
    """Render into the folder that is named."""
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="fastflow-demo-") as place:
        Path(place).chmod(0o755)  # attempts run as another user
        with demo_server(Path(place)) as server, chromium() as browser:
            runs = live_through(server)
            try:
                render(browser, server, pages(runs), folder)
            finally:
                server.call("POST", f"/api/runs/{runs['running']}/cancel")


if __name__ == "__main__":
    main(sys.argv[1:])
