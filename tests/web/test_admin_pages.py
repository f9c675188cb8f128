"""Stories of those who run the server: secrets, repositories, users and tokens, and who did what."""

import json
import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal

import pytest
from playwright.sync_api import Browser, Page, Response, expect

from tests.server_process import MakeServer, ServerProcess, servers_on
from tests.servers.git_http import GitHttpServer
from tests.servers.repository import GitRepository
from tests.web.browser import LAPTOP, PHONE, Tab, opened

PASSWORD: Final = "correct horse battery"  # noqa: S105 - opens nothing
VALUE: Final = "swordfish/77+staple"
PAGES: Final = {
    "/secrets": "Secrets",
    "/sync": "Sync",
    "/sync?tab=log": "Sync",
    "/sync?tab=apps": "Sync",
    "/users": "Users & tokens",
    "/users?tab=identities": "Users & tokens",
    "/users?tab=tokens": "Users & tokens",
    "/audit": "Audit log",
    "/settings": "Settings",
    "/about": "About",
}


@pytest.fixture(scope="module")
def walled(make_server: MakeServer) -> Iterator[ServerProcess]:
    """A server with accounts: ada is admin, vera is viewer."""
    server = make_server(
        {
            "FASTFLOW_EXECUTOR": "process",
            "FASTFLOW_UV_PRE_HEAT": "0",
            "FASTFLOW_GIT_ALLOWED_PROTOCOLS": "https,ssh,http",
            "FASTFLOW_ALLOW_PRIVATE_ADDRESSES": "true",
        }
    )
    server.add("report", "print('done')\n")
    server.start()
    server.until_ready()
    ada = {"name": "ada", "password": PASSWORD}
    server.call("POST", "/api/setup", {**ada, "token": None})
    as_ada = bearer(server.call("POST", "/api/auth/login", ada)["access_token"])
    for name, role in (("vera", "viewer"), ("otto", "operator")):
        server.call("POST", "/api/users", {"name": name, "password": PASSWORD, "role": role}, **as_ada)
    yield server
    server.terminate()


@pytest.fixture
def unwalled(tmp_path: Path) -> Iterator[ServerProcess]:
    """A server without accounts."""
    with servers_on(tmp_path) as make:
        server = make({"FASTFLOW_EXECUTOR": "process", "FASTFLOW_UV_PRE_HEAT": "0"})
        server.start()
        server.until_ready()
        yield server
        server.terminate()


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@contextmanager
def signed_in(
    browser: Browser,
    server: ServerProcess,
    path: str,
    name: str = "ada",
    *,
    size: tuple[int, int] = LAPTOP,
    scheme: Literal["light", "dark"] = "light",
    language: str = "en-GB",
) -> Generator[Tab]:
    """Open a page as somebody."""
    with opened(
        browser, server.url, size=size, scheme=scheme, language=language, is_touch=size == PHONE
    ) as tab:
        page = tab.page
        page.goto(path)
        page.locator("input[name=name]").fill(name)
        page.locator("input[name=password]").fill(PASSWORD)
        page.locator("button[type=submit]").click()
        expect(page.get_by_role("navigation")).to_be_visible()
        yield tab


class Answers:
    """All that the server answered to a page, but the streams, which do not end."""

    def __init__(self, page: Page) -> None:
        self._answers: list[Response] = []
        page.on("response", lambda answer: self._answers.append(answer))

    def texts(self) -> list[str]:
        """Return the bodies since the last time; before the page is left, for the browser forgets them."""
        answers, self._answers[:] = [*self._answers], []
        return [
            answer.text()
            for answer in answers
            if "/api/" in answer.url and "event-stream" not in answer.headers.get("content-type", "")
        ]


def everything_typed(page: Page) -> list[str]:
    """Return what stands in all fields of the page."""
    values: list[str] = page.evaluate(
        "[...document.querySelectorAll('input, textarea')].map(field => field.value)"
    )
    return values


def test_a_secret_is_stored_replaced_deleted_and_never_shown(browser: Browser, walled: ServerProcess) -> None:
    with signed_in(browser, walled, "/secrets") as tab:
        page, answers = tab.page, Answers(tab.page)
        page.get_by_role("button", name="Add secret").click()
        page.get_by_label("Name").fill("DB_PASSWORD")
        value = page.get_by_label("Value", exact=True)
        expect(value).to_have_attribute("type", "password")
        value.fill(VALUE)
        assert tab.violations() == []
        page.get_by_role("button", name="Show the value").click()
        expect(value).to_have_attribute("type", "text")
        page.get_by_role("button", name="Store").click()
        row = page.get_by_role("row", name="DB_PASSWORD")
        expect(row).to_contain_text("never")

        row.get_by_role("button", name="Replace").click()
        page.get_by_label("Value", exact=True).fill(VALUE + VALUE)
        page.get_by_role("button", name="Store").click()
        expect(page.get_by_role("dialog", name="Replace")).to_be_hidden()

        page.get_by_role("button", name="Encrypt for a manifest").click()
        page.get_by_label("Value", exact=True).fill(VALUE)
        page.get_by_role("button", name="Encrypt", exact=True).click()
        expect(page.get_by_label("Ciphertext")).to_contain_text("gAAAA")
        page.get_by_role("button", name="Done").click()

        said = answers.texts()
        page.reload()
        expect(row).to_be_visible()
        said += answers.texts()
        assert VALUE not in page.content()
        assert VALUE not in everything_typed(page)
        assert any("DB_PASSWORD" in text for text in said)
        assert not [text for text in said if VALUE in text]

        row.get_by_role("button", name="Delete").click()
        page.get_by_role("button", name="Delete", exact=True).click()
        expect(page.get_by_text("No secret yet")).to_be_visible()


