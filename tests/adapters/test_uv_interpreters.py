"""Which interpreter an environment gets, and that it travels with it."""

import asyncio
import platform
import shutil
import sys
import sysconfig
from pathlib import Path

import pytest

from fastflow.adapters.process.toolbox import ProcessToolbox
from fastflow.adapters.uv.environments import UvEnvironments
from fastflow.domain.environment import EnvironmentFailed
from tests.adapters.uv_house import FIND_BOTH, MountedToolbox, environment_of, pipeline, run_python


def pretend_downloaded(place: Path) -> str:
    """Put a copy of this interpreter where uv keeps those it downloads; return its version."""
    version, short = platform.python_version(), f"python{sys.version_info[0]}.{sys.version_info[1]}"
    libc = "gnu" if sys.platform == "linux" else "none"
    machine = {"arm64": "aarch64"}.get(platform.machine(), platform.machine())
    system = {"darwin": "macos"}.get(sys.platform, sys.platform)
    copy = place / f"cpython-{version}-{system}-{machine}-{libc}"
    library = copy / "lib" / short
    unneeded = shutil.ignore_patterns("test", "tests", "*-packages", "__pycache__", "idlelib", "config-*")
    shutil.copytree(sysconfig.get_path("stdlib"), library, ignore=unneeded)
    (library / "site-packages").mkdir()
    for shared in Path(sys.base_prefix, "lib").glob("libpython*"):
        shutil.copy2(shared, copy / "lib")
    (copy / "bin").mkdir()
    shutil.copy2(Path(sys.base_prefix, "bin", short).resolve(), copy / "bin" / short)
    for name in ("python", "python3"):
        (copy / "bin" / name).symlink_to(short)
    return version


@pytest.mark.parametrize(
    ("python_version", "requires", "words"),
    [
        ("3.11", ">=3.99", "Change one of them"),
        ("--help", "", "is not a version"),
        ("/bin/sh", "", "is not a version"),
        (None, "newest", "not a version specifier"),
        (None, ">=3.99", "3.99"),
    ],
)
async def test_wishes_for_python_that_can_not_be_met_are_said_plainly(
    environments: UvEnvironments, tmp_path: Path, python_version: str | None, requires: str, words: str
) -> None:
    script = f'# /// script\n# requires-python = "{requires}"\n# ///\n'
    with pytest.raises(EnvironmentFailed, match=words):
        await environments.prepare(pipeline(tmp_path / "report", main_py=script), python_version)


async def test_without_requirements_the_environment_is_empty(
    environments: UvEnvironments, tmp_path: Path
) -> None:
    environment = await environment_of(environments, pipeline(tmp_path / "hello"))

    assert environment.lockfile_key == ""
    assert await asyncio.to_thread(run_python, environment, FIND_BOTH) == "None None"


async def test_where_there_is_an_image_its_bare_interpreter_costs_nothing(
    store: Path, tmp_path: Path
) -> None:
    toolbox = MountedToolbox(ProcessToolbox(store))

    environment = await environment_of(UvEnvironments(store, toolbox, ""), pipeline(tmp_path / "hello"))

    assert (environment.directory, environment.mount, environment.python) == (None, None, "python3")
    assert toolbox.commands == []


async def test_what_an_image_has_is_asked_once_for_all_servers(tmp_path: Path) -> None:
    store = tmp_path / "store"
    toolbox = MountedToolbox(ProcessToolbox(store))
    checkout = pipeline(tmp_path / "report", requirements_txt="six==1.16.0\n")
    first = await environment_of(UvEnvironments(store, toolbox, ""), checkout)
    toolbox.commands.clear()

    assert await environment_of(UvEnvironments(store, toolbox, ""), checkout) == first
    assert toolbox.commands == []
    assert first.mount is not None
    assert first.python == f"{first.mount}/bin/python"


async def test_a_downloaded_interpreter_travels_inside_the_environment(tmp_path: Path) -> None:
    store = tmp_path / "store"
    name = pretend_downloaded(store / "python")
    toolbox = MountedToolbox(ProcessToolbox(store))
    checkout = pipeline(tmp_path / "report", requirements_txt="six==1.16.0\n")

    environment = await environment_of(UvEnvironments(store, toolbox, ""), checkout, name)

    (store / "python").rename(store / "gone")
    where = await asyncio.to_thread(run_python, environment, "import six, sys; print(sys.base_prefix)")
    assert where == f"{environment.directory}/.python"
