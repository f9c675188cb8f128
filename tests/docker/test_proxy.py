"""What the proxy does besides refusing: whose containers it touches, what it tells, how streams end."""

import asyncio
import json
import os
import tempfile
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from fastflow.adapters.docker import labels
from fastflow.adapters.docker.container_spec import attempt_spec, default_owner
from fastflow.adapters.docker.containers import Containers
from fastflow.adapters.docker.engine import Engine
from fastflow.adapters.docker.host_paths import find_host_paths
from fastflow.domain.errors import Invalid, Unavailable
from fastflow.domain.ports import Readiness
from fastflow.main.doctor_engine import examine_engine
from fastflow.settings import Settings
from tests.docker.attacks.sending import send
from tests.docker.cutting_proxy import cutting_proxy
from tests.docker.house import ADDRESS, House, first_output
from tests.docker.proxied import policy_for, proxy_before

SLEEP = "import time; print('ready', flush=True); time.sleep(60)"
PATIENCE_SECONDS = 10


@asynccontextmanager
async def behind(address: str, folder: Path, image: str) -> AsyncGenerator[House]:
    house = House(address, f"test-{os.urandom(6).hex()}", image, folder, default_owner())
    yield house
    await house.close()


@pytest.fixture
async def walled(tmp_path: Path, image: str) -> AsyncGenerator[House]:
    """A house behind a proxy, however the ring is run."""
    async with (
        proxy_before(ADDRESS, policy_for(tmp_path, image)) as address,
        behind(address, tmp_path, image) as house,
    ):
        yield house


@asynccontextmanager
async def created(house: House, direct: Containers) -> AsyncGenerator[str]:
    """A container of the house's that was never started, made without the proxy."""
    request = house.request("")
    spec = attempt_spec(request, house.image, house.confinement)
    container = await direct.create(request.identity.name, spec)
    try:
        yield container
    finally:
        await direct.remove(container)


async def told(house: House, path: str) -> Any:
    return json.loads(await house.engine.call("GET", path))


async def test_of_a_container_no_variable_is_told(walled: House) -> None:
    executor = walled.executor()
    reference = await executor.start(walled.request(SLEEP, variables={"SECRET": "s3cr3t-value"}))
    answer = await walled.engine.call("GET", f"/containers/{reference}/json")
    assert b"s3cr3t" not in answer
    assert set(json.loads(answer)) == {"Id", "State", "Mounts", "Config"}
    assert set(json.loads(answer)["Config"]) == {"Labels"}
    await executor.remove(reference)


async def test_of_the_engine_only_version_clock_and_names_are_told(walled: House) -> None:
    information = await told(walled, "/info")
    assert set(information) == {"Name", "ServerVersion", "CgroupVersion", "SystemTime", "Runtimes"}
    assert all(details == {} for details in information["Runtimes"].values()), "not where they lie"


async def test_labels_like_ours_do_not_make_a_container_ours(walled: House, direct: Containers) -> None:
    async with created(walled, direct) as container:
        through = Containers(walled.engine)
        assert await through.list(labels.common(labels.Kind.ATTEMPT, walled.installation)) == []
        for refused in (
            through.inspect(container),
            through.start(container),
            through.attach(container),
            through.wait(container),
            through.logs(container, is_following=False),
            through.remove(container),
        ):
            with pytest.raises(Invalid, match="not created by this proxy"):
                await refused
        assert not (await direct.inspect(container)).state.is_started


async def test_a_proxy_of_another_name_touches_nothing_of_ours(
    walled: House, tmp_path: Path, image: str
) -> None:
    executor = walled.executor()
    reference = await executor.start(walled.request(SLEEP))
    async with proxy_before(ADDRESS, policy_for(tmp_path, image, proxy_name="other")) as address:
        other = House(address, walled.installation, image, tmp_path, walled.owner)
        assert await other.executor().find() == []
        with pytest.raises(Invalid, match="not created by this proxy"):
            await other.executor().remove(reference)
        await other.close()
    await executor.remove(reference)


async def test_a_proxy_that_was_started_anew_knows_its_containers(tmp_path: Path, image: str) -> None:
    policy = policy_for(tmp_path, image)
    async with proxy_before(ADDRESS, policy) as address, behind(address, tmp_path, image) as house:
        request = house.request("print('started')")
        spec = attempt_spec(request, image, house.confinement)
        reference = await Containers(house.engine).create(request.identity.name, spec)
        async with proxy_before(ADDRESS, policy) as later:
            executor = house.executor(address=later)
            engine = Engine(later)
            await Containers(engine).start(reference)
            await engine.close()
            assert (await executor.wait(reference)).exit_code == 0
            await executor.remove(reference)


@pytest.mark.parametrize("is_restarted", [False, True])
async def test_a_folder_that_became_a_link_before_the_start_is_not_mounted(
    tmp_path: Path, image: str, direct: Containers, is_restarted: bool
) -> None:
    policy = policy_for(tmp_path, image)
    async with proxy_before(ADDRESS, policy) as first, behind(first, tmp_path, image) as house:
        request = house.request("print(open('/fastflow/code/shadow').read())")
        spec = attempt_spec(request, image, house.confinement)
        reference = await Containers(house.engine).create(request.identity.name, spec)
        await asyncio.to_thread(_replace_by_link, request.checkout, "/etc")
        async with proxy_before(ADDRESS, policy) as second:
            engine = Engine(second if is_restarted else first)
            with pytest.raises(Invalid, match="replaced since"):
                await Containers(engine).start(reference)
            await engine.close()
        assert not (await direct.inspect(reference)).state.is_started
        await Containers(house.engine).remove(reference)