def test_a_viewer_is_told_who_may_do_what(browser: Browser, walled: ServerProcess) -> None:
    with signed_in(browser, walled, "/secrets", "vera") as tab:
        page = tab.page
        expect(page.get_by_text("Operators, editors and admins see this")).to_be_visible()
        add = page.get_by_role("button", name="Add secret")
        expect(add).to_have_attribute("aria-disabled", "true")
        add.hover()
        expect(page.get_by_text("Your role (Viewer) does not allow this")).to_be_visible()
        page.goto("/pipelines")
        start = page.get_by_role("button", name="Start").first
        expect(start).to_have_attribute("aria-disabled", "true")
        for path in ("/audit", "/settings", "/users?tab=users"):
            page.goto(path)
            expect(page.get_by_text("Only admins see this")).to_be_visible()
            assert tab.violations() == []
        page.goto("/users")
        expect(page.get_by_role("button", name="Make token")).to_be_visible()
        page.goto("/sync")
        expect(page.get_by_role("button", name="Add repository")).to_have_attribute("aria-disabled", "true")


def test_a_token_is_shown_once_and_works_until_it_is_revoked(browser: Browser, walled: ServerProcess) -> None:
    with signed_in(browser, walled, "/users?tab=tokens") as tab:
        page = tab.page
        page.get_by_role("button", name="Make token").click()
        page.get_by_label("What it is for").fill("ci")
        page.get_by_label("Role").select_option("operator")
        page.get_by_label("Pipelines").fill("report")
        page.get_by_role("dialog").get_by_role("button", name="Make token").click()
        token = page.get_by_label("Token", exact=True).inner_text()
        assert tab.violations() == []
        assert "id" in walled.call("POST", "/api/pipelines/report/run", {}, **bearer(token))
        page.get_by_role("button", name="Done").click()
        page.reload()
        row = page.get_by_role("row", name="ci")
        expect(row).to_contain_text("Operator")
        expect(row).to_contain_text("report")
        assert token not in page.content()

        row.get_by_role("button", name="Revoke").click()
        page.get_by_role("button", name="Revoke", exact=True).click()
        expect(page.get_by_text("No API token yet")).to_be_visible()
        assert walled.call("GET", "/api/runs", **bearer(token))["status"] == 401


def test_a_repository_is_added_tried_and_synced(
    browser: Browser, walled: ServerProcess, git_repository: GitRepository, git_http: GitHttpServer
) -> None:
    git_repository.write("from_git/main.py", "print('hello')\n")
    git_repository.commit_and_push("Add what comes from Git")
    with signed_in(browser, walled, "/sync") as tab:
        page = tab.page
        expect(page.get_by_text("No repository yet")).to_be_visible()
        page.get_by_role("button", name="Add repository").click()
        page.get_by_label("Name").fill("acme")
        page.get_by_label("Address").fill(git_http.url("acme/pipelines"))
        page.get_by_label("Seconds between looks").fill("0")
        assert tab.violations() == []
        page.get_by_role("dialog").get_by_role("button", name="Add repository").click()
        panel = page.get_by_role("region", name="acme")
        # A new repository is synced at once, and the pages hear of it without being loaded again.
        expect(panel.get_by_text("In step")).to_be_visible()
        expect(panel.get_by_text("Add what comes from Git").first).to_be_visible()

        git_repository.write("also_from_git/main.py", "print('hello')\n")
        git_repository.commit_and_push("Add another")
        panel.get_by_role("button", name="Dry run").click()
        expect(page.get_by_role("dialog", name="What a sync would change")).to_contain_text("also_from_git")
        page.get_by_role("button", name="Done").click()
        panel.get_by_role("button", name="Sync now").click()
        expect(panel.get_by_text("2 pipelines")).to_be_visible()
        page.get_by_role("link", name="Pipelines").click()
        expect(page.get_by_text("also_from_git").first).to_be_visible()

        page.goto("/sync?tab=log")
        brought = page.get_by_role("row").filter(has_text="pipeline added").first
        brought.get_by_role("link", name="Details").click()
        expect(page.get_by_role("dialog", name="Sync of acme")).to_contain_text("also_from_git")
        assert tab.violations() == []
        page.keyboard.press("Escape")

        git_http.stop()
        page.goto("/sync")
        panel.get_by_role("button", name="Sync now").click()
        expect(panel.get_by_text("can't be reached")).to_be_visible()
        assert tab.violations() == []

        panel.get_by_role("button", name="More about acme").click()
        page.get_by_role("menuitem", name="Delete").click()
        page.get_by_role("button", name="Delete", exact=True).click()
        expect(page.get_by_text("No repository yet")).to_be_visible()


