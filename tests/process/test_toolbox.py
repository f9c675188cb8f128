"""The toolbox on this machine: a clean environment, bounded, and nothing left running."""

import asyncio
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

from fastflow.adapters.process import toolbox as module
from fastflow.adapters.process.toolbox import ProcessToolbox
from fastflow.domain.errors import Unavailable

MINUTE = timedelta(minutes=1)


@pytest.fixture
def toolbox(tmp_path: Path) -> ProcessToolbox:
    return ProcessToolbox(tmp_path / "store")


async def python(toolbox: ProcessToolbox, code: str, limit: timedelta = MINUTE, stdin: bytes = b"") -> bytes:
    done = await toolbox.run([sys.executable, "-c", code], checkout=None, time_limit=limit, stdin=stdin)
    assert done.exit_code == 0, done.stderr
    return done.stdout


def poll(is_true: Callable[[], bool]) -> None:
    """Return as soon as it is so."""
    deadline = time.monotonic() + 60
    while not is_true():
        assert time.monotonic() < deadline, "it never became true"
        time.sleep(0.01)


def is_running(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


async def test_uv_is_found_without_being_installed(toolbox: ProcessToolbox) -> None:
    done = await toolbox.run(["uv", "cache", "dir"], checkout=None, time_limit=MINUTE)

    assert done.exit_code == 0
    assert done.stdout.decode().strip() == str(toolbox.store / "cache")


async def test_the_servers_own_variables_do_not_reach_the_command(
    toolbox: ProcessToolbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENCRYPTION_KEY", "secret")
    monkeypatch.setenv("UV_INDEX_URL", "https://index.example/simple")

    seen = (await python(toolbox, "import os; print(*os.environ.items(), sep='\\n')")).decode()

    assert "ENCRYPTION_KEY" not in seen
    assert "https://index.example/simple" in seen
    assert f"('HOME', '{toolbox.store}/home')" in seen


async def test_python3_is_the_servers_interpreter_without_its_packages(toolbox: ProcessToolbox) -> None:
    code = "import sys, importlib.util; print(sys.version_info[:2], importlib.util.find_spec('fastflow'))"
    done = await toolbox.run(["python3", "-c", code], checkout=None, time_limit=MINUTE)

    assert done.stdout.decode().strip() == f"{sys.version_info[:2]} None"


async def test_a_command_works_in_the_checkout_and_reads_stdin(
    toolbox: ProcessToolbox, tmp_path: Path
) -> None:
    done = await toolbox.run(
        [sys.executable, "-c", "import os, sys; print(os.getcwd(), len(sys.stdin.read()))"],
        checkout=tmp_path,
        time_limit=MINUTE,
        stdin=b"x" * 1_000_000,
    )

    assert done.stdout.decode().strip() == f"{tmp_path} 1000000"


async def test_a_command_may_leave_its_stdin_unread(toolbox: ProcessToolbox) -> None:
    assert await python(toolbox, "print('done')", stdin=b"x" * 1_000_000) == b"done\n"


async def test_a_command_that_takes_too_long_is_killed_with_its_children(
    toolbox: ProcessToolbox, tmp_path: Path
) -> None:
    code = (
        "import subprocess, sys, pathlib; child = subprocess.Popen(['sleep', '600']);"
        f"pathlib.Path({str(tmp_path / 'pid')!r}).write_text(str(child.pid)); child.wait()"
    )

    with pytest.raises(Unavailable) as caught:
        await python(toolbox, code, timedelta(seconds=2))

    assert caught.value.code == "toolbox_timeout"
    pid = int(await asyncio.to_thread((tmp_path / "pid").read_text))
    await asyncio.to_thread(poll, lambda: not is_running(pid))


async def test_cancelling_kills_the_command(toolbox: ProcessToolbox, tmp_path: Path) -> None:
    file = tmp_path / "pid"
    code = (
        f"import os, pathlib, time; pathlib.Path({str(file)!r}).write_text(str(os.getpid())); time.sleep(600)"
    )
    task = asyncio.ensure_future(python(toolbox, code))
    await asyncio.to_thread(poll, lambda: file.exists() and file.read_text() != "")

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert not await asyncio.to_thread(is_running, int(await asyncio.to_thread(file.read_text)))


async def test_a_daemon_that_a_command_left_behind_is_killed(toolbox: ProcessToolbox) -> None:
    code = (
        "import subprocess; none = subprocess.DEVNULL;"
        "print(subprocess.Popen(['sleep', '600'], stdin=none, stdout=none, stderr=none).pid)"
    )
    pid = int(await python(toolbox, code))

    await asyncio.to_thread(poll, lambda: not is_running(pid))


async def test_of_a_long_error_the_end_is_kept(toolbox: ProcessToolbox) -> None:
    code = "import sys; sys.stderr.write('x' * 3_000_000 + 'the end'); sys.exit(3)"
    done = await toolbox.run([sys.executable, "-c", code], checkout=None, time_limit=MINUTE)

    assert done.exit_code == 3
    assert done.stderr.endswith(b"the end")
    assert len(done.stderr) == module.LARGEST_STDERR_BYTES


async def test_endless_output_is_refused(toolbox: ProcessToolbox) -> None:
    with pytest.raises(Unavailable, match="wrote more than"):
        await python(toolbox, f"import sys; sys.stdout.write('x' * {module.LARGEST_STDOUT_BYTES + 1})")


async def test_a_command_that_does_not_exist_is_the_platforms_trouble(toolbox: ProcessToolbox) -> None:
    with pytest.raises(Unavailable) as caught:
        await toolbox.run(["no-such-program"], checkout=None, time_limit=MINUTE)
    assert caught.value.code == "toolbox_unavailable"
