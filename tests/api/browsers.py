"""A console that asks a browser to sign it in, and the person who sits there, over HTTP."""

import html
import re
import secrets
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import httpx2

from fastflow.domain.proof_key import challenge_of

LISTENS_AT = "http://127.0.0.1:49152/"


def made_up() -> str:
    return secrets.token_urlsafe(32)


@dataclass
class AskingConsole:
    """What a console makes up for one sign-in."""

    verifier: str = field(default_factory=made_up)
    state: str = field(default_factory=made_up)

    def query(self, **changes: str) -> dict[str, str]:
        return {
            "address": LISTENS_AT,
            "state": self.state,
            "challenge": challenge_of(self.verifier),
            "machine": "ann's laptop",
            **changes,
        }

    async def question(self, client: httpx2.AsyncClient, **changes: str) -> httpx2.Response:
        """Go to the provider and come back to the page that asks."""
        begun = await client.get("/api/auth/oidc/console", params=self.query(**changes))
        assert begun.status_code == 303, begun.text
        state = parse_qs(urlsplit(begun.headers["location"]).query)["state"][0]
        return await client.get("/api/auth/oidc/callback", params={"code": "c", "state": state})

    async def code(self, client: httpx2.AsyncClient) -> str:
        """Say yes; return what the browser takes to the console."""
        answered = await answer(client, await self.question(client))
        told = told_to_console(answered)
        assert told["state"] == self.state
        return told["code"]

    async def enter(self, client: httpx2.AsyncClient, code: str) -> httpx2.Response:
        body = {"code": code, "verifier": self.verifier}
        return await client.post("/api/auth/console/session", json=body)


async def answer(
    client: httpx2.AsyncClient, page: httpx2.Response, word: str = "yes", **headers: str
) -> httpx2.Response:
    """Click on a button of the page."""
    found = re.search(r'name="ticket" value="([^"]+)"', page.text)
    assert found, page.text
    form = {"ticket": html.unescape(found[1]), "answer": word}
    return await client.post("/api/auth/console/answer", data=form, headers=headers)


def told_to_console(page: httpx2.Response) -> dict[str, str]:
    """Return what the page takes to the console."""
    found = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', page.text)
    assert found, page.text
    address = html.unescape(found[1])
    assert address.startswith(f"{LISTENS_AT}?")
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
