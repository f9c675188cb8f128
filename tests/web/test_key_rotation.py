"""Story: the encryption key is replaced, and the page says what is done and what is left to do."""

from pathlib import Path

from cryptography.fernet import Fernet
from playwright.sync_api import Browser, expect

from tests.server_process import servers_on
from tests.web.browser import opened


def test_secrets_are_encrypted_anew_with_the_newest_key(browser: Browser, tmp_path: Path) -> None:
    former, newest = (Fernet.generate_key().decode() for _ in range(2))
    settings = {"FASTFLOW_EXECUTOR": "process", "FASTFLOW_UV_PRE_HEAT": "0"}
    with servers_on(tmp_path) as make:
        server = make({**settings, "FASTFLOW_ENCRYPTION_KEY": former})
        server.start()
        server.until_ready()
        server.call("PUT", "/api/secrets/DB_PASSWORD", {"value": "swordfish/77+staple"})
        server.terminate()
        server.settings = {**settings, "FASTFLOW_ENCRYPTION_KEY": f"{newest},{former}"}
        server.start()
        server.until_ready()
        with opened(browser, server.url) as tab:
            page = tab.page
            page.goto("/secrets")
            page.get_by_role("button", name="Rotate keys").click()
            question = page.get_by_role("dialog", name="Rotate the encryption keys?")
            assert tab.violations() == []
            question.get_by_role("button", name="Rotate").click()
            result = page.get_by_role("dialog", name="The keys were rotated")
            expect(result).to_be_visible()
            assert tab.violations() == []
            expect(result).to_contain_text("1")
        server.terminate()

        # What was said holds: the newest key alone opens what is stored.
        server.settings = {**settings, "FASTFLOW_ENCRYPTION_KEY": newest}
        server.start()
        server.until_ready()
        with opened(browser, server.url) as tab:
            tab.page.goto("/secrets")
            expect(tab.page.get_by_role("row", name="DB_PASSWORD")).to_be_visible()
        server.terminate()
