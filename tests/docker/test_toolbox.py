"""Commands that build environments run in containers of their own, which never outlive them."""

import asyncio
import os
from datetime import timedelta
from pathlib import Path

import pytest

from fastflow.adapters.docker import labels
from fastflow.adapters.docker.containers import Containers
from fastflow.adapters.docker.inside import STORE_DIRECTORY
from fastflow.adapters.docker.toolbox import DockerToolbox
from fastflow.domain.errors import Unavailable
from tests.docker.house import House

LIMIT = timedelta(seconds=60)


@pytest.fixture
def toolbox(house: House, tmp_path: Path) -> DockerToolbox:
    return house.toolbox(tmp_path / "store")


async def test_a_command_gives_back_what_it_wrote_and_its_exit_code(toolbox: DockerToolbox) -> None:
    done = await toolbox.run(["sh", "-c", "echo out; echo err >&2; exit 3"], checkout=None, time_limit=LIMIT)
    assert (done.exit_code, done.stdout, done.stderr) == (3, b"out\n", b"err\n")


async def test_a_command_reads_what_it_is_given_and_else_nothing(
    toolbox: DockerToolbox, tmp_path: Path
) -> None:
    given = b"line\n" * 100_000 + b"\x00\xff"
    done = await toolbox.run(["cat"], checkout=None, time_limit=LIMIT, stdin=given)
    assert done.stdout == given
    assert (await toolbox.run(["cat"], checkout=None, time_limit=LIMIT)).stdout == b""
    assert os.listdir(tmp_path / "store" / "input") == []


async def test_uv_resolves_and_installs_a_package_into_the_store(
    toolbox: DockerToolbox, tmp_path: Path
) -> None:
    environment = toolbox.store / "env" / "one"
    (tmp_path / "store" / "env").mkdir(parents=True)
    python = f"{environment}/bin/python"
    for command, stdin in [
        (["uv", "venv", "--quiet", str(environment)], b""),
        (
            ["uv", "pip", "install", "--quiet", f"--python={python}", "-r", "-"],
            b"six==1.17.0",
        ),
        ([python, "-c", "import six; print(six.__version__)"], b""),
    ]:
        done = await toolbox.run(command, checkout=None, time_limit=LIMIT, stdin=stdin)
        assert done.exit_code == 0, done.stderr
    assert done.stdout == b"1.17.0\n"
    assert (tmp_path / "store" / "cache").is_dir()
    assert (tmp_path / "store" / "env" / "one" / "bin").is_dir()


async def test_the_checkout_is_the_working_directory_and_read_only(
    toolbox: DockerToolbox, tmp_path: Path
) -> None:
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    (checkout / "requirements.txt").write_text("six\n")
    done = await toolbox.run(
        ["sh", "-c", "cat requirements.txt; touch new"], checkout=checkout, time_limit=LIMIT
    )
    assert done.stdout == b"six\n"
    assert done.exit_code != 0
    assert b"Read-only" in done.stderr


async def test_a_command_that_takes_too_long_is_ended(toolbox: DockerToolbox, house: House) -> None:
    with pytest.raises(Unavailable) as raised:
        await toolbox.run(["sleep", "60"], checkout=None, time_limit=timedelta(seconds=1))
    assert raised.value.code == "toolbox_timeout"
    assert await house.preparations() == []


async def test_who_stops_waiting_leaves_no_container(toolbox: DockerToolbox, house: House) -> None:
    running = asyncio.create_task(toolbox.run(["sleep", "60"], checkout=None, time_limit=LIMIT))
    while True:
        if await house.preparations():
            break
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await house.preparations() == []


async def test_the_next_server_removes_what_a_crash_left(
    toolbox: DockerToolbox, house: House, containers: Containers
) -> None:
    left = labels.common(labels.Kind.PREPARATION, house.installation)
    foreign = labels.common(labels.Kind.PREPARATION, f"{house.installation}-other")
    spec = {
        "Image": house.image,
        "Cmd": ["sleep", "60"],
        "Entrypoint": [],
        "WorkingDir": str(STORE_DIRECTORY),
        "User": "{}:{}".format(*house.owner),
        "Env": [],
        "HostConfig": {**house.confinement.host_config([], 10), "NetworkMode": "none"},
    }
    await containers.create(f"fastflow-{house.installation}-left", {**spec, "Labels": left})
    other = await containers.create(f"fastflow-{house.installation}-other", {**spec, "Labels": foreign})
    try:
        await toolbox.run(["true"], checkout=None, time_limit=LIMIT)
        assert await house.preparations() == []
        assert [container.id for container in await containers.list(foreign)] == [other]
    finally:
        await containers.remove(other)


async def test_proxies_and_indexes_of_the_server_reach_it_and_nothing_else(
    toolbox: DockerToolbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:3128")
    monkeypatch.setenv("UV_INDEX_URL", "https://index/simple")
    monkeypatch.setenv("ENCRYPTION_KEY", "secret")
    done = await toolbox.run(["env"], checkout=None, time_limit=LIMIT)
    variables = dict(line.split("=", 1) for line in done.stdout.decode().splitlines())
    assert variables["HTTPS_PROXY"] == "http://proxy:3128"
    assert variables["UV_INDEX_URL"] == "https://index/simple"
    assert "ENCRYPTION_KEY" not in variables


async def test_the_hosts_certificate_authorities_are_seen_inside(house: House, tmp_path: Path) -> None:
    bundle = tmp_path / "company.pem"
    bundle.write_text("-----BEGIN CERTIFICATE-----\n")
    toolbox = house.toolbox(tmp_path / "store", ca_bundle=bundle)
    done = await toolbox.run(["sh", "-c", 'cat "$SSL_CERT_FILE"'], checkout=None, time_limit=LIMIT)
    assert done.stdout == b"-----BEGIN CERTIFICATE-----\n"
