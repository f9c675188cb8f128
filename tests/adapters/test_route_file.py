"""The route file: read whatever an attempt has put in its place, without being blocked or led away."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from fastflow.adapters.files.attempt_directory import AttemptDirectories

RUN = "run-1"


@pytest.fixture
def directories(tmp_path: Path) -> AttemptDirectories:
    return AttemptDirectories(tmp_path / "attempts", None)


@pytest.fixture
async def route_file(directories: AttemptDirectories) -> Path:
    """Where the attempt writes its route."""
    return await directories.create(RUN, 1, {}) / "route"


def write(path: Path, content: bytes) -> None:
    path.write_bytes(content)


async def test_what_the_attempt_wrote_is_its_route(directories: AttemptDirectories, route_file: Path) -> None:
    write(route_file, b"big\n")
    assert await directories.read_route(RUN, 1) == ("big", None)


async def test_an_attempt_that_wrote_nothing_has_no_route(
    directories: AttemptDirectories, route_file: Path
) -> None:
    assert await directories.read_route(RUN, 1) == (None, None)
    write(route_file, b"")
    assert await directories.read_route(RUN, 1) == (None, None)


async def test_an_attempt_whose_directory_is_gone_has_no_route(directories: AttemptDirectories) -> None:
    assert await directories.read_route("never-made", 1) == (None, None)


async def test_each_attempt_has_a_route_of_its_own(directories: AttemptDirectories, route_file: Path) -> None:
    write(route_file, b"first")
    await directories.create(RUN, 2, {})
    assert await directories.read_route(RUN, 2) == (None, None)


async def test_of_a_gigabyte_only_the_beginning_is_read(
    directories: AttemptDirectories, route_file: Path
) -> None:
    write(route_file, b"big\n")
    os.truncate(route_file, 2**30)
    assert await directories.read_route(RUN, 1) == ("big", None)
    write(route_file, b"")
    os.truncate(route_file, 2**30)
    route, warning = await directories.read_route(RUN, 1)
    assert route is None
    assert "longer than 256 characters" in (warning or "")


def link(path: Path) -> None:
    secret = path.parent.parent / "secret"
    secret.write_text("not yours")
    path.symlink_to(secret)


def dangling_link(path: Path) -> None:
    path.symlink_to("nowhere")


def endless_link(path: Path) -> None:
    path.symlink_to("/dev/zero")


def fifo(path: Path) -> None:
    os.mkfifo(path)


def folder(path: Path) -> None:
    path.mkdir()


def listening_socket(path: Path) -> None:
    here = os.open(path.parent, os.O_RDONLY)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"/proc/self/fd/{here}/{path.name}")  # the path itself may be too long for a socket
    os.close(here)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("place", [link, dangling_link, endless_link, fifo, folder, listening_socket])
async def test_what_is_no_regular_file_is_ignored_with_a_warning(
    directories: AttemptDirectories, route_file: Path, place: Callable[[Path], None]
) -> None:
    place(route_file)
    route, warning = await directories.read_route(RUN, 1)
    assert route is None
    assert "it is not a regular file" in (warning or "")


async def test_a_directory_that_was_replaced_by_a_link_is_not_followed(
    directories: AttemptDirectories, route_file: Path, tmp_path: Path
) -> None:
    route_file.parent.rename(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "route").write_text("not yours")
    route_file.parent.symlink_to(tmp_path / "elsewhere")
    assert await directories.read_route(RUN, 1) == (None, None)


async def test_binary_rubbish_is_ignored_with_a_warning(
    directories: AttemptDirectories, route_file: Path
) -> None:
    write(route_file, os.urandom(64).replace(b"\n", b"") + b"\xff")
    route, warning = await directories.read_route(RUN, 1)
    assert route is None
    assert "FASTFLOW_ROUTE_FILE was ignored" in (warning or "")
