"""Both ways of looking at processes see the same ones."""

import os
import subprocess
import sys
from collections.abc import Iterator
from types import ModuleType

import pytest

from fastflow.adapters.process import linux_processes, ps_processes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="compares ps(1) with /proc")


@pytest.fixture
def child() -> Iterator[int]:
    process = subprocess.Popen(["sleep", "60"], start_new_session=True)
    yield process.pid
    process.kill()
    process.wait()


@pytest.mark.parametrize("processes", [linux_processes, ps_processes])
def test_a_child_is_a_member_and_alone_in_its_own_session(processes: ModuleType, child: int):
    looked = processes.look(child)
    assert (looked.pid, looked.parent, looked.is_zombie) == (child, os.getpid(), False)
    # Of ourselves: the kernel counts the memory of a small process in batches, and may say 0.
    assert processes.look(os.getpid()).memory_bytes > 10 * 1024**2
    assert looked.start == processes.look(child).start
    assert child in [process.pid for process in processes.members(os.getpid())]
    assert [process.pid for process in processes.in_session(child)] == [child]


@pytest.mark.parametrize("processes", [linux_processes, ps_processes])
def test_who_is_gone_is_not_seen(processes: ModuleType):
    process = subprocess.Popen(["true"])
    process.wait()
    assert processes.look(process.pid) is None
