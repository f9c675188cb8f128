"""Which servers are connected to when others say where: nothing on this machine or in its networks."""

import socket
from collections.abc import Iterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from fastflow.adapters.http.connections import PrivateAddress, connector_to, leads_to_private
from tests.servers.http_faults import HttpCall
from tests.servers.http_thread import HttpThread

WRITTEN = [
    "127.0.0.1",
    "localhost",
    "localhost.",
    "LOCALHOST",
    "127.1",
    "127.0.0.1.",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "0",
    "0.0.0.0",  # noqa: S104 - not bound to
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:127.0.0.1]",
    "[::1%25lo]",
    "[64:ff9b::7f00:1]",
    "①②⑦.⓪.⓪.①",
    "\uff11\uff12\uff17.0.0.1",
    "127。0。0。1",
    "127%2e0%2e0%2e1",
    "%31%32%37.0.0.1",
    "ⓛocalhost",
    "8.8.8.8@127.0.0.1",
    "8.8.8.8:80@127.0.0.1",
    "8.8.8.8\\@127.0.0.1",
    "8.8.8.8%00@127.0.0.1",
    "169.254.169.254",
]


@pytest.fixture(autouse=True)
def no_proxy_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def inside() -> Iterator[HttpThread]:
    """A server that only this machine is to reach."""

    async def answer(_: HttpCall) -> web.Response:
        return web.Response(text="secret")

    server = HttpThread(answer)
    yield server
    server.stop()


async def ask(url: str) -> str:
    limit = aiohttp.ClientTimeout(total=10)
    async with (
        aiohttp.ClientSession(connector=connector_to(url, may_be_private=False), timeout=limit) as session,
        session.get(url, allow_redirects=False) as answer,
    ):
        return await answer.text()


@pytest.mark.parametrize("host", WRITTEN)
async def test_however_it_is_written_nothing_private_is_reached(inside: HttpThread, host: str) -> None:
    with pytest.raises((aiohttp.ClientError, PrivateAddress, ValueError, TimeoutError)):
        await ask(f"http://{host}:{inside.port}/")
    assert inside.requests == []


class Rebinding:
    """A name service that answers otherwise each time."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked = 0

    def look_up(self, _host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        answer = self.answers[min(self.asked, len(self.answers) - 1)]
        self.asked += 1
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answer, port))]


@pytest.fixture
def connected_to(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note where connections are made to, without making one."""
    addresses: list[str] = []

    async def connect(addr_infos: list[Any], **_: Any) -> socket.socket:
        addresses.extend(entry[4][0] for entry in addr_infos)
        raise OSError("nobody is there")

    monkeypatch.setattr("aiohappyeyeballs.start_connection", connect)
    return addresses


async def test_a_name_that_changes_its_address_is_looked_up_once(
    monkeypatch: pytest.MonkeyPatch, connected_to: list[str]
) -> None:
    names = Rebinding("8.8.8.8", "127.0.0.1")
    monkeypatch.setattr(socket, "getaddrinfo", names.look_up)
    with pytest.raises(aiohttp.ClientConnectorError):
        await ask("http://rebinding.example/")
    assert names.asked == 1
    assert connected_to == ["8.8.8.8"]


async def test_a_name_with_a_private_address_is_refused(
    monkeypatch: pytest.MonkeyPatch, inside: HttpThread
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", Rebinding("127.0.0.1").look_up)
    with pytest.raises(aiohttp.ClientConnectorError) as refused:
        await ask(f"http://inside.example:{inside.port}/")
    assert leads_to_private(refused.value)
    assert inside.requests == []


async def test_the_socket_has_the_last_word(inside: HttpThread) -> None:
    """As if a URL were read in one way where it is checked and in another where it is connected to."""
    connector = connector_to("http://elsewhere.example/", may_be_private=False)
    async with aiohttp.ClientSession(connector=connector) as session:
        with pytest.raises(aiohttp.ClientConnectorError) as refused:
            await session.get(f"http://127.0.0.1:{inside.port}/")
    assert leads_to_private(refused.value)
    assert inside.requests == []
