"""A real browser in front of a real server."""

import subprocess
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from fastflow.api.routes.pages import BUILT
from tests.acceptance.conftest import console, make_server, server
from tests.server_process import ServerProcess
from tests.web.browser import Tab, chromium, opened, opened_lately

__all__ = ["console", "make_server", "server"]

_ROOT = Path(__file__).parents[2]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tell the stories of a module in their order: they share a server, whose lists grow with each."""
    places = [at for at, item in enumerate(items) if item.path.parent == Path(__file__).parent]
    modules = list(dict.fromkeys(items[at].path for at in places))
    told = sorted(
        (items[at] for at in places), key=lambda item: (modules.index(item.path), item.location[1] or 0)
    )
    for at, item in zip(places, told, strict=True):
        items[at] = item


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Say of a story that failed what its windows asked of the server, and what that printed."""
    report = yield
    if report.failed and isinstance(item, pytest.Function):
        report.sections += [(f"window {at}", "\n".join(tab.told)) for at, tab in enumerate(opened_lately, 1)]
        report.sections += [
            (f"server of {name}", given.log()[-4000:])
            for name, given in item.funcargs.items()
            if isinstance(given, ServerProcess)
        ]
    if call.when == "teardown":
        opened_lately.clear()
    return report


@pytest.fixture(scope="session")
def built_pages() -> Path:
    """The web app as it is now; built if need be."""
    subprocess.run([_ROOT / "scripts/pages"], check=True, stdin=subprocess.DEVNULL, timeout=600)
    return BUILT


@pytest.fixture(scope="module")
def browser(built_pages: Path) -> Iterator[Browser]:
    """One browser for the stories of a module.

    Not of a session: Playwright runs a loop in this thread, in which no other test's could run.
    """
    with chromium() as browser:
        yield browser


@pytest.fixture
def tab(browser: Browser, server: ServerProcess) -> Iterator[Tab]:
    """A window on a laptop, in English, by day."""
    with opened(browser, server.url) as tab:
        yield tab