def test_the_log_tells_who_did_what(browser: Browser, walled: ServerProcess, tmp_path: Path) -> None:
    with signed_in(browser, walled, "/users") as tab:
        page = tab.page
        page.get_by_role("button", name="More about otto").click()
        page.get_by_role("menuitem", name="Change role").click()
        page.get_by_label("Role", exact=True).select_option("editor")
        page.get_by_role("button", name="Change role").click()
        expect(page.get_by_role("row", name="otto")).to_contain_text("Editor")

        page.get_by_role("link", name="Audit log").click()
        page.get_by_label("What", exact=True).select_option("user.changed")
        page.get_by_label("To what").fill("otto")
        row = page.get_by_role("row", name="otto")
        expect(row).to_have_count(1)
        expect(row).to_contain_text("ada")
        expect(row).to_contain_text("Changed a user")
        expect(row.get_by_text("operator")).to_be_visible()
        expect(row.get_by_text("editor")).to_be_visible()
        expect(page).to_have_url(re.compile("target=otto"))  # it can be sent to a colleague

        page.get_by_role("button", name="Export").click()
        with page.expect_download() as download:
            page.get_by_role("menuitem", name="As JSON").click()
        download.value.save_as(tmp_path / "audit.ndjson")
        (entry,) = map(json.loads, (tmp_path / "audit.ndjson").read_text().splitlines())
        assert (entry["before"]["role"], entry["after"]["role"]) == ("operator", "editor")

        page.get_by_role("button", name="Verify").click()
        expect(page.get_by_text("entries are as they were written")).to_be_visible()
        assert tab.violations() == []


def test_the_last_admin_stays_and_the_page_says_why(browser: Browser, walled: ServerProcess) -> None:
    with signed_in(browser, walled, "/users") as tab:
        page = tab.page
        page.get_by_role("button", name="More about ada").click()
        page.get_by_role("menuitem", name="Remove").click()
        page.get_by_role("button", name="Remove", exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text("admin")
        page.keyboard.press("Escape")
        expect(page.get_by_role("row", name="ada (you)")).to_be_visible()


def test_settings_are_searched_and_the_address_keeps_it(browser: Browser, walled: ServerProcess) -> None:
    with signed_in(browser, walled, "/settings") as tab:
        page = tab.page
        page.get_by_label("Name, value or words of the description").fill("git allowed protocols")
        expect(page.get_by_role("heading", name="1 setting")).to_be_visible()
        page.reload()
        expect(page.get_by_text("FASTFLOW_GIT_ALLOWED_PROTOCOLS")).to_be_visible()
        expect(page.get_by_role("row", name="GIT_ALLOWED_PROTOCOLS")).to_contain_text("Set")


def test_the_pages_speak_german(browser: Browser, walled: ServerProcess) -> None:
    with signed_in(browser, walled, "/secrets", language="de-DE") as tab:
        page = tab.page
        for place in ("Geheimnisse", "Benutzer & Tokens", "Protokoll", "Einstellungen", "Info", "Sync"):
            page.get_by_role("link", name=place).click()
            expect(page.get_by_role("heading", name=place, level=1)).to_be_visible()
        expect(page.get_by_role("button", name="Repository hinzufügen")).to_be_visible()
        assert tab.violations() == []


@pytest.mark.parametrize(
    ("size", "scheme"),
    [(LAPTOP, "light"), (LAPTOP, "dark"), (PHONE, "light")],
    ids=["by day", "by night", "on a phone"],
)
def test_every_page_can_be_read_by_everybody(
    browser: Browser, walled: ServerProcess, size: tuple[int, int], scheme: Literal["light", "dark"]
) -> None:
    with signed_in(browser, walled, "/about", size=size, scheme=scheme) as tab:
        page = tab.page
        for path, title in PAGES.items():
            page.goto(path)
            expect(page.get_by_role("heading", name=title, level=1)).to_be_visible()
            expect(page.get_by_role("status", name="Loading")).to_have_count(0)
            assert tab.violations() == [], path
            assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), path
        if size == PHONE:
            page.get_by_role("button", name="More", exact=True).click()
            page.get_by_role("menuitem", name="Secrets").click()
            expect(page.get_by_role("heading", name="Secrets", level=1)).to_be_visible()


def test_an_open_server_offers_the_first_account(browser: Browser, unwalled: ServerProcess) -> None:
    with opened(browser, unwalled.url) as tab:
        page = tab.page
        page.goto("/users")
        expect(page.get_by_role("heading", name="This server has no accounts")).to_be_visible()
        assert tab.violations() == []
        page.get_by_label("Name").fill("anna")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Make the account").click()
        expect(page.get_by_role("row", name="anna (you)")).to_be_visible()
        me: Any = unwalled.get("/api/auth/me")
        assert me["code"] == "credential_missing", "from now on everybody is asked"
