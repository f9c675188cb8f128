"""How an attempt ended is told right: exit codes, signals, memory."""

import asyncio
import time
from datetime import timedelta

import pytest

from fastflow.adapters.docker.oci_runtime import CRUN
from fastflow.domain.limits import Limits
from tests.docker.house import House, ended, first_output

MEBIBYTE = 1024**2
pytestmark = pytest.mark.parametrize("oci_runtime", ["", CRUN], ids=["default", CRUN], indirect=True)


@pytest.mark.parametrize("code", [0, 1, 3, 77, 255])
async def test_the_exit_code_is_the_programs(house: House, code: int) -> None:
    end = await house.run(f"import sys; sys.exit({code})")
    assert end.ending.exit_code == code
    assert not end.ending.was_out_of_memory
    assert not end.ending.was_host_lost


async def test_a_program_that_dies_of_a_signal_ends_with_128_and_the_signal(house: House) -> None:
    end = await house.run("import os; os.kill(os.getpid(), 11)")
    assert end.ending.exit_code == 139


async def test_a_program_that_kills_itself_is_not_lost_with_its_host(house: House) -> None:
    end = await house.run("import os; os.kill(os.getpid(), 9)")
    assert end.ending.exit_code == 137
    assert not end.ending.was_host_lost
    assert not end.ending.was_out_of_memory


async def test_who_needs_more_memory_than_the_limit_is_told_so_with_the_peak(house: House) -> None:
    limit = 64 * MEBIBYTE
    end = await house.run("x = bytearray(200 * 1024**2)", limits=Limits(memory_bytes=limit))
    assert end.ending.exit_code == 137
    assert end.ending.was_out_of_memory
    assert end.ending.peak_memory_bytes is not None
    assert 0.9 * limit <= end.ending.peak_memory_bytes <= limit


async def test_a_run_of_milliseconds_has_its_peak_memory_and_cpu_time(house: House) -> None:
    end = await house.run("x = b'x' * (50 * 1024**2); sum(range(2_000_000))")
    assert end.ending.peak_memory_bytes is not None
    assert 50 * MEBIBYTE < end.ending.peak_memory_bytes < 120 * MEBIBYTE
    assert end.ending.cpu_seconds is not None
    assert 0.02 < end.ending.cpu_seconds < 5


async def test_a_child_killed_for_memory_that_the_program_survives_is_no_failure(house: House) -> None:
    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'x = bytearray(200 * 1024**2)'])"
    end = await house.run(code, limits=Limits(memory_bytes=64 * MEBIBYTE))
    assert end.ending.exit_code == 0
    assert not end.ending.was_out_of_memory


async def test_stopping_lets_the_program_clean_up(house: House) -> None:
    code = (
        "import signal, sys, time\n"
        "def leave(*_):\n"
        "    print('cleaned up')\n"
        "    sys.exit(7)\n"
        "signal.signal(signal.SIGTERM, leave)\n"
        "print('ready')\n"
        "time.sleep(60)\n"
    )
    executor = house.executor()
    reference = await executor.start(house.request(code))
    end = asyncio.create_task(ended(executor, reference))
    await first_output(executor, reference)
    began = time.monotonic()
    await executor.stop(reference, timedelta(seconds=20))
    assert time.monotonic() - began < 10
    seen = await end
    assert seen.text == "ready\ncleaned up\n"
    assert seen.ending.exit_code == 7
    assert not seen.ending.was_host_lost
    await executor.remove(reference)
