"""What is left, and what is not, when the server, the shim or the machine goes down."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

from fastflow.adapters.process import processes, shims
from fastflow.adapters.process.attempt import AttemptFolder
from fastflow.adapters.process.folder import STARTED, Started, write_record
from fastflow.adapters.process.payload import Order
from fastflow.domain.log import Stream, StreamCounts
from tests.contract.payloads import SAYS_READY_AND_HANDLES_SIGTERM, Payload
from tests.contract.rig import Rig
from tests.fakes.script import Script
from tests.process.traces import entries, shim_of

GRACE = timedelta(seconds=20)
LINES = 20_000

SERVER = """
import asyncio, json, sys
from pathlib import Path
from fastflow.adapters.process.executor import ProcessExecutor
from fastflow.domain.environment import Environment
from fastflow.domain.execution import AttemptIdentity, ExecutionRequest
from fastflow.domain.log import StreamCounts

async def main(root, checkout):
    executor = ProcessExecutor(Path(root))
    identity = AttemptIdentity("run", 1, "pipe", "token")
    environment = Environment("bare", "", None, "python3")
    reference = await executor.start(ExecutionRequest(identity, Path(checkout), environment, Path(root)))
    async for batch in executor.follow(reference, StreamCounts()):
        for output in batch:
            print(json.dumps([output.lines, output.data.decode()]), flush=True)

asyncio.run(main(*sys.argv[1:]))
"""

PRINTS_FOR_A_WHILE = Payload(
    f"""
import time
for number in range({LINES}):
    print(number, flush=True)
    if number % 100 == 0:
        time.sleep(0.005)
""",
    Script(),
)

HAS_CHILDREN = Payload(
    """
