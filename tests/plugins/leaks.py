"""Fails the test that leaves behind tasks, threads, processes, containers or temporary files."""

import asyncio
import inspect
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests.plugins.containers import containers_mounting

_PATIENCE_SECONDS = 1.0
"""What a killed process or a closed loop's thread may need until it is gone; waited for only if seen."""
_TASK_ROUNDS = 20
"""Turns of the loop that a cancelled task gets to end in."""
_REAL_RINGS = frozenset({"acceptance", "contract", "docker", "faults", "process", "web"})
"""Where attempts are real, and may outlive their parent without being our child."""

_before = pytest.StashKey["_Snapshot"]()
_temporary = pytest.StashKey[Path]()


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """What there was before the test's own fixtures."""

    threads: frozenset[threading.Thread]
    processes: frozenset[int]
    files: frozenset[str]


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Give this test process a temporary directory of its own: litter in it is ours.

    pytest's directories lie in it too, so that they can be opened to attempts that run as other users;
    its usual place is closed to them by every pytest that starts.
    """
    directory = Path(tempfile.mkdtemp(prefix="fastflow-test-"))
    directory.chmod(0o711)
    (directory / "litter").mkdir()
    config.stash[_temporary] = directory
    os.environ["TMPDIR"] = tempfile.tempdir = str(directory / "litter")
    if not config.option.basetemp:
        config.option.basetemp = str(directory / "pytest")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove it again, with the deepest trees that tests have made."""
    tempfile.tempdir = None
    os.environ.pop("TMPDIR", None)
    subprocess.run(["rm", "-rf", str(config.stash[_temporary])], check=True, timeout=60)


@pytest.fixture(autouse=True)
def nothing_is_left_behind(request: pytest.FixtureRequest) -> None:
    """Remember what there is; what is new after the test's last fixture was torn down is a leak."""
    request.node.stash[_before] = _look(request.config)
    function: object = getattr(request.node, "obj", None)
    if inspect.iscoroutinefunction(function):
        request.getfixturevalue("every_task_has_ended")


@pytest.fixture
async def every_task_has_ended() -> AsyncIterator[None]:
    """Fail if a task of the test's loop is still there when its other fixtures are gone."""
    before = asyncio.all_tasks()
    yield
    left = before
    for _ in range(_TASK_ROUNDS):
        left = asyncio.all_tasks() - before - {asyncio.current_task()}
        if not left:
            return
        await asyncio.sleep(0)
    names = sorted(getattr(task.get_coro(), "__qualname__", task.get_name()) for task in left)
    pytest.fail(f"left behind tasks: {', '.join(names)}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """Compare after all of the test's fixtures were torn down, whatever they were."""
    yield
    before = item.stash.get(_before, None)
    if before is None:
        return
    left: list[str] = []
    for describe in (_new_threads, _new_processes, _new_files):
        left += _what_stays(lambda describe=describe: describe(before, _look(item.config)))
    directory = getattr(item, "funcargs", {}).get("tmp_path")
    if directory is not None and _REAL_RINGS & set(item.path.parts):
        left += _what_stays(lambda: _processes_working_in(directory))
        left += _what_stays(lambda: containers_mounting(directory))
    if left:
        pytest.fail(f"left behind: {'; '.join(left)}", pytrace=False)


def _what_stays(look: Callable[[], list[str]]) -> list[str]:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while left := look():
        if time.monotonic() > deadline:
            break
        time.sleep(0.01)
    return left


def _look(config: pytest.Config) -> _Snapshot:
    return _Snapshot(
        threads=frozenset(thread for thread in threading.enumerate() if not thread.daemon),
        processes=frozenset(_children()),
        files=frozenset(os.listdir(config.stash[_temporary] / "litter")),
    )


def _children() -> list[int]:
    """List our direct children; the kernel's own list costs microseconds, psutil's scan milliseconds."""
    try:
        tasks = os.listdir("/proc/self/task")
        return [
            int(pid) for task in tasks for pid in Path(f"/proc/self/task/{task}/children").read_text().split()
        ]
    except FileNotFoundError:
        return [child.pid for child in psutil.Process().children()]


def _new_threads(before: _Snapshot, now: _Snapshot) -> list[str]:
    return [f"thread {thread.name}" for thread in now.threads - before.threads]


def _new_processes(before: _Snapshot, now: _Snapshot) -> list[str]:
    return [f"process {_command(pid)}" for pid in now.processes - before.processes]


def _new_files(before: _Snapshot, now: _Snapshot) -> list[str]:
    return [f"temporary file {name}" for name in now.files - before.files]


def _command(pid: int) -> str:
    try:
        process = psutil.Process(pid)
        return f"{pid} ({' '.join(process.cmdline()) or process.name()}, {process.status()})"
    except psutil.NoSuchProcess:
        return str(pid)


def _processes_working_in(directory: Path) -> list[str]:
    """List processes, whoever their parent is, that were given a path of the test or stand in one."""
    found: list[str] = []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and str(directory) in " ".join([process.cwd(), *process.cmdline()]):
                found.append(f"process {_command(process.pid)}")
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found
