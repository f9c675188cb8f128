"""Containers made ahead of their attempts: used once, like any other inside, and nothing left of them."""

import asyncio
import json
import os
import subprocess
from collections.abc import AsyncGenerator, Iterator
from dataclasses import replace
from typing import Any

import pytest

from fastflow.adapters.docker import inside
from fastflow.adapters.docker.containers import Containers
from fastflow.adapters.docker.hand_over import hand_over_commands, move_in
from fastflow.adapters.docker.labels import Kind
from fastflow.adapters.docker.standby_records import StandbyRecord, StandbyRecords
from fastflow.domain.environment import Environment
from fastflow.domain.execution import ExecutionRequest, StartKind
from fastflow.domain.limits import Limits
from fastflow.domain.log import Stream
from tests.docker.house import House, ended
from tests.docker.proxied import BUILT_IMAGE
from tests.docker.standby_house import PATIENCE_SECONDS, Place, place_in

LOOK = """
import glob, json, os
def status_of(path):
    return dict(x.split(":\\t", 1) for x in open(path).read().splitlines() if ":\\t" in x)
status = status_of("/proc/self/status")
print(json.dumps({
    "variables": {k: v for k, v in sorted(os.environ.items()) if k not in ("HOSTNAME",)},
    "arguments": open("/proc/self/cmdline").read().split("\\0")[:-1],
    "directory": os.getcwd(),
    "uid": os.getuid(),
    "capabilities": [int(status[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")],
    "no_new_privileges": status["NoNewPrivs"].strip(),
    "processes": len(glob.glob("/proc/[0-9]*")),
    "descriptors": sorted(os.listdir("/proc/self/fd")),
    "run": sorted(name for name in os.listdir("/fastflow/run") if name not in (".handover", ".begun")),
    "tmp": os.listdir("/tmp"),
    "shm": os.listdir("/dev/shm"),
    "writable_root": os.access("/", os.W_OK),
}))
"""
SLEEP = "import time; print('begun', flush=True); time.sleep(600)"


@pytest.fixture
def other_image(image: str) -> Iterator[str]:
    """One that came in the place of the image, with the same in it."""
    dockerfile = f"FROM {image}\nLABEL replaced=yes\n"
    command = ["docker", "build", "--quiet", "--tag", BUILT_IMAGE, "-"]
    built = subprocess.run(command, input=dockerfile, capture_output=True, text=True, check=True)
    yield built.stdout.strip()
    subprocess.run(["docker", "rmi", "--force", BUILT_IMAGE], capture_output=True, check=True)


@pytest.fixture
async def place(house: House) -> AsyncGenerator[Place]:
    async with place_in(house) as place:
        yield place


@pytest.mark.parametrize("network", ["none", "walled"])
async def test_what_a_program_sees_is_the_same_as_in_a_container_made_for_it(
    place: Place, network: str
) -> None:
    details: dict[str, Any] = {
        "network": network,
        "variables": {"PLAIN": "1", "ODD": 'it\'s $HOME `id`\n"two" lines', "PYTHONUNBUFFERED": "0"},
        "secret_files": {"TOKEN": "of the house"},
        "limits": Limits(memory_bytes=128 * 1024**2, cpu_cores=1),
    }
    cold, cold_kind = await place.run(place.request(LOOK, **details))
    await place.until_ready()
    warm, warm_kind = await place.run(place.request(LOOK, **details))
    assert (cold_kind, warm_kind) == (StartKind.COLD, StartKind.STANDBY)
    assert warm.ending.exit_code == 0, warm.bytes_of(Stream.STDERR)
    assert json.loads(warm.text) == json.loads(cold.text)
    assert json.loads(warm.text)["variables"]["ODD"] == details["variables"]["ODD"]
    assert warm.ending.peak_memory_bytes is not None


