"""Images are found, built and missed as they should be."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fastflow.adapters.docker.containers import Containers
from fastflow.adapters.docker.host_paths import find_host_paths
from fastflow.adapters.docker.images import Images
from fastflow.adapters.docker.inside import TEMPORARY_DIRECTORY
from fastflow.adapters.docker.runner_image import DOCKERFILE, RunnerImage, ensure_runner_image
from fastflow.domain.errors import Unavailable
from tests.docker.house import House, ended
from tests.docker.proxied import BUILT_IMAGE, UNREACHABLE_IMAGE


@pytest.fixture
async def built(direct: Containers, image: str) -> AsyncIterator[str]:
    """An image made from our own Dockerfile, on what the tests run in."""
    name = BUILT_IMAGE
    said: list[str] = []
    await Images(direct.engine).build(name, DOCKERFILE.read_bytes(), {"BASE": image}, said.append)
    assert any("Successfully" in line for line in said)
    yield name
    await direct.engine.call("DELETE", f"/images/{name}", query={"force": 1})


async def test_the_shipped_dockerfile_builds_an_image_that_runs_attempts(
    house: House, containers: Containers, built: str
) -> None:
    choice = RunnerImage(containers.engine, built)
    with pytest.raises(Unavailable) as raised:
        _ = choice.reference
    assert raised.value.code == "image_missing"
    assert not choice.readiness().is_ready
    assert await choice.find()
    assert choice.readiness().is_ready
    executor = house.executor(image=choice.reference)
    code = "import pwd, os; print(pwd.getpwuid(1000).pw_dir)"
    reference = await executor.start(house.request(code))
    end = await ended(executor, reference)
    await executor.remove(reference)
    assert end.text.strip() == str(TEMPORARY_DIRECTORY)


async def test_an_image_that_is_nowhere_is_missing_with_the_remedies(containers: Containers) -> None:
    wanted = UNREACHABLE_IMAGE
    said: list[str] = []
    with pytest.raises(Unavailable, match="RUNNER_IMAGE") as raised:
        await ensure_runner_image(containers.engine, wanted, said.append)
    assert raised.value.code == "image_missing"
    assert wanted in raised.value.message
    assert said == [f"pulling {wanted}"]


async def test_a_server_in_a_container_learns_where_its_directories_are(
    house: House, containers: Containers
) -> None:
    executor = house.executor()
    request = house.request("import time; time.sleep(60)")
    reference = await executor.start(request)
    paths = await find_host_paths(containers, ["f" * 64, reference])
    assert paths.translate(Path("/fastflow/run/state")) == str(request.directory / "state")
    assert not paths.is_visible(Path("/etc"))
    await executor.remove(reference)