import subprocess, time
child = subprocess.Popen(["sleep", "600"])
group = subprocess.Popen(["sleep", "600"], process_group=0)
print(child.pid, group.pid, flush=True)
print("ready", flush=True)
time.sleep(600)
""",
    Script(),
)


def _serve_until_killed(root: Path, checkout: Path) -> tuple[int, str]:
    """Start a server with one attempt, kill it in mid-run; return what it had stored by then."""
    stored, text = 0, ""
    command = [sys.executable, "-c", SERVER, str(root), str(checkout)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        for line in server.stdout:
            lines, data = json.loads(line)
            stored, text = stored + lines, text + data
            if stored > LINES / 10:
                break
        server.send_signal(signal.SIGKILL)
    return stored, text


async def test_an_attempt_goes_on_whose_server_was_killed_before_it_heard_of_the_start(rig: Rig, root: Path):
    folder = AttemptFolder(root / "attempt")
    folder.path.mkdir(parents=True)
    order = Order(
        command=[sys.executable, "-c", "print('done')"],
        directory=str(folder.path),
        variables={},
        secret_files={},
        memory_bytes=None,
    )
    nobody_reads, answer = os.pipe()
    os.close(nobody_reads)
    launching = await asyncio.create_subprocess_exec(
        *shims.command(folder.path), stdin=asyncio.subprocess.PIPE, stdout=answer
    )
    os.close(answer)
    await launching.communicate(json.dumps(order).encode())
    async with asyncio.timeout(GRACE.total_seconds()):
        while await asyncio.to_thread(folder.started) is None:  # noqa: ASYNC110 - no event to wait for
            await asyncio.sleep(0.01)
    assert (await rig.executor.wait("attempt")).exit_code == 0


async def test_an_attempt_survives_the_kill_of_its_server_without_losing_a_line(rig: Rig, root: Path):
    checkout = rig.request(PRINTS_FOR_A_WHILE).checkout
    stored, text = await asyncio.to_thread(_serve_until_killed, root, checkout)

    [found] = await rig.executor.find()
    assert (found.identity.run_id, found.is_started) == ("run", True)
    rest = await rig.output(found.reference, StreamCounts(stdout=stored))
    assert stored < LINES
    assert text + rest[Stream.STDOUT].decode() == "".join(f"{number}\n" for number in range(LINES))
    assert (await rig.executor.wait(found.reference)).exit_code == 0
    await rig.executor.remove(found.reference)
    assert await entries(root) == []


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel kills the payload on Linux only")
async def test_a_killed_shim_takes_its_payload_and_its_session_along(rig: Rig, root: Path):
    reference = await rig.start(HAS_CHILDREN)
    await rig.until_line(reference, b"ready")
    shim = await shim_of(root, reference)
    below = psutil.Process(shim.pid).children(recursive=True)
    assert len(below) == 3
    os.kill(shim.pid, signal.SIGKILL)
    ending = await rig.executor.wait(reference)
    assert (ending.exit_code, ending.was_host_lost) == (None, True)
    assert "killed" in ending.detail
    _, alive = psutil.wait_procs(below, timeout=5)
    assert alive == []
    assert (await rig.output(reference))[Stream.STDOUT].endswith(b"ready\n")
    await rig.executor.stop(reference, GRACE)


@pytest.fixture
def bystander() -> Iterator["subprocess.Popen[bytes]"]:
    """A process that has nothing to do with us, leading its own session as a shim does."""
    process = subprocess.Popen(["sleep", "600"], start_new_session=True)
    yield process
    assert process.poll() is None, "a bystander was hit"
    process.kill()
    process.wait()


@pytest.mark.parametrize("is_same_boot", [True, False])
async def test_a_process_that_got_the_number_of_a_dead_shim_is_never_touched(
    rig: Rig, root: Path, bystander: "subprocess.Popen[bytes]", is_same_boot: bool
):
    reference = await rig.start(SAYS_READY_AND_HANDLES_SIGTERM)
    await rig.until_line(reference, b"ready")
    shim = await shim_of(root, reference)
    os.kill(shim.pid, signal.SIGKILL)
    assert (await rig.executor.wait(reference)).was_host_lost
    # As if the number had come round, in this life of the machine or in its next.
    other = await asyncio.to_thread(processes.look, bystander.pid)
    assert other is not None
    record = (
        Started(bystander.pid, shim.start, shim.boot_id)
        if is_same_boot
        else Started(bystander.pid, other.start, "another-boot")
    )
    await asyncio.to_thread(write_record, str(root / reference / STARTED), record)

    assert (await rig.executor.wait(reference)).was_host_lost
    assert (await rig.output(reference))[Stream.STDOUT] == b"ready\n"
    await rig.executor.stop(reference, GRACE)
    assert [sample async for sample in rig.executor.stats(reference)] == []
    await rig.executor.remove(reference)
    assert bystander.poll() is None


async def test_a_crash_before_the_start_leaves_an_attempt_that_was_not_started(rig: Rig, root: Path):
    request = rig.request(SAYS_READY_AND_HANDLES_SIGTERM)
    folder = root / request.identity.name
    folder.mkdir(parents=True)
    await asyncio.to_thread(AttemptFolder(folder).write_identity, request.identity)
    [found] = await rig.executor.find()
    assert (found.identity, found.is_started) == (request.identity, False)
    await rig.executor.remove(found.reference)
    assert await rig.executor.find() == []
    reference = await rig.start_request(request)
    assert [f.is_started for f in await rig.executor.find()] == [True]
    await rig.until_line(reference, b"ready")


async def test_a_crash_in_the_middle_of_remove_is_finished_by_the_next_find(rig: Rig, root: Path):
    reference = await rig.start(SAYS_READY_AND_HANDLES_SIGTERM)
    await rig.until_line(reference, b"ready")
    shim = psutil.Process((await shim_of(root, reference)).pid)
    (root / reference).rename(root / f"removing-{reference}-0")
    assert await rig.executor.find() == []
    assert await entries(root) == []
    psutil.wait_procs([shim], timeout=5)
    assert not shim.is_running()


async def test_a_folder_that_the_payload_locked_is_removed_all_the_same(rig: Rig, root: Path):
    locks = Payload(
        "import os\nos.makedirs('deep/deeper')\nos.chmod('deep', 0)\nos.chmod('.', 0o555)\n", Script()
    )
    reference = await rig.start(locks)
    assert (await rig.executor.wait(reference)).exit_code == 0
    await rig.executor.remove(reference)
    assert await entries(root) == []