def _replace_by_link(folder: Path, target: str) -> None:
    folder.rename(folder.with_name("moved"))
    folder.symlink_to(target)


async def test_the_server_may_ask_where_its_own_folders_lie_and_no_other_containers(
    tmp_path: Path, image: str, walled: House, direct: Containers
) -> None:
    async with created(walled, direct) as server, created(walled, direct) as other:
        name = (await direct_name(direct, server)).removeprefix("/")
        policy = policy_for(tmp_path, image, proxy_server_container=name)
        async with proxy_before(ADDRESS, policy) as address, behind(address, tmp_path, image) as house:
            containers = Containers(house.engine)
            paths = await find_host_paths(containers, ["f" * 64, server[:12]])
            assert paths.translate(Path("/fastflow/run/x")).endswith("/run/x")
            assert set(await told(house, f"/containers/{server}/json")) == {
                "Id",
                "State",
                "Mounts",
                "Config",
            }
            assert (await containers.inspect(server)).labels == {}
            with pytest.raises(Invalid, match="PROXY_SERVER_CONTAINER"):
                await containers.inspect(other)
            with pytest.raises(Invalid, match="not created by this proxy"):
                await containers.remove(server)


async def direct_name(direct: Containers, container: str) -> str:
    return json.loads(await direct.engine.call("GET", f"/containers/{container}/json"))["Name"]


async def test_who_leaves_ends_what_was_asked_for_at_the_engine(tmp_path: Path, image: str) -> None:
    with tempfile.TemporaryDirectory(prefix="ff-", dir="/tmp") as folder:
        relayed = Path(folder) / "engine"
        async with (
            cutting_proxy(relayed, ADDRESS.removeprefix("unix://")) as relay,
            proxy_before(f"unix://{relayed}", policy_for(tmp_path, image)) as address,
            behind(address, tmp_path, image) as house,
        ):
            executor = house.executor()
            reference = await executor.start(house.request(SLEEP))
            before = relay.open_connections
            containers = Containers(house.engine)
            streams = [
                await containers.attach(reference),
                await containers.wait(reference),
                await containers.logs(reference, is_following=True),
            ]
            assert relay.open_connections >= before + len(streams) - 1
            for stream in streams:
                stream.close()
            async with asyncio.timeout(PATIENCE_SECONDS):
                await relay.until_open(before)
            await executor.remove(reference)


async def test_an_engine_that_is_away_is_told_and_used_when_it_is_back(tmp_path: Path, image: str) -> None:
    with tempfile.TemporaryDirectory(prefix="ff-", dir="/tmp") as folder:
        relayed = Path(folder) / "engine"
        async with proxy_before(f"unix://{relayed}", policy_for(tmp_path, image)) as address:
            house = House(address, "test-away", image, tmp_path, default_owner())
            executor = house.executor()
            with pytest.raises(Unavailable, match=f"behind fastflow docker-proxy at .*{relayed}"):
                await executor.find()
            async with cutting_proxy(relayed, ADDRESS.removeprefix("unix://")):
                assert await executor.readiness() == Readiness(True, "there")
                assert await executor.find() == []
                await house.close()


async def test_each_refusal_is_logged_with_its_reason_on_one_line(walled: House) -> None:
    with capture_logs() as logs, pytest.raises(Invalid) as raised:
        await walled.engine.call("GET", "/containers/x%0Ay/json")
    (entry,) = logs
    assert entry["reason"] in raised.value.message
    assert (entry["event"], entry["method"]) == ("request refused", "GET")
    assert "\n" not in entry["path"]


@pytest.mark.parametrize(
    "header", ["Host: evil.example", "Host: 127.0.0.1:1", "Origin: http://evil.example", ""]
)
async def test_a_browser_gets_nowhere(tmp_path: Path, image: str, header: str) -> None:
    policy = policy_for(tmp_path, image, proxy_listen="http://127.0.0.1:2375")
    async with proxy_before(ADDRESS, policy) as address:
        line = f"{header}\r\n" if header else ""
        reply = await send(address, f"GET /_ping HTTP/1.1\r\n{line}\r\n".encode())
        assert reply.statuses == [403]
        reply = await send(address, b"GET /_ping HTTP/1.1\r\nHost: 127.0.0.1:2375\r\n\r\n")
        assert reply.statuses == [200]


async def test_the_doctor_sees_the_proxy(walled: House) -> None:
    findings = {finding.name: finding.message for finding in await examine_engine(_settings(walled))}
    assert "behind fastflow docker-proxy test" in findings["engine"]


def _settings(house: House) -> Settings:
    values: Mapping[str, Any] = {"docker_proxy_url": house.address, "runner_image": house.image}
    return Settings.model_validate(values)


async def test_the_first_words_of_a_stream_come_before_its_end(walled: House) -> None:
    executor = walled.executor()
    reference = await executor.start(walled.request(SLEEP))
    async with asyncio.timeout(PATIENCE_SECONDS):
        assert (await first_output(walled.executor(), reference))[0].data == b"ready\n"
    await executor.remove(reference)
