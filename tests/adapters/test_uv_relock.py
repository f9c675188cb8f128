"""Packages change when the requirements do, or on request: not with the day, the interpreter or the image."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fastflow.adapters.process.toolbox import ProcessToolbox
from fastflow.adapters.uv.environments import UvEnvironments
from fastflow.domain.errors import Conflict
from tests.adapters.uv_house import CountingToolbox, environment_of, pipeline, run_python

VERSION = "import six; print(six.__version__)"
LONG_AGO = datetime(2021, 1, 1, tzinfo=UTC)
"""Between six 1.15.0 and 1.16.0."""


class OtherImage(CountingToolbox):
    """Another platform: what was locked for it is not known."""

    @property
    def platform_key(self) -> str:
        return "another"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


async def version_in(environments: UvEnvironments, checkout: Path) -> str:
    return await asyncio.to_thread(run_python, await environment_of(environments, checkout), VERSION)


async def test_another_image_gets_the_packages_of_the_day_of_the_first_lock(
    store: Path, tmp_path: Path
) -> None:
    checkout = pipeline(tmp_path / "report", requirements_txt="six\n")
    environments = UvEnvironments(store, ProcessToolbox(store), "")
    await environments.prepare(checkout, None)
    (time_file,) = (store / "lock-times").iterdir()
    assert await environments.locked_at(checkout) is not None
    await asyncio.to_thread(time_file.write_text, LONG_AGO.isoformat())
    other = UvEnvironments(store, OtherImage(ProcessToolbox(store)), "")
    assert await version_in(other, checkout) == "1.15.0"


async def test_an_upgrade_serves_the_former_packages_until_the_newest_are_built(
    store: Path, tmp_path: Path
) -> None:
    checkout = pipeline(tmp_path / "report", requirements_txt="six<1.17\n")
    toolbox = CountingToolbox(ProcessToolbox(store))
    environments = UvEnvironments(store, toolbox, "")
    await environments.prepare(checkout, None)
    (lockfile,) = (store / "lock").iterdir()
    former = await asyncio.to_thread(lockfile.read_text)
    (time_file,) = (store / "lock-times").iterdir()
    await asyncio.to_thread(lockfile.unlink)
    await asyncio.to_thread(time_file.write_text, LONG_AGO.isoformat())
    again = UvEnvironments(store, toolbox, "")
    assert await version_in(again, checkout) == "1.15.0", "as it would have been locked then"
    alike = pipeline(tmp_path / "alike", requirements_txt="six<1.17\n")
    assert await version_in(again, alike) == "1.15.0"

    relocking = asyncio.ensure_future(again.relock(checkout, None))
    while not relocking.done():
        served = await version_in(again, checkout)
        assert served in ("1.15.0", "1.16.0")
    done = await relocking
    assert await version_in(again, checkout) == "1.16.0"
    assert await version_in(again, alike) == "1.16.0", "who asks for the same shares the lockfile, at once"
    assert (await environment_of(again, checkout)) == done.environment
    assert await asyncio.to_thread(lockfile.read_text) == former
    assert done.former_lockfile_key is not None
    before = await again.locked_packages(done.former_lockfile_key)
    after = await again.locked_packages(done.environment.lockfile_key)
    assert (before, after) == ((("six", "1.15.0"),), (("six", "1.16.0"),)), "runs had the former, and tell so"
    locked_at = await again.locked_at(checkout)
    assert locked_at is not None
    assert locked_at > LONG_AGO


@pytest.mark.parametrize("files", [{}, {"requirements_txt": ""}], ids=["no file", "an empty one"])
async def test_what_asks_for_nothing_can_not_be_upgraded(
    store: Path, tmp_path: Path, files: dict[str, str]
) -> None:
    environments = UvEnvironments(store, ProcessToolbox(store), "")
    checkout = pipeline(tmp_path / "report", **files)
    if not files:
        with pytest.raises(Conflict, match="nothing to lock"):
            await environments.relock(checkout, None)
    else:
        assert (await environments.relock(checkout, None)).environment.lockfile_key == ""


async def test_a_project_that_locks_itself_is_left_to_its_repository(store: Path, tmp_path: Path) -> None:
    project = '[project]\nname = "report"\nversion = "1"\ndependencies = ["six"]\n'
    checkout = pipeline(tmp_path / "report", pyproject_toml=project)
    (checkout / "uv.lock").write_text("version = 1\n")
    with pytest.raises(Conflict, match="uv lock --upgrade"):
        await UvEnvironments(store, ProcessToolbox(store), "").relock(checkout, None)
