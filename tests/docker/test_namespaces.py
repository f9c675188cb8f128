"""Namespaces behind walls: made ahead, joined once, thrown away, and nothing left of them."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest

from fastflow.adapters.docker.container_spec import attempt_spec, default_owner
from fastflow.adapters.docker.containers import Containers
from fastflow.adapters.docker.engine import Engine
from fastflow.adapters.docker.executor import DockerExecutor
from fastflow.adapters.docker.keeper import Walls, keeper_spec
from fastflow.adapters.docker.labels import Kind
from fastflow.adapters.docker.namespaces import SWEPT_EVERY, Namespaces
from fastflow.adapters.docker.patience import Patience
from fastflow.domain.errors import Invalid, Unavailable
from tests.docker.house import ADDRESS, METADATA_ONLY, House, ended
from tests.docker.proxied import IS_WANTED, policy_for, proxy_before


class DyingNamespaces(Namespaces):
    """Those whose keepers are killed between being taken and being joined."""

    def __init__(self, *arguments: Any, direct: Containers) -> None:
        super().__init__(*arguments)
        self._direct = direct

    async def take(self) -> str:
        container = await super().take()
        await self._direct.stop(container, timedelta(0))
        return container


_LIMIT = timedelta(seconds=60)
PRIVILEGE = """
import glob, json, os
def status_of(path):
    return dict(x.split(":\\t", 1) for x in open(path).read().splitlines() if ":\\t" in x)
