"""crun where it works, and the Engine's own runtime wherever anything is wrong with it."""

import asyncio
import json
import subprocess
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path
from signal import SIGTERM

import pytest

from fastflow.adapters.docker.containers import Containers
from fastflow.adapters.docker.oci_runtime import CRUN
from tests.docker.house import House, ended
from tests.docker.private_engine import PrivateEngine
from tests.docker.private_house import engine_with, house_at, is_possible

PATIENCE_SECONDS = 60
NO_RUNTIME = "#!/bin/sh\necho this runtime starts nothing >&2\nexit 1\n"


async def chosen(house: House) -> str:
    """Return what was chosen as soon as it is."""
    looking = asyncio.create_task(house.runtime_trials().keep_chosen())
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not house.confinement.runtime.name:  # noqa: ASYNC110 - no event says that
                await asyncio.sleep(0.02)
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
    return house.confinement.runtime.name


def starts_with_crun(image: str) -> bool:
    """Ask the Engine in another way than ours."""
    command = ["docker", "run", "--rm", "--runtime", CRUN, "--network", "none", image, "true"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


async def runtime_of(direct: Containers, container: str) -> str:
    said = json.loads(await direct.engine.call("GET", f"/containers/{container}/json"))
    return said["HostConfig"]["Runtime"]


async def test_it_is_found_where_it_works_and_nowhere_else(house: House, image: str) -> None:
    assert await house.runtime_trials().is_usable() is await asyncio.to_thread(starts_with_crun, image)


async def test_what_a_server_left_that_was_killed_in_a_trial_goes_with_the_next_one(
    house: House, image: str
) -> None:
    trials = house.runtime_trials()
    if not await asyncio.to_thread(starts_with_crun, image):
        assert not await trials.is_usable()
        return
    spec = trials._spec()  # pyright: ignore[reportPrivateUsage]
    await Containers(house.engine).create(f"fastflow-trial-{house.installation}", spec)
    assert len(await house.preparations()) == 1
    assert await trials.is_usable()
    assert await house.preparations() == []


async def test_attempts_and_the_keepers_of_their_namespaces_have_it(
    house: House, image: str, direct: Containers
) -> None:
    if not await asyncio.to_thread(starts_with_crun, image):
        assert not await house.runtime_trials().is_usable()
        return
    assert await chosen(house) == CRUN
    executor = house.executor()
    code = (
        "import os\nprint(os.getuid(), sum(int(line.split()[1], 16) for line in open('/proc/self/status')\n"
        "    if line.startswith('Cap')))"
    )
    reference = await executor.start(house.request(code, network="walled"))
    of_both = {await runtime_of(direct, each) for each in (reference, *await house.kept_namespaces())}
    runtime = executor.oci_runtime(reference)
    end = await ended(executor, reference)
    await executor.remove(reference)
    assert of_both == {CRUN} == {runtime}
    assert end.text.split() == [str(house.owner.uid), "0"], "no capability in any of the sets"


@pytest.mark.skipif(not is_possible(), reason="needs root and dockerd of its own")
@pytest.mark.timeout(300)
class TestAnEngineOfItsOwn:
    """May be configured as a test wants it."""

    @pytest.fixture
    async def engine(self, tmp_path: Path, image: str) -> AsyncGenerator[PrivateEngine]:
        program = tmp_path / "crun"
        await asyncio.to_thread(program.write_text, NO_RUNTIME)
        await asyncio.to_thread(program.chmod, 0o755)
        async with engine_with(image, "--add-runtime", f"{CRUN}={program}") as engine:
            yield engine

    async def test_one_that_is_registered_and_starts_nothing_is_not_chosen(
        self, engine: PrivateEngine, tmp_path: Path, image: str
    ) -> None:
        async with house_at(engine, tmp_path, image) as house:
            assert not await house.runtime_trials().is_usable()
            assert (await house.run("print(1)")).text == "1\n"

    @pytest.mark.parametrize("network", ["none", "walled"])
    async def test_one_that_works_no_more_costs_no_run(
        self, engine: PrivateEngine, tmp_path: Path, image: str, network: str
    ) -> None:
        async with house_at(engine, tmp_path, image) as house:
            house.confinement.runtime.name = CRUN
            executor = house.executor()
            reference = await executor.start(house.request("print(1)", network=network))
            assert (await ended(executor, reference)).text == "1\n"
            await executor.remove(reference)
            assert house.confinement.runtime.name == ""
            assert house.confinement.runtime.doubted.is_set()

    async def test_nor_does_it_cost_an_environment(
        self, engine: PrivateEngine, tmp_path: Path, image: str
    ) -> None:
        async with house_at(engine, tmp_path, image) as house:
            house.confinement.runtime.name = CRUN
            toolbox = house.toolbox(tmp_path / "store", network="walled")
            done = await toolbox.run(["echo", "built"], checkout=None, time_limit=timedelta(seconds=60))
            assert (done.exit_code, done.stdout) == (0, b"built\n")
            assert house.confinement.runtime.name == ""

    async def test_one_that_the_engine_has_no_more_costs_no_run_either(
        self, engine: PrivateEngine, tmp_path: Path, image: str
    ) -> None:
        await asyncio.to_thread(engine.end, SIGTERM)
        engine.options = ()
        await asyncio.to_thread(engine.start)
        async with house_at(engine, tmp_path, image) as house:
            house.confinement.runtime.name = CRUN
            assert not await house.runtime_trials().is_usable()
            assert (await house.run("print(1)")).text == "1\n"
            assert house.confinement.runtime.name == ""
