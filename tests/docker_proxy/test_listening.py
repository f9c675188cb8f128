"""The proxy listens for this machine only, and leaves no socket behind."""

import os
import socket
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import ClientSession, UnixConnector, web

from fastflow.docker_proxy.listening import Place, parse_place, serving
from fastflow.domain.errors import Conflict, Invalid, Unavailable


@pytest.fixture
def place() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="ff-", dir="/tmp") as folder:
        yield Path(folder) / "below" / "sock"


def server() -> web.Server:
    async def answer(_: web.BaseRequest) -> web.StreamResponse:
        return web.Response()

    return web.Server(answer)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("unix:///run/x.sock", Place(path=Path("/run/x.sock"))),
        ("http://127.0.0.1:2375", Place(host="127.0.0.1", port=2375)),
        ("tcp://localhost:2375/", Place(host="127.0.0.1", port=2375)),
    ],
)
def test_a_place_of_this_machine_is_read(text: str, place: Place) -> None:
    assert parse_place(text) == place


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "unix://",
            "unix://relative",
            "http://0.0.0.0:2375",
            "http://192.168.0.1:2375",
            "http://host:1",
        ),
        *("http://127.0.0.1", "http://127.0.0.1:0", "http://127.0.0.1:99999", "https://127.0.0.1:1", "x:1"),
    ],
)
def test_any_other_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(Invalid, match="PROXY_LISTEN"):
        parse_place(text)


async def test_the_socket_is_for_its_owner_and_group_and_goes_with_the_proxy(place: Path) -> None:
    async with serving(server(), Place(path=place), group=os.getgid()):
        assert stat.S_IMODE(os.stat(place).st_mode) == 0o660
    assert os.listdir(place.parent) == []


async def test_the_socket_of_a_killed_proxy_is_replaced(place: Path) -> None:
    place.parent.mkdir()
    with socket.socket(socket.AF_UNIX) as killed:
        killed.bind(str(place))
    async with serving(server(), Place(path=place)):
        pass


async def test_a_second_proxy_at_the_same_place_is_told_so(place: Path) -> None:
    async with serving(server(), Place(path=place)):
        with pytest.raises(Conflict, match="PROXY_LISTEN"):
            async with serving(server(), Place(path=place)):
                pass
        # Its look at the socket was accepted before this is answered, so it is closed with the rest.
        async with ClientSession(connector=UnixConnector(str(place))) as client:
            assert (await client.get("http://proxy/")).status == 200
        assert os.listdir(place.parent) == [place.name]


@pytest.fixture
def file(place: Path) -> Path:
    place.parent.mkdir()
    place.write_text("mine")
    return place


async def test_a_file_that_is_no_socket_is_left_alone(file: Path) -> None:
    with pytest.raises(Unavailable, match="PROXY_LISTEN"):
        async with serving(server(), Place(path=file)):
            pass
    assert os.stat(file).st_size == len("mine")
