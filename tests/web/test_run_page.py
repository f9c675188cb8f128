"""Stories: somebody looks at a run, learns why it ended, and does something about it."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.server_process import MakeServer, ServerProcess
from tests.web.browser import PHONE, Tab, opened

FAILS = """
print("Adding up 2 orders")
print(float("n/a"))
"""
GREEDY = """
import time
taken = []
while True:
    taken.append(bytearray(b"x" * (8 * 1024 * 1024)))
    print(len(taken) * 8, "MiB", flush=True)
    time.sleep(0.1)
"""
ENDLESS = """
import time
print("at work", flush=True)
while True:
    time.sleep(0.1)
"""
VIEWER, PASSWORD = "vera", "correct horse battery"


def run_of(server: ServerProcess, page: Page) -> Any:
    """Return what the API says of the run whose page is open."""
    return server.get(f"/api/runs/{page.url.rsplit('/', 1)[1]}")


def test_who_sees_a_failed_run_learns_why_and_starts_it_again(server: ServerProcess, tab: Tab) -> None:
    schema = {"type": "object", "properties": {"day": {"type": "string"}, "region": {"default": "eu"}}}
    server.add("adds_up", "print('ok')", {"parameters": schema})
    good = server.run("adds_up", {"parameters": {"day": "monday"}})
    server.until_status(good, "SUCCESS")
    server.add("adds_up", FAILS, {"parameters": schema, "mem_hard_limit": "128m"})
    bad = server.run("adds_up", {"parameters": {"day": "tuesday"}, "env_vars": {"NOTE": "by hand"}})
    server.until_status(bad, "FAILED")

    page = tab.page
    page.goto(f"/runs/{bad}")
    expect(page.get_by_text(re.compile(r"^Failed with exit code 1 after"))).to_be_visible()
    expect(page.get_by_text("The pipeline's author has the next move.")).to_be_visible()
    expect(page).to_have_title(re.compile(r"^✕ adds_up . failed"))
    expect(page.get_by_role("region", name="Log").get_by_text("could not convert string")).to_be_visible()

    differs = page.get_by_role("region", name="What differs from the last success")
    expect(differs.get_by_role("row", name="Parameter day")).to_contain_text("tuesday")
    expect(differs.get_by_role("row", name="Setting mem_hard_limit")).to_contain_text("128 MiB")
    expect(differs.get_by_role("link", name="Last success")).to_have_attribute("href", f"/runs/{good}")

    expect(page.get_by_role("group").filter(has_text="Parameters")).to_contain_text("tuesday")
    expect(page.get_by_role("group").filter(has_text="Variables")).to_contain_text("by hand")
    assert tab.violations() == []

    page.get_by_role("button", name="Start again").click()
    page.wait_for_url(lambda url: "/runs/" in url and bad not in url)
    expect(page.get_by_text(re.compile(r"^Failed with exit code 1 after"))).to_be_visible()
    assert run_of(server, page)["retry_of"] == bad
    page.get_by_role("link", name=f"run {bad[-6:]}").click()
    page.wait_for_url(f"**/runs/{bad}")


def test_a_run_that_was_killed_for_its_memory_shows_how_it_grew(
    server: ServerProcess, browser: Browser
) -> None:
    server.add("greedy", GREEDY, {"mem_hard_limit": "128m", "mem_soft_limit": "64m"})
    run_id = server.run("greedy")
    with opened(browser, server.url, scheme="dark") as tab:
        page = tab.page
        page.goto(f"/runs/{run_id}")
        expect(page.get_by_text(re.compile(r"^Ran out of memory at 128 MiB after"))).to_be_visible()
        expect(page.get_by_text("Raise mem_hard_limit in pipeline.json")).to_be_visible()
        expect(page.get_by_role("list", name="Warnings")).to_contain_text("soft limit of 64 MiB")
        expect(page.get_by_role("img", name="Memory: Peak 128 MiB of 128 MiB")).to_be_visible()
        expect(page.get_by_text("warns from 64 MiB")).to_be_visible()
        assert tab.violations() == []


def test_a_run_that_goes_on_is_watched_and_cancelled(server: ServerProcess, tab: Tab) -> None:
    server.add("endless", ENDLESS)
    run_id = server.run("endless")
    page = tab.page
    page.goto(f"/runs/{run_id}")
    expect(page.get_by_text(re.compile(r"^Running for"))).to_be_visible()
    expect(page).to_have_title(re.compile(r"^● endless . running"))
    again = page.get_by_role("button", name="Start again")
    expect(again).to_have_attribute("aria-disabled", "true")
    again.hover()
    expect(page.get_by_text("The run has not ended.")).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("Memory: Peak"))).to_be_visible()
    assert tab.violations() == []

    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text(re.compile(r"^Was cancelled after"))).to_be_visible()
    expect(page.get_by_role("button", name="Start again")).not_to_have_attribute("aria-disabled", "true")
    expect(page).to_have_title(re.compile(r"^⊘ endless . cancelled"))


def test_a_run_that_is_tried_again_counts_down_and_lists_its_attempts(
    server: ServerProcess, browser: Browser
) -> None:
    strategy = {"type": "fixed_delay", "delay": 3}
    server.add("flaky", "raise SystemExit(7)", {"retry_attempts": 1, "retry_strategy": strategy})
    run_id = server.run("flaky")
    with opened(browser, server.url, size=PHONE, is_touch=True) as tab:
        page = tab.page
        page.goto(f"/runs/{run_id}")
        expect(
            page.get_by_text(re.compile(r"^Attempt 1 of 2 failed, the next one is due in"))
        ).to_be_visible()
        expect(page.get_by_text(re.compile(r"exit code 7 after .* All 2 attempts failed"))).to_be_visible()
        attempts = page.get_by_role("group").filter(has_text="Attempts · 2 / 2").get_by_role("listitem")
        expect(attempts).to_have_count(2)
        expect(attempts.first).to_contain_text("exit code 7")
        attempts.first.get_by_role("link", name="Attempt 1").click()
        expect(page.get_by_role("heading", name="CPU and memory of attempt 1")).to_be_visible()
        assert "attempt=1" in page.url
        assert tab.violations() == []


def test_a_run_is_watched_over_a_restart_of_the_server(
    server: ServerProcess, make_server: MakeServer, browser: Browser, tmp_path: Path
) -> None:
    server.add("patient", ENDLESS)
    other = make_server({**server.settings, "FASTFLOW_DATA_DIR": str(tmp_path)})
    other.start()
    other.until_ready()
    run_id = other.run("patient")
    with opened(browser, other.url) as tab:
        page = tab.page
        page.goto(f"/runs/{run_id}")
        expect(page.get_by_role("img", name=re.compile("Memory: Peak"))).to_be_visible()
        page.evaluate("window.isTheSamePage = true")
        other.terminate()
        connection = page.get_by_label("Connection to the server")
        expect(connection).to_have_text(re.compile("Reconnecting"))
        other.start()
        other.until_ready()
        expect(connection).to_have_text("Live")
        page.get_by_role("button", name="Cancel").click()
        expect(page.get_by_text(re.compile(r"^Was cancelled after"))).to_be_visible()
        assert page.evaluate("window.isTheSamePage")
    other.terminate()


def test_a_run_is_started_with_other_inputs_or_repeated_at_home(
    server: ServerProcess, browser: Browser
) -> None:
    schema = {"type": "object", "properties": {"day": {"type": "string"}}}
    server.add("dated", "print('ok')", {"parameters": schema, "python_version": "3.11"})
    run_id = server.run("dated", {"parameters": {"day": "the 2nd"}})
    server.until_status(run_id, "SUCCESS")
    with opened(browser, server.url) as tab:
        page = tab.page
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.goto(f"/runs/{run_id}")
        page.get_by_role("button", name="More").click()
        page.get_by_role("menuitem", name="Copy the command to run it here").click()
        command = "fastflow run ./dated --param 'day=the 2nd' --python 3.11"
        expect(page.get_by_text(command)).to_be_visible()
        assert page.evaluate("navigator.clipboard.readText()") == command
        page.get_by_role("button", name="More").click()
        page.get_by_role("menuitem", name="Start with other inputs").click()
        expect(page.get_by_role("textbox", name="day")).to_have_value("the 2nd")


@pytest.fixture(scope="module")
def walled(
    make_server: MakeServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[ServerProcess, Mapping[str, str]]]:
    """A server with accounts, among them a viewer; and what shows that one is the admin."""
    data: Path = tmp_path_factory.mktemp("walled")
    server = make_server(
        {
            "FASTFLOW_EXECUTOR": "process",
            "FASTFLOW_HOST": "0.0.0.0",  # noqa: S104 - needs accounts
            "FASTFLOW_DATA_DIR": str(data),
        }
    )
    server.start()
    server.until(lambda: "ready at" in server.log() and re.search(r"setup_[A-Za-z0-9_-]+", server.log()))
    (token,) = set(re.findall(r"setup_[A-Za-z0-9_-]+", server.log()))
    admin = {"name": "ada", "password": PASSWORD}
    server.call("POST", "/api/setup", {**admin, "token": token})
    signed_in = server.call("POST", "/api/auth/login", admin)
    headers = {"Authorization": f"Bearer {signed_in['access_token']}"}
    viewer = {"name": VIEWER, "password": PASSWORD, "role": "viewer"}
    assert server.call("POST", "/api/users", viewer, **headers)["role"] == "viewer"
    yield server, headers
    server.terminate()


def test_a_viewer_sees_what_could_be_done_and_why_not_by_them(
    browser: Browser, walled: tuple[ServerProcess, Mapping[str, str]]
) -> None:
    server, admin = walled
    server.add("looked_at", "raise SystemExit(1)")
    started = server.call("POST", "/api/pipelines/looked_at/run", {}, **admin)
    with opened(browser, server.url, language="de-DE") as tab:
        page = tab.page
        answer = page.request.post("/api/auth/login", data={"name": VIEWER, "password": PASSWORD})
        assert answer.ok
        page.goto(f"/runs/{started['id']}")
        expect(page.get_by_text(re.compile("mit Exit-Code 1"))).to_be_visible()
        for name in ("Erneut starten", "Neuesten Stand starten", "Abbrechen"):
            expect(page.get_by_role("button", name=name)).to_have_attribute("aria-disabled", "true")
        page.get_by_role("button", name="Erneut starten").hover()
        expect(page.get_by_text("Deine Rolle (Leser) erlaubt das nicht")).to_be_visible()
        assert tab.violations() == []