async def test_a_program_reads_its_secrets_in_files_and_finds_its_own_directory(place: Place) -> None:
    code = (
        "import os\nprint(open(os.environ['TOKEN_FILE']).read())\n"
        "print(open('/fastflow/run/parameters.json').read())\nopen('/fastflow/run/route', 'w').write('left')"
    )
    for number in range(2):
        request = place.request(code, secret_files={"TOKEN": f"secret {number}"})
        await asyncio.to_thread((request.directory / "parameters.json").write_text, f'{{"n": {number}}}')
        end, _ = await place.run(request)
        assert end.text == f'secret {number}\n{{"n": {number}}}\n'
        assert await asyncio.to_thread((request.directory / "route").read_text) == "left"
        await place.until_ready()


async def test_each_serves_one_attempt_and_nothing_of_it_reaches_the_next(
    place: Place, direct: Containers
) -> None:
    code = (
        "import os\nfor folder in ('/tmp', '/dev/shm', '/fastflow/run'):\n"
        "    print(sorted(name for name in os.listdir(folder) if name[0] != '.'))\n"
        "    open(f'{folder}/left', 'w').write(os.environ['SECRET'])\n"
        "print('SECRET' in open('/proc/1/environ').read())\n"
    )
    seen: set[str] = set()
    for number in range(3):
        request = place.request(code, variables={"SECRET": f"of run {number}"}, network="walled")
        reference = await place.executor.start(request)
        assert reference not in seen
        seen.add(reference)
        told = await direct.engine.call("GET", f"/containers/{reference}/json")
        end = await ended(place.executor, reference)
        await place.executor.remove(reference)
        assert end.text == f"[]\n[]\n[]\n{number == 0}\n", "only a container made for it knows its variables"
        if number:
            assert b"of run" not in told, "what was handed over is told to nobody who asks the Engine"
        await place.until_ready()


@pytest.mark.parametrize(
    "change",
    [
        {"limits": Limits(memory_bytes=64 * 1024**2)},
        {"network": "walled"},
        {"secret_files": {"KEY": "of the house"}},
        {"variables": {"not-a-name": "1"}},
        {"variables": {"PPID": "1"}},
    ],
    ids=["limits", "network", "secrets", "a name no shell takes", "a name of the shell's own"],
)
async def test_what_does_not_fit_gets_a_container_of_its_own(place: Place, change: dict[str, Any]) -> None:
    await place.run(place.request("print(1)"))
    await place.until_ready()
    end, kind = await place.run(place.request("print(1)", **change))
    assert (end.text, kind) == ("1\n", StartKind.COLD)


@pytest.mark.parametrize("what", ["code", "packages"])
async def test_what_was_replaced_at_the_same_place_gets_a_container_of_its_own(
    place: Place, what: str
) -> None:
    """A mount goes on showing what it was made of: deleted packages, or the code of before."""
    packages = place.house.directory / "store/env/k"
    await asyncio.to_thread(packages.mkdir, parents=True)
    mount = inside.STORE_DIRECTORY / "env" / "k"
    environment = Environment("k", "", packages, "python3", mount)

    def request(code: str) -> ExecutionRequest:
        return replace(place.request(code), environment=environment)

    await place.run(request("print('old')"))
    await place.until_ready()
    replaced = {"code": place.house.directory / "checkout", "packages": packages}[what]
    await asyncio.to_thread(replaced.rename, place.house.directory / "former")
    if what == "packages":
        await asyncio.to_thread(packages.mkdir)
    end, kind = await place.run(request("print('new')"))
    assert (end.text, kind) == ("new\n", StartKind.COLD)


async def test_another_image_gets_a_container_of_its_own(
    place: Place, direct: Containers, other_image: str
) -> None:
    await place.run(place.request("print(1)"))
    await place.until_ready()
    place.house.chosen.reference = other_image
    request = place.request("print(2)")
    reference = await place.executor.start(request)
    told = json.loads(await direct.engine.call("GET", f"/containers/{reference}/json"))
    assert place.executor.start_kind(reference) is StartKind.COLD
    assert told["Image"] == other_image
    assert (await ended(place.executor, reference)).text == "2\n"
    await place.executor.remove(reference)
    await place.until_ready()
    end, kind = await place.run(place.request("print(2)"))
    assert (end.text, kind) == ("2\n", StartKind.STANDBY)


