"""Fixtures of providers that people sign in at, and of a person at a browser."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from fastflow.domain.identity import ComeBack
from tests.servers.openid import StandInOpenId


@pytest.fixture
def openid() -> Iterator[StandInOpenId]:
    """An OpenID Connect provider that sends nobody back anywhere yet."""
    with StandInOpenId() as server:
        yield server


async def consent(address: str) -> str:
    """Go to a provider as a browser does, agree, and return the address that it sends the browser to."""
    async with httpx2.AsyncClient() as browser:
        answer = await browser.get(address)
    assert answer.status_code == 302, answer.text
    return answer.headers["location"]


def come_back(location: str) -> ComeBack:
    """Read what the browser brings back from there."""
    query = parse_qs(urlsplit(location).query)
    said = {name: values[0] for name, values in query.items()}
    return ComeBack(said.get("code"), said.get("state"), said.get("error"), said.get("iss"))
