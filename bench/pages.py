"""Measures pages in a browser, the first look and long logs, and prints JSON.

Chromium draws without a graphics card here, and shares the processors with the server and with the program
that prints: what is measured is an upper bound of what people see.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, Page, expect

from tests.server_process import ServerProcess, servers_on
from tests.web.browser import chromium, opened
from tests.web.log_pipelines import (
    LINES,
    MILLION,
    STREAM,
    MainThread,
    heap_bytes,
    lines_of,
    open_at_end_ms,
    server_settings,
    take_long_tasks,
    watch,
)

_OPENINGS: Final = 5
_STRETCH_SECONDS: Final = 10
_MIB: Final = 1024**2
_FIRST_PAINT: Final = "performance.getEntriesByName('first-contentful-paint')[0].startTime"


def measure_first_look(browser: Browser, url: str) -> dict[str, Any]:
    """Open the first page as somebody who has never been there: nothing is in the browser's cache."""
    painted: list[float] = []
    useful: list[float] = []
    for _ in range(_OPENINGS):
        with opened(browser, url) as tab:
            began = time.perf_counter()
            tab.page.goto("/", wait_until="commit")
            tab.page.get_by_text("slots taken").first.wait_for()
            useful.append((time.perf_counter() - began) * 1000)
            painted.append(tab.page.evaluate(_FIRST_PAINT))
    return {
        "first_contentful_paint_ms": [round(ms) for ms in painted],
        "health_line_to_be_read_ms": [round(ms) for ms in useful],
    }


def measure_reading(page: Page, run_id: str) -> dict[str, Any]:
    """Open a log of a million lines at its end, search it, and go to a line in its middle."""
    opened_ms = [round(open_at_end_ms(page, run_id)) for _ in range(_OPENINGS)]
    began = time.perf_counter()
    page.get_by_role("textbox", name="Search the log").fill("needle")
    expect(page.get_by_text("1 of 10", exact=True)).to_be_visible()
    searched_ms = round((time.perf_counter() - began) * 1000)
    page.goto("about:blank")
    began = time.perf_counter()
    page.goto(f"/runs/{run_id}#L{LINES // 2}")
    expect(page.locator(f'[data-line="{LINES // 2 - 1}"]')).to_contain_text("INFO")
    linked_ms = round((time.perf_counter() - began) * 1000)
    return {"open_at_end_ms": opened_ms, "search_ms": searched_ms, "open_at_line_ms": linked_ms}


def measure_streaming(server: ServerProcess, page: Page, seconds: int) -> dict[str, Any]:
    """Follow a run that prints 5,000 lines a second: tasks of more than 50 ms, and the heap.

    A task's time is that of a clock: where others use the processors, it says as much of them. What the main
    thread computes does not.
    """
    server.add("stream", STREAM)
    run_id = server.run("stream")
    server.until_status(run_id, "RUNNING")
    page.goto(f"/runs/{run_id}")
    page.wait_for_timeout(5_000)
    take_long_tasks(page)
    first, began, main_thread = lines_of(server, run_id), time.monotonic(), MainThread(page)
    tasks: list[int] = []
    heap_mib = [round(heap_bytes(page) / _MIB, 1)]
    for _ in range(max(seconds // _STRETCH_SECONDS, 1)):
        page.wait_for_timeout(_STRETCH_SECONDS * 1_000)
        tasks += take_long_tasks(page)
        heap_mib.append(round(heap_bytes(page) / _MIB, 1))
        take_long_tasks(page)  # the collection, which nobody asks for in use
    share = main_thread.share()
    elapsed = time.monotonic() - began
    lines = lines_of(server, run_id) - first
    rows = page.locator("[data-line]").count()
    server.call("POST", f"/api/runs/{run_id}/cancel")
    server.until_status(run_id, "CANCELLED")
    return {
        "lines": lines,
        "lines_a_second": round(lines / elapsed),
        "main_thread_percent": round(100 * share, 1),
        "tasks_over_50_ms": len(tasks),
        "tasks_over_100_ms": sorted(task for task in tasks if task > 100),
        "longest_task_ms": max(tasks, default=0),
        "heap_mib": heap_mib,
        "rows_drawn": rows,
    }


def main(arguments: list[str]) -> None:
    """Start a server and a browser of its own, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="How long to follow the run that prints.")
    seconds = parser.parse_args(arguments).seconds
    with tempfile.TemporaryDirectory() as folder, servers_on(Path(folder)) as make:
        server = make(server_settings())
        server.add("million", MILLION)
        server.start()
        server.until_ready()
        run_id = server.run("million")
        server.until_status(run_id, "SUCCESS")
        with chromium() as browser:
            result = measure_first_look(browser, server.url)
            with opened(browser, server.url) as tab:
                watch(tab.page)
                result |= measure_reading(tab.page, run_id)
                result |= measure_streaming(server, tab.page, seconds)
        server.terminate()
    sys.stdout.write(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