async def test_one_that_was_killed_while_it_waited_is_replaced_and_nobody_notices(
    place: Place, direct: Containers
) -> None:
    await place.run(place.request("print(1)"))
    await place.until_ready()
    (waiting,) = await place.house.kept(Kind.STANDBY)
    await direct.engine.call("POST", f"/containers/{waiting}/kill")
    end, _ = await place.run(place.request("print(2)"))
    assert (end.text, end.ending.exit_code) == ("2\n", 0)
    await place.until_ready()
    assert waiting not in await place.house.kept(Kind.STANDBY)


async def test_a_server_that_dies_leaves_nothing_that_waits(house: House) -> None:
    async with place_in(house) as first:
        await first.run(first.request("print(1)"))
        await first.until_ready()
        (waiting,) = await house.kept(Kind.STANDBY)
        async with place_in(house) as second:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while waiting in await house.kept(Kind.STANDBY):  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
            del second
    assert await asyncio.to_thread(os.listdir, house.directory / "attempts") == []


async def test_an_attempt_that_was_handed_over_is_adopted_by_the_next_server(house: House) -> None:
    async with place_in(house) as first:
        await first.run(first.request("print(1)"))
        await first.until_ready()
        code = "import os, time\nprint('begun', flush=True)\n"
        code += "while not os.path.exists('/fastflow/run/go'): time.sleep(0.01)\nraise SystemExit(7)"
        request = first.request(code)
        reference = await first.executor.start(request)
        assert first.executor.start_kind(reference) is StartKind.STANDBY
    second = house.executor()
    [found] = await second.find()
    assert (found.reference, found.identity, found.is_started) == (reference, request.identity, True)
    await asyncio.to_thread((request.directory / "go").touch)
    end = await ended(second, reference)
    await second.remove(reference)
    assert (end.text, end.ending.exit_code, end.ending.was_host_lost) == ("begun\n", 7, False)
    assert end.ending.cpu_seconds is not None, "its own directory is known by the record"
    assert await second.find() == []


async def test_a_server_that_dies_while_it_hands_over_has_started_nothing(house: House) -> None:
    """In the middle of a value: its next one finds a container that was never started."""

    async with place_in(house) as first:
        await first.run(first.request("print(1)"))
        await first.until_ready()
        request = first.request("print('executed')", variables={"SECRET": "of the house"})
        standby = await first.standby.take(request)
        assert standby is not None
        records = StandbyRecords(house.directory / "standby")
        record = StandbyRecord(request.identity, request.directory, standby.directory)
        await asyncio.to_thread(records.write, standby.container, record)
        await asyncio.to_thread(move_in, standby.directory, request.directory)
        content = hand_over_commands(request)
        await asyncio.to_thread(standby.pipe.write, content[: content.index(b"the house")])
        standby.pipe.close()
        await standby.live.close()
    second = house.executor()
    [found] = await second.find()
    end = await ended(second, found.reference)
    assert (found.identity, found.is_started) == (request.identity, False)
    assert (end.text, end.ending.exit_code) == ("", 2)
    await second.remove(found.reference)
    assert await second.find() == []
    assert (request.directory / inside.HANDOVER_PIPE).exists()


async def test_several_wait_for_a_pipeline_that_runs_often_and_none_for_what_is_past(house: House) -> None:
    async with place_in(house, most=2) as place:
        for _ in range(2):
            await place.run(place.request("print(1)"))
        await place.until_ready(2)
        references = [await place.executor.start(place.request("print(1)")) for _ in range(2)]
        assert [place.executor.start_kind(each) for each in references] == [StartKind.STANDBY] * 2
        for reference in references:
            await ended(place.executor, reference)
            await place.executor.remove(reference)
