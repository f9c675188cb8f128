"""Every page, lived in, by day and by night, on a laptop and on a phone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.server_process import ServerProcess
from tests.web.browser import opened
from tests.web.screenshots import LOOKS, Look, demo_server, live_through, pages, visit

Lived = tuple[ServerProcess, dict[str, str]]


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory, runner_image: str) -> Iterator[Lived]:
    """The demo's server, and the addresses of its pages."""
    folder: Path = tmp_path_factory.mktemp("demo")
    with demo_server(folder) as server:
        runs = live_through(server)
        yield server, pages(runs)
        server.call("POST", f"/api/runs/{runs['running']}/cancel")


@pytest.mark.parametrize("look", LOOKS, ids=[name for name, *_ in LOOKS])
def test_no_page_shuts_anybody_out_or_runs_over_the_edge(browser: Browser, lived: Lived, look: Look) -> None:
    server, addresses = lived
    _, size, scheme = look
    found: dict[str, list[str]] = {}
    with opened(browser, server.url, size=size, scheme=scheme) as tab:
        for name, address in addresses.items():
            visit(tab.page, address)
            faults = tab.violations()
            wide = tab.page.evaluate("document.documentElement.scrollWidth - innerWidth")
            if wide > 0:
                faults.append(f"{wide} px wider than the window")
            if faults:
                found[name] = faults
    assert found == {}
