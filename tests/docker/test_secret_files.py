"""Secrets as files in memory, in real containers."""

import asyncio
import json
import time
from datetime import timedelta
from pathlib import Path

from fastflow.adapters.docker import inside
from fastflow.adapters.docker.container_spec import attempt_spec
from fastflow.adapters.docker.containers import Containers
from fastflow.adapters.docker.secret_pipe import SecretPipe, commands
from fastflow.domain.execution import ExecutionRequest
from tests.docker.house import House, ended, first_output

CERTIFICATE = "-----BEGIN 'CERTIFICATE'-----\r\nÁé\u0081\U0001f511 $(id) `id` \\n %s \"q\"\n\n  last line  \n"

LOOK = """
import json, os
def seen(path):
    status = os.stat(path)
    return [open(path, newline="").read(), oct(status.st_mode & 0o7777), status.st_uid, os.path.dirname(path)]
print(json.dumps({
    "files": {name: seen(path) for name, path in os.environ.items() if name.endswith("_FILE")},
    "environment": [open(f"/proc/{pid}/environ").read() for pid in os.listdir("/proc") if pid.isdecimal()],
    "arguments": [open(f"/proc/{pid}/cmdline").read() for pid in os.listdir("/proc") if pid.isdecimal()],
    "mount": next(line.split()[:3] for line in open("/proc/mounts") if "/fastflow/secrets" in line),
    "folder": oct(os.stat("/fastflow/secrets").st_mode & 0o7777),
    "left": sorted(os.listdir("/fastflow/run")),
}))
"""


async def test_a_program_reads_its_secrets_in_files_that_are_nowhere_else(
    house: House, direct: Containers
) -> None:
    executor = house.executor()
    files = {"CERTIFICATE": CERTIFICATE, "TOKEN": "-n correct horse", "LONG": "x" * 16_000}
    request = house.request(LOOK, variables={"PLAIN": "1"}, secret_files=files)
    reference = await executor.start(request)
    told = await direct.engine.call("GET", f"/containers/{reference}/json")
    end = await ended(executor, reference)
    told += await direct.engine.call("GET", f"/containers/{reference}/json")
    left = await asyncio.to_thread(_texts, request.directory)
    await executor.remove(reference)

    seen = json.loads(end.text)
    expected = [[value, "0o400", house.owner.uid, "/fastflow/secrets"] for value in files.values()]
    assert [seen["files"][f"{name}_FILE"] for name in files] == expected
    assert seen["mount"] == ["tmpfs", "/fastflow/secrets", "tmpfs"]
    assert seen["folder"] == "0o700"
    assert inside.SECRETS_PIPE not in seen["left"]
    assert b"CERTIFICATE_FILE=/fastflow/secrets/CERTIFICATE" in told
    inspected = told.decode()
    for text in (inspected, *seen["environment"], *seen["arguments"], *left):
        assert "correct horse" not in text
        assert "BEGIN" not in text


async def test_as_many_secrets_as_a_manifest_may_list_fit(house: House) -> None:
    code = "import os; print(sum(os.path.getsize(p) for n, p in os.environ.items() if n.endswith('_FILE')))"
    executor = house.executor()
    files = {f"SECRET_{number}": "x" * 16 * 1024 for number in range(200)}
    reference = await executor.start(house.request(code, secret_files=files))
    end = await ended(executor, reference)
    await executor.remove(reference)
    assert end.text == f"{200 * 16 * 1024}\n"


async def test_an_attempt_that_has_its_files_is_adopted_as_any_other(house: House) -> None:
    code = (
        "import os, time\nprint('ready', flush=True)\n"
        "while not os.path.exists('/fastflow/run/go'): time.sleep(0.01)\n"
        "print(open(os.environ['KEY_FILE']).read())"
    )
    first, second = house.executor(), house.executor()
    request = house.request(code, secret_files={"KEY": "of the house"})
    reference = await first.start(request)
    await first_output(first, reference)
    await first.close()
    [found] = await second.find()
    (request.directory / "go").touch()
    end = await ended(second, found.reference)
    await second.remove(reference)
    assert found.is_started
    assert end.text == "ready\nof the house\n"


async def test_a_server_that_dies_before_it_gave_them_has_started_nothing(house: House) -> None:
    """Another finds the container as one that was never started, and puts the run back into the queue."""
    _, reference = await _started_without_secrets(house)
    executor = house.executor()
    [found] = await executor.find()
    await executor.remove(reference)
    assert found.reference == reference
    assert not found.is_started


async def test_who_waits_for_secrets_ends_at_once_when_asked_to(house: House) -> None:
    _, reference = await _started_without_secrets(house)
    executor = house.executor()
    begin = time.monotonic()
    await executor.stop(reference, timedelta(seconds=20))
    end = await ended(executor, reference)
    await executor.remove(reference)
    assert time.monotonic() - begin < 10
    assert end.ending.exit_code == 125
    assert end.outputs == []


async def test_half_of_the_secrets_start_nothing(house: House) -> None:
    request, reference = await _started_without_secrets(house)
    content = commands(request.secret_files)
    # In the middle of a value, as a server leaves it that is killed while it writes.
    half = content[: content.index(b"house")]
    await asyncio.to_thread((request.directory / inside.SECRETS_PIPE).write_bytes, half)
    executor = house.executor()
    end = await ended(executor, reference)
    [found] = await executor.find()
    await executor.remove(reference)
    assert end.ending.exit_code == 125
    assert b"could not be written" in b"".join(output.data for output in end.outputs)
    assert end.text == ""
    assert not found.is_started


async def _started_without_secrets(house: House) -> tuple[ExecutionRequest, str]:
    """Leave what a server leaves that dies after the start and before it has handed the secrets over."""
    request = house.request("print('executed')", secret_files={"KEY": "of the house", "OTHER": "not reached"})
    containers = Containers(house.engine)
    spec = attempt_spec(request, house.image, house.confinement)
    reference = await containers.create(request.identity.name, spec)
    await asyncio.to_thread(SecretPipe(request.directory, request.secret_files).make, house.owner)
    await containers.start(reference)
    return request, reference


def _texts(folder: Path) -> list[str]:
    """Return the contents of what lies on the disk."""
    return [path.read_text() for path in folder.rglob("*") if path.is_file()]