status = status_of("/proc/self/status")
print(json.dumps({
    "capabilities": [int(status[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")],
    "processes": len(glob.glob("/proc/[0-9]*")),
    "abstract": [x for x in open("/proc/net/unix").read().split() if x.startswith("@")],
}))
"""
LISTEN = """
import socket, time
abstract = socket.socket(socket.AF_UNIX)
abstract.bind("\\0left-behind")
print("ready", flush=True)
"""
ROUTES = """
import ctypes, errno, os, socket
s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
s.bind((0, 0))
import struct
body = struct.pack("@BBBBBBBBI", 2, 0, 0, 0, 0, 0, 0, 1, 0)
s.send(struct.pack("@IHHII", 16 + len(body), 33, 5, 0, 0) + body)
print(errno.errorcode[-struct.unpack_from("@i", s.recv(65536), 16)[0]])
"""


async def run(house: House, code: str) -> str:
    executor = house.executor()
    reference = await executor.start(house.request(code, network="walled"))
    try:
        return (await ended(executor, reference)).text
    finally:
        await executor.remove(reference)


@asynccontextmanager
async def made_ahead(
    namespaces: Namespaces, count: int, swept_every: timedelta = SWEPT_EVERY
) -> AsyncGenerator[None]:
    """Keep some ready around the block, which begins when they are."""
    keeping = asyncio.create_task(namespaces.keep_ahead(swept_every))
    try:
        await until_ready(namespaces, count)
        yield
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        await namespaces.close()


async def until_ready(namespaces: Namespaces, count: int) -> None:
    patience = Patience()
    while namespaces.ready != count:
        await patience.sleep()


async def test_a_walled_run_has_no_privilege_and_sees_nothing_of_its_keeper(house: House) -> None:
    seen = json.loads(await run(house, PRIVILEGE))
    assert seen["capabilities"] == [0] * 5
    assert seen["processes"] == 3  # the init, its shell and the program
    assert seen["abstract"] == []


async def test_a_run_can_not_take_a_wall_away(house: House) -> None:
    assert (await run(house, ROUTES)).strip() == "EPERM"


async def test_nothing_of_one_run_reaches_the_next(house: House) -> None:
    assert (await run(house, LISTEN)).strip() == "ready"
    assert json.loads(await run(house, PRIVILEGE))["abstract"] == []
    assert await house.kept(Kind.NAMESPACE) == []


async def test_those_made_ahead_are_given_once_each_and_replaced(house: House) -> None:
    namespaces = house.namespaces(house.engine, ahead=2)
    async with made_ahead(namespaces, 2):
        ready = set(await house.kept(Kind.NAMESPACE))
        taken = {await namespaces.take(), await namespaces.take()}
        assert taken == ready
        await until_ready(namespaces, 2)
        assert not taken & {await namespaces.take(), await namespaces.take()}
        for container in await house.kept(Kind.NAMESPACE):
            await namespaces.release(container)
    assert await house.kept(Kind.NAMESPACE) == []


async def test_one_that_was_killed_is_not_given(house: House, direct: Containers) -> None:
    namespaces = house.namespaces(house.engine, ahead=1)
    async with made_ahead(namespaces, 1):
        (killed,) = await house.kept(Kind.NAMESPACE)
        await direct.remove(killed)
        taken = await namespaces.take()
        assert taken != killed
        assert await namespaces.is_open(taken)
        await namespaces.release(taken)


async def test_one_with_walls_of_yesterday_is_not_given(house: House) -> None:
    walls = [METADATA_ONLY]
    namespaces = Namespaces(house.engine, house.chosen, house.confinement, lambda: walls[0], ahead=1)
    async with made_ahead(namespaces, 1):
        (old,) = await house.kept(Kind.NAMESPACE)
        walls[0] = Walls((*METADATA_ONLY.denied, "203.0.113.0/24"))
        taken = await namespaces.take()
        assert taken != old
        await namespaces.release(taken)


async def test_a_run_whose_namespace_died_before_its_start_is_a_trouble_of_the_platform(
    house: House, direct: Containers
) -> None:
    dying = DyingNamespaces(
        house.engine, house.chosen, house.confinement, lambda: METADATA_ONLY, direct=direct
    )
    none_ahead = house.standby(house.engine, dying)
    executor = DockerExecutor(house.engine, house.chosen, house.confinement, dying, none_ahead)
    with pytest.raises(Unavailable) as refused:
        await executor.start(house.request("print(1)", network="walled"))
    assert refused.value.code == "executor_unavailable"
    assert await house.kept(Kind.ATTEMPT) == []
    assert await house.kept(Kind.NAMESPACE) == []


async def test_a_later_server_removes_those_left_but_none_that_is_joined(house: House) -> None:
    executor = house.executor()
    reference = await executor.start(house.request("import time; time.sleep(600)", network="walled"))
    (joined,) = await house.kept(Kind.NAMESPACE)
    engine = Engine(house.address)
    await house.namespaces(engine).take()  # and its server dies
    later = house.executor()
    assert await house.namespaces(engine).remove_leftovers() == 1
    assert await house.kept(Kind.NAMESPACE) == [joined]
    assert [found.reference for found in await later.find()] == [reference]
    await later.remove(reference)
    assert await house.kept(Kind.NAMESPACE) == []
    await engine.close()


async def test_one_that_nobody_threw_away_is_swept(house: House, containers: Containers) -> None:
    namespaces = house.namespaces(house.engine, ahead=1)
    async with made_ahead(namespaces, 1, timedelta(0)):
        spec = keeper_spec(house.image, METADATA_ONLY, house.confinement)
        forgotten = await containers.create(f"fastflow-namespace-{token_hex(8)}", spec)
        taken = await namespaces.take()
        patience = Patience()
        while forgotten in await house.kept(Kind.NAMESPACE):
            await patience.sleep()
        assert await namespaces.is_open(taken)
        await namespaces.release(taken)


async def test_walls_that_can_not_be_put_up_stop_the_start_with_the_remedy(house: House) -> None:
    engine = Engine(house.address)
    broken = house.namespaces(engine, walls=Walls((*METADATA_ONLY.denied, "no network")))
    with pytest.raises((Unavailable, Invalid), match="network"):
        await broken.take()
    if not IS_WANTED:
        with pytest.raises(Unavailable, match="RUN_NETWORK=bridge is without walls"):
            await broken.take()
    assert await house.kept(Kind.NAMESPACE) == []
    await engine.close()


async def test_environments_are_built_behind_walls_too(house: House, tmp_path: Path) -> None:
    toolbox = house.toolbox(tmp_path / "store", network="walled")
    tried = "import socket; socket.create_connection(('169.254.169.254', 80), 5)"
    completed = await toolbox.run(["python3", "-c", tried], checkout=None, time_limit=_LIMIT)
    assert b"Permission denied" in completed.stderr
    assert await house.kept(Kind.NAMESPACE) == []


async def test_a_proxy_started_anew_lets_one_container_join(tmp_path: Path, image: str) -> None:
    policy = policy_for(tmp_path, image)
    async with proxy_before(ADDRESS, policy) as earlier, proxy_before(ADDRESS, policy) as later:
        house = House(later, f"test-{token_hex(6)}", image, tmp_path, default_owner())
        engine = Engine(earlier)
        keeper = await house.namespaces(engine).take()
        joining = [
            json.loads(json.dumps(attempt_spec(request, image, house.confinement, keeper)))
            for request in (house.request("print(1)", network="walled") for _ in range(2))
        ]
        containers = Containers(house.engine)
        first = await containers.create("fastflow-joining-first", joining[0])
        with pytest.raises(Invalid, match="no unused keeper"):
            await containers.create("fastflow-joining-second", joining[1])
        with pytest.raises(Invalid, match="no unused keeper"):
            await Containers(engine).create("fastflow-joining-second", joined_to(joining[1], first))
        for container in (first, keeper):
            await containers.remove(container)
        await engine.close()
        await house.close()


def joined_to(body: dict[str, Any], other: str) -> dict[str, Any]:
    """Return a body that joins another container, which is no keeper."""
    host = {**body["HostConfig"], "NetworkMode": f"container:{other}"}
    return {**body, "HostConfig": host, "Labels": {**body["Labels"], "fastflow.namespace": other}}
