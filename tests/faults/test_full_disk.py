"""The disk fills up while a log is written: the run waits, and goes on without a missing line."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server_process import TERMINAL, MakeServer, ServerProcess

MIB = 1024 * 1024
LINES = 40_000
BUSY = f"for number in range({LINES}): print(f'line {{number:06}} ' + 'x' * 400)"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 24 MiB. Mounting needs root; CI and `make test` in a container have it."""
    if sys.platform != "linux":
        pytest.fail("this test mounts a tmpfs and needs Linux; run it in a Linux machine")
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=24m,mode=755", "none", str(place)]
    subprocess.run(mount, check=True, timeout=10)
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True, timeout=10)


def test_a_log_that_fills_the_disk_goes_on_when_there_is_space_again(
    make_server: MakeServer, small_disk: Path
) -> None:
    server: ServerProcess = make_server(
        {
            "FASTFLOW_EXECUTOR": "process",
            "FASTFLOW_DATA_DIR": str(small_disk / "data"),
            "FASTFLOW_UV_PRE_HEAT": "0",
        }
    )
    server.add("busy", BUSY)
    server.start()
    server.until_ready()
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"\0" * (20 * MIB - _used(small_disk)))
    run_id = server.trigger("busy", "only")
    server.until(lambda: _free(small_disk) < MIB // 4)
    assert server.get("/health")["status"] == "ok"
    ballast.unlink()
    subprocess.run(["mount", "-o", "remount,size=128m", str(small_disk)], check=True, timeout=10)
    assert server.until_status(run_id, *TERMINAL)["status"] == "SUCCESS"
    lines = server.raw_log(run_id).decode().splitlines()
    assert [int(line.split()[1]) for line in lines] == list(range(LINES))
    assert server.slots_in_use() == 0


def _free(place: Path) -> int:
    answer = subprocess.run(
        ["df", "--output=avail", "-B1", str(place)], check=True, capture_output=True, text=True, timeout=10
    )
    return int(answer.stdout.split()[1])


def _used(place: Path) -> int:
    return 24 * MIB - _free(place)
