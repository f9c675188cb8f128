"""Stories of repositories behind a lock: a deploy key, a host that is confirmed once, a GitHub App."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.server_process import ServerProcess, servers_on
from tests.servers.app_jwt import AppKey
from tests.servers.git_http import GitHttpServer
from tests.servers.git_ssh import GitSshServer
from tests.servers.github import StandInGitHub
from tests.servers.repository import GitRepository
from tests.web.browser import opened


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    """`fastflow up` without any repository, which may call Git hosts of this machine."""
    with servers_on(tmp_path) as make:
        server = make(
            {
                "FASTFLOW_EXECUTOR": "process",
                "FASTFLOW_UV_PRE_HEAT": "0",
                "FASTFLOW_GIT_ALLOWED_PROTOCOLS": "http,ssh",
                "FASTFLOW_ALLOW_PRIVATE_ADDRESSES": "1",
                "FASTFLOW_AUTO_SYNC_INTERVAL": "0",
                "FASTFLOW_PIPELINES_DIR": "",
            }
        )
        server.start()
        server.until_ready()
        yield server
        server.terminate()


@pytest.fixture
def pushed(git_repository: GitRepository) -> GitRepository:
    git_repository.write("report/main.py", "print('private')")
    git_repository.commit_and_push("Add report")
    return git_repository


def add_repository(page: Page, url: str) -> Locator:
    """Fill in the form for `acme`, and return its dialog."""
    page.get_by_role("button", name="Add repository").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name", exact=True).fill("acme")
    dialog.get_by_label("Address").fill(url)
    return dialog


def open_access(page: Page) -> Locator:
    page.get_by_role("button", name="More about acme").click()
    page.get_by_role("menuitem", name="Access").click()
    return page.get_by_role("dialog", name="Access to acme")


def test_a_deploy_key_is_entered_at_the_host_and_the_host_is_confirmed(
    browser: Browser, server: ServerProcess, pushed: GitRepository, git_ssh: GitSshServer
) -> None:
    del pushed
    with opened(browser, server.url) as tab:
        page = tab.page
        page.goto("/sync")
        dialog = add_repository(page, git_ssh.url("acme/pipelines"))
        dialog.get_by_label("Access", exact=True).select_option("deploy_key")
        assert tab.violations() == []
        dialog.get_by_role("button", name="Add repository").click()
        # What has to be entered elsewhere is shown at once.
        access = page.get_by_role("dialog", name="Access to acme")
        key = access.get_by_label("Deploy key", exact=True).inner_text()
        assert re.match(r"ssh-ed25519 \S+ ", key), key
        git_ssh.authorize(key)
        expect(access.get_by_text("None is accepted yet")).to_be_visible()
        access.get_by_role("button", name="Ask the host").click()
        expect(access.get_by_text("Compare them with what the Git host publishes")).to_be_visible()
        expect(access.get_by_text(git_ssh.fingerprint)).to_be_visible()
        assert tab.violations() == []
        access.get_by_role("button", name="Accept these keys").click()
        expect(access.get_by_text("Only these are accepted:")).to_be_visible()
        access.get_by_role("button", name="Check access").click()
        expect(access.get_by_text("Branches: main")).to_be_visible()
        access.get_by_role("button", name="Done").click()
        panel = page.get_by_role("region", name="acme")
        panel.get_by_role("button", name="Sync now").click()
        expect(panel.get_by_text("In step")).to_be_visible()

        git_ssh.change_host_key()
        panel.get_by_role("button", name="Sync now").click()
        expect(panel.get_by_text("Failed", exact=True)).to_be_visible()
        expect(open_access(page).get_by_text(git_ssh.fingerprint)).to_be_hidden()


def test_a_new_deploy_key_takes_the_place_of_the_old_one(
    browser: Browser, server: ServerProcess, git_ssh: GitSshServer
) -> None:
    server.call("POST", "/api/repositories", {"name": "acme", "url": git_ssh.url("acme/pipelines")})
    with opened(browser, server.url) as tab:
        page = tab.page
        page.goto("/sync")
        access = open_access(page)
        key = access.get_by_label("Deploy key", exact=True)
        former = key.inner_text()
        access.get_by_role("button", name="Make a new key").click()
        question = page.get_by_role("dialog", name="Make a new deploy key?")
        expect(question.get_by_text("syncs fail until the new one is entered")).to_be_visible()
        question.get_by_role("button", name="Make a new key").click()
        expect(key).not_to_have_text(former)


def test_a_github_app_opens_a_repository_and_its_key_is_never_shown(
    browser: Browser,
    server: ServerProcess,
    pushed: GitRepository,
    git_http: GitHttpServer,
    github: StandInGitHub,
    github_app_key: AppKey,
) -> None:
    del pushed
    github.install("acme", ["pipelines"])
    git_http.authenticator = github.accepts
    with opened(browser, server.url) as tab:
        page = tab.page
        page.goto("/sync?tab=apps")
        expect(page.get_by_text("No GitHub App yet")).to_be_visible()
        page.get_by_role("button", name="Add GitHub App").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Name", exact=True).fill("company")
        dialog.get_by_label("App ID or client ID").fill(str(github.app_id))
        dialog.get_by_role("button", name="Enter several lines").click()
        dialog.get_by_label("Private key", exact=True).fill("no key at all")
        dialog.get_by_label("API address").fill(github.base_url)
        dialog.get_by_role("button", name="Add GitHub App").click()
        expect(dialog.get_by_role("alert")).to_be_visible()
        assert tab.violations() == []
        dialog.get_by_label("Private key", exact=True).fill(github_app_key.pem)
        dialog.get_by_role("button", name="Add GitHub App").click()
        row = page.get_by_role("row", name="company")
        expect(row).to_contain_text(github.base_url)
        row.get_by_role("button", name="Installations").click()
        expect(page.get_by_role("dialog").get_by_role("row", name="acme")).to_contain_text("acme/pipelines")
        assert tab.violations() == []
        page.keyboard.press("Escape")

        page.goto("/sync")
        dialog = add_repository(page, git_http.url("acme/pipelines"))
        dialog.get_by_label("Access", exact=True).select_option("github_app")
        dialog.get_by_label("GitHub App", exact=True).select_option("company")
        dialog.get_by_role("button", name="Add repository").click()
        panel = page.get_by_role("region", name="acme")
        expect(panel.get_by_text("In step")).to_be_visible()

        page.goto("/sync?tab=apps")
        row.get_by_role("button", name="Delete").click()
        page.get_by_role("button", name="Delete", exact=True).last.click()
        expect(page.get_by_role("alert")).to_contain_text("acme")
        assert "PRIVATE KEY" not in page.content()
