"""What the process executor does beyond the contract."""

import asyncio
import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

from fastflow.adapters.process import shims
from fastflow.adapters.process.payload import Order
from fastflow.domain.environment import Environment
from fastflow.domain.errors import Unavailable
from fastflow.domain.limits import Limits
from fastflow.domain.log import Stream
from tests.contract.payloads import SAYS_READY_AND_HANDLES_SIGTERM, Payload
from tests.contract.rig import Rig
from tests.fakes.script import Script
from tests.process.traces import entries, files_containing, small_disk

MIB = 1024**2


def _payload(code: str) -> Payload:
    return Payload(code, Script())


async def test_it_says_plainly_what_is_not_isolated(rig: Rig):
    assert not rig.executor.is_isolating
    assert (await rig.executor.readiness()).message == (
        "Attempts run as local processes of this user: no container, no file or network isolation, "
        "no CPU limit."
    )


async def test_children_count_towards_the_memory_limit(rig: Rig):
    parts = _payload(
        """
import os, time
for _ in range(4):
    if os.fork() == 0:
        held = bytearray(b"x") * 30_000_000
        time.sleep(60)
time.sleep(60)
"""
    )
    reference = await rig.start_request(rig.request(parts, limits=Limits(memory_bytes=80 * MIB)))
    ending = await rig.executor.wait(reference)
    assert (ending.was_out_of_memory, ending.exit_code) == (True, 137)


async def test_one_huge_allocation_is_refused(rig: Rig):
    code = "try:\n    bytearray(1_000_000_000)\nexcept MemoryError:\n    print('refused')\n"
    reference = await rig.start_request(rig.request(_payload(code), limits=Limits(memory_bytes=64 * MIB)))
    assert (await rig.output(reference))[Stream.STDOUT] == b"refused\n"
    ending = await rig.executor.wait(reference)
    assert (ending.exit_code, ending.was_out_of_memory) == (0, False)


async def test_the_payload_leads_a_group_of_its_own_in_a_session_without_terminal(rig: Rig):
    code = (
        "import os, resource\n"
        "print(os.getpgid(0) == os.getpid(), os.getsid(0) != os.getpid(), os.isatty(0))\n"
        "print(resource.getrlimit(resource.RLIMIT_CORE), oct(os.umask(0)))\n"
    )
    output = await rig.output(await rig.start(_payload(code)))
    assert output[Stream.STDOUT] == b"True True False\n(0, 0) 0o77\n"


async def test_the_payload_sees_no_variable_of_the_server_but_the_path_and_whom_to_trust(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SERVER_SECRET", "hush")
    for name in ("SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", "/authorities.pem")
    request = rig.request(_payload("import os; print(*sorted(os.environ))"), variables={"ONE": "1"})
    request = replace(request, environment=Environment("key", "", None, sys.executable))
    output = await rig.output(await rig.start_request(request))
    # Python itself adds LC_CTYPE where no locale is set (PEP 538).
    assert set(output[Stream.STDOUT].decode().split()) - {"LC_CTYPE"} == {"ONE", "PATH", "SSL_CERT_FILE"}


async def test_variables_are_never_on_disk(rig: Rig, root: Path):
    request = rig.request(SAYS_READY_AND_HANDLES_SIGTERM, variables={"TOKEN": "s3cr3t-value"})
    reference = await rig.start_request(request)
    await rig.until_line(reference, b"ready")
    assert files_containing(root, b"s3cr3t-value") == []


async def test_an_interpreter_that_is_missing_leaves_nothing_behind(rig: Rig, root: Path):
    request = replace(
        rig.request(_payload("")), environment=Environment("gone", "", None, "/nowhere/bin/python")
    )
    with pytest.raises(Unavailable) as caught:
        await rig.executor.start(request)
    assert caught.value.code == "executor_unavailable"
    assert "No such file" in caught.value.message
    assert await entries(root) == []


@pytest.mark.skipif(sys.platform != "linux", reason="macOS has no subreaper: daemons escape there")
async def test_a_daemon_does_not_outlive_its_attempt(rig: Rig):
    code = """
import os, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", '''
import os, time
if os.fork() == 0:
    os.setsid()
    print(os.getpid(), flush=True)
    time.sleep(600)
'''])
child.wait()
"""
    reference = await rig.start(_payload(code))
    output = await rig.output(reference)
    assert (await rig.executor.wait(reference)).exit_code == 0
    daemon = output[Stream.STDOUT].strip()
    assert daemon == b"" or not psutil.pid_exists(int(daemon))


def test_a_shim_imports_nothing_heavy():
    code = (
        f"import sys; sys.path.append({str(Path(shims.__file__).parents[3])!r}); "
        "import fastflow.adapters.process.shim; print(*sys.modules)"
    )
    listed = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True, timeout=30
    )
    modules = set(listed.stdout.split())
    assert "fastflow.adapters.process.shim" in modules
    assert (
        modules & {"pydantic", "asyncio", "subprocess", "logging", "inspect", "fastflow.domain.ports"}
        == set()
    )


async def test_a_shim_whose_folder_was_removed_meanwhile_starts_nothing(root: Path, tmp_path: Path):
    marker = tmp_path / "executed"
    order = Order(
        command=[sys.executable, "-c", f"open({str(marker)!r}, 'w')"],
        directory=str(tmp_path),
        variables={},
        secret_files={},
        memory_bytes=None,
    )
    with pytest.raises(Unavailable):
        await asyncio.to_thread(shims.launch, root / "removed", order)
    assert not marker.exists()


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="needs to mount a small disk")
async def test_output_that_a_full_disk_refuses_comes_when_there_is_space_again(rig: Rig, root: Path):
    with small_disk(root, "8m"):
        ballast = root / "making-ballast"
        ballast.write_bytes(bytes(7 * MIB))
        reference = await rig.start(_payload("for n in range(300_000): print(n)"))
        following = asyncio.create_task(rig.output(reference))
        # Nothing tells of a disk that has become full.
        while os.statvfs(root).f_bavail > 0:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        assert not following.done()
        ballast.unlink()
        assert (await following)[Stream.STDOUT] == b"".join(b"%d\n" % n for n in range(300_000))
        assert (await rig.executor.wait(reference)).exit_code == 0
        await rig.executor.remove(reference)


async def test_a_stop_reaches_the_payload_of_an_attempt_whose_output_is_not_read(rig: Rig):
    reference = await rig.start(_payload("while True: print('x' * 1000)"))
    await rig.executor.stop(reference, timedelta(seconds=20))
    assert (await rig.executor.wait(reference)).exit_code == 143
