"""Where the files of secrets lie while a local process reads them, and that nothing is left of them."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from fastflow.adapters.process import secret_folder
from fastflow.domain.log import Stream, StreamCounts
from fastflow.domain.secret_file import SecretFile
from tests.contract.payloads import Payload
from tests.contract.rig import Rig
from tests.fakes.script import Script
from tests.process.traces import entries, files_containing, shim_of

KEY = (SecretFile("KEY", "correct horse battery"),)
IN_MEMORY = pytest.mark.skipif(sys.platform != "linux", reason="no /dev/shm")

READS_AND_ENDS = Payload(
    "import os\nprint(os.path.realpath(os.environ['KEY_FILE']), open(os.environ['KEY_FILE']).read())",
    Script(),
)
READS_AND_STAYS = Payload(
    "import os, time\nprint(os.path.realpath(os.environ['KEY_FILE']), flush=True)\n"
    "print('ready', flush=True)\ntime.sleep(600)\n",
    Script(),
)


@IN_MEMORY
async def test_they_lie_in_memory_and_are_gone_at_the_end(rig: Rig, root: Path) -> None:
    reference = await rig.start_request(rig.request(READS_AND_ENDS, secret_files=KEY))
    output = (await rig.output(reference))[Stream.STDOUT].decode()
    await rig.executor.wait(reference)
    path, _, value = output.partition(" ")
    assert path.startswith("/dev/shm/fastflow-secrets-")  # noqa: S108
    assert value == "correct horse battery\n"
    assert await asyncio.to_thread(_is_gone, path)
    # Only what the program itself printed.
    found = await asyncio.to_thread(files_containing, root, b"correct horse")
    assert [file.name for file in found] == ["output"]


@IN_MEMORY
async def test_they_are_gone_with_an_attempt_whose_shim_was_killed(rig: Rig, root: Path) -> None:
    reference = await rig.start_request(rig.request(READS_AND_STAYS, secret_files=KEY))
    path = await _first_line(rig, reference)
    os.kill((await shim_of(root, reference)).pid, signal.SIGKILL)
    assert (await rig.executor.wait(reference)).was_host_lost
    await rig.executor.remove(reference)
    assert await asyncio.to_thread(_is_gone, path)
    assert await entries(root) == []


@IN_MEMORY
async def test_they_are_gone_after_a_crash_in_the_middle_of_remove(rig: Rig, root: Path) -> None:
    reference = await rig.start_request(rig.request(READS_AND_STAYS, secret_files=KEY))
    path = await _first_line(rig, reference)
    shim = psutil.Process((await shim_of(root, reference)).pid)
    (root / reference).rename(root / f"removing-{reference}-0")
    assert await rig.executor.find() == []
    assert await asyncio.to_thread(_is_gone, path)
    psutil.wait_procs([shim], timeout=5)
    assert await entries(root) == []


async def test_an_adopted_attempt_keeps_them_until_its_end(rig: Rig) -> None:
    code = (
        "import os, signal, sys, time\n"
        "def read(*_):\n    print(open(os.environ['KEY_FILE']).read(), flush=True)\n    sys.exit(0)\n"
        "signal.signal(signal.SIGUSR2, read)\nprint(os.getpid(), flush=True)\n"
        "print('ready', flush=True)\nwhile True: time.sleep(60)\n"
    )
    reference = await rig.start_request(rig.request(Payload(code, Script()), secret_files=KEY))
    pid = int(await _first_line(rig, reference))
    rig.executor = rig.another()
    [found] = await rig.executor.find()
    os.kill(pid, signal.SIGUSR2)
    output = await rig.output(found.reference, StreamCounts(stdout=2))
    assert found.is_started
    assert output[Stream.STDOUT] == b"correct horse battery\n"


def test_without_such_memory_they_lie_in_the_attempts_own_folder(tmp_path: Path) -> None:
    secret_folder.write(str(tmp_path), {"KEY": "é\n"})
    file = tmp_path / "secrets" / "KEY"
    assert file.read_bytes() == "é\n".encode()
    assert file.stat().st_mode & 0o777 == 0o400
    assert file.parent.stat().st_mode & 0o777 == 0o700
    secret_folder.remove(str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_what_a_pipeline_puts_beside_them_goes_too(tmp_path: Path) -> None:
    secret_folder.write(str(tmp_path), {"KEY": "value"})
    deep = tmp_path / "secrets" / "deep"
    (deep / "deeper").mkdir(parents=True)
    (deep / "file").touch()
    (tmp_path / "secrets" / "link").symlink_to("/")
    deep.chmod(0)
    (tmp_path / "secrets").chmod(0o500)
    secret_folder.remove(str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_link_that_a_pipeline_has_bent_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "file").touch()
    (tmp_path / "secrets").symlink_to(tmp_path / "elsewhere")
    secret_folder.remove(str(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["elsewhere"]
    assert (tmp_path / "elsewhere" / "file").exists()


async def _first_line(rig: Rig, reference: str) -> str:
    await rig.until_line(reference, b"ready")
    async for batch in rig.executor.follow(reference, StreamCounts()):
        return batch[0].data.decode().splitlines()[0]
    raise AssertionError("it wrote nothing")


def _is_gone(path: str) -> bool:
    return not Path(path).exists() and not Path(path).parent.exists()
