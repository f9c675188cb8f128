"""Environments: locked once, built once, found at once."""

import asyncio
import os
import re
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from fastflow.adapters.process.toolbox import ProcessToolbox
from fastflow.adapters.uv.environments import REMEMBER_FAILURE_SECONDS, UvEnvironments
from fastflow.domain.environment import EnvironmentFailed, Prepared
from fastflow.domain.errors import Unavailable
from tests.adapters.uv_house import (
    FIND_BOTH,
    CountingToolbox,
    HangingToolbox,
    environment_of,
    pipeline,
    run_python,
)

PROJECT = """
[project]
name = "report"
version = "1"
requires-python = ">=3.11"
dependencies = ["SIX"]
[dependency-groups]
dev = ["idna"]
"""


class Findings(NamedTuple):
    """What is wrong with the files of an environment."""

    unreadable: list[Path]
    mentioning_building: list[Path]
    bytecode: int


def look_over(directory: Path) -> Findings:
    files = [path for path in directory.rglob("*") if path.is_file() and not path.is_symlink()]
    folders = [path for path in directory.rglob("*") if path.is_dir()]
    closed = [path for path in files if path.stat().st_mode & 0o044 != 0o044]
    closed += [path for path in folders if path.stat().st_mode & 0o055 != 0o055]
    # Bytecode keeps the path it was compiled at; Python corrects that when it imports it.
    texts = [path for path in files if path.suffix != ".pyc"]
    mentioning = [path for path in texts if b".building-" in path.read_bytes()]
    return Findings(closed, mentioning, len(files) - len(texts))


def read(file: Path) -> str:
    return file.read_text()


def names_in(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


async def test_what_requirements_txt_asks_for_can_be_imported(
    environments: UvEnvironments, tmp_path: Path
) -> None:
    checkout = pipeline(tmp_path / "report", requirements_txt="six==1.16.0\nidna\n")

    environment = await environment_of(environments, checkout)

    version = await asyncio.to_thread(run_python, environment, "import six, idna; print(six.__version__)")
    assert version == "1.16.0"


async def test_what_was_built_can_be_looked_at_without_a_command(
    environments: UvEnvironments, toolbox: CountingToolbox, tmp_path: Path
) -> None:
    checkout = pipeline(tmp_path / "report", requirements_txt="six==1.16.0\n")
    environment = await environment_of(environments, checkout)
    toolbox.commands.clear()

    built = await environments.look(environment.key)

    assert built is not None
    assert built.packages == await environments.locked_packages(environment.lockfile_key)
    assert [package.name for package in built.packages] == ["six"]
    version = await asyncio.to_thread(
        run_python, environment, "import platform; print(platform.python_version())"
    )
    assert built.python_version == version
    assert built.size_bytes > 10_000
    assert toolbox.commands == []


async def test_the_second_call_starts_no_command(
    environments: UvEnvironments, toolbox: CountingToolbox, tmp_path: Path
) -> None:
    checkout = pipeline(tmp_path / "report", requirements_txt="six==1.16.0\nidna\n")
    first = await environments.prepare(checkout, None)
    assert (first.lock_seconds > 0, first.build_seconds > 0) == (True, True)
    toolbox.commands.clear()

    assert await environments.prepare(checkout, None) == Prepared(first.environment, 0, 0)
    assert toolbox.commands == []


async def test_after_a_restart_another_checkout_of_the_same_inputs_only_asks_for_the_interpreter(
    store: Path, environments: UvEnvironments, toolbox: CountingToolbox, tmp_path: Path
) -> None:
    first = await environment_of(environments, pipeline(tmp_path / "a", requirements_txt="six==1.16.0\n"))
    toolbox.commands.clear()

    again = UvEnvironments(store, toolbox, "")
    second = await environment_of(again, pipeline(tmp_path / "b", requirements_txt="six==1.16.0\n"))

    assert second == first
    assert [command[0] for command in toolbox.commands] == ["python3"]


async def test_forty_runs_at_once_share_one_build(tmp_path: Path) -> None:
    toolbox = CountingToolbox(ProcessToolbox(tmp_path / "store"))
    environments = UvEnvironments(tmp_path / "store", toolbox, "")
    other_server = UvEnvironments(tmp_path / "store", toolbox, "")
    checkout = pipeline(tmp_path / "report", requirements_txt="six==1.16.0\n")

    made = await asyncio.gather(
        *(server.prepare(checkout, None) for _ in range(20) for server in (environments, other_server))
    )

    assert len({each.environment for each in made}) == 1
    assert all(each.lock_seconds + each.build_seconds > 0 for each in made)
    assert toolbox.count("compile") == 1
    assert toolbox.count("sync") == 1


async def test_a_cancelled_run_leaves_the_build_to_the_others(store: Path, tmp_path: Path) -> None:
    environments = UvEnvironments(store, ProcessToolbox(store), "")
    checkout = pipeline(tmp_path / "report", requirements_txt="six==1.15.0\n")
    tasks = [asyncio.ensure_future(environments.prepare(checkout, None)) for _ in range(2)]
    await asyncio.sleep(0)

    tasks[0].cancel()

    assert (await tasks[1]).environment.directory is not None


async def test_what_a_cancelled_build_left_is_removed(tmp_path: Path) -> None:
    store = tmp_path / "store"
    toolbox = HangingToolbox(ProcessToolbox(store), "sync")
    checkout = pipeline(tmp_path / "report", requirements_txt="six==1.16.0\n")
    task = asyncio.ensure_future(UvEnvironments(store, toolbox, "").prepare(checkout, None))
    await toolbox.is_hanging.wait()

    task.cancel()
    await asyncio.wait([task])

    assert task.cancelled()
    assert names_in(store / "env") == []


async def test_metadata_in_the_script_count_with_their_uv_settings(
    environments: UvEnvironments, tmp_path: Path
) -> None:
    settings = '# [tool.uv]\n# constraint-dependencies = ["six<1.17"]\n'
    script = f'# /// script\n# dependencies = ["six"]\n{settings}# ///\n'
    environment = await environment_of(environments, pipeline(tmp_path / "report", main_py=script))

    assert await asyncio.to_thread(run_python, environment, "import six; print(six.__version__)") == "1.16.0"


async def test_a_locked_project_gets_its_locked_versions_and_no_development_group(
    environments: UvEnvironments, toolbox: CountingToolbox, tmp_path: Path
) -> None:
    old = PROJECT.replace("SIX", "six==1.16.0")
    checkout = pipeline(tmp_path / "report", pyproject_toml=old)
    locked = await toolbox.run(["uv", "lock"], checkout=checkout, time_limit=timedelta(minutes=1))
    assert locked.exit_code == 0

    environment = await environment_of(environments, checkout)

    found = await asyncio.to_thread(run_python, environment, FIND_BOTH)
    assert found == "1.16.0 None"
    assert toolbox.count("export", "--frozen") == 1


async def test_a_project_without_a_lockfile_is_resolved(environments: UvEnvironments, tmp_path: Path) -> None:
    checkout = pipeline(tmp_path / "report", pyproject_toml=PROJECT.replace("SIX", "six<1.17"))

    environment = await environment_of(environments, checkout)

    assert await asyncio.to_thread(run_python, environment, FIND_BOTH) == "1.16.0 None"


async def test_every_user_can_read_it_and_nothing_refers_to_where_it_was_built(
    environments: UvEnvironments, tmp_path: Path
) -> None:
    checkout = pipeline(tmp_path / "report", requirements_txt="idna\ncharset-normalizer==3.4.0\n")
    environment = await environment_of(environments, checkout)
    assert environment.directory is not None

    found = await asyncio.to_thread(look_over, environment.directory)

    assert found.unreadable == []
    assert found.mentioning_building == []
    assert found.bytecode > 0
    script = environment.directory / "bin" / "normalizer"
    shown = await asyncio.to_thread(subprocess.check_output, [script, "--version"], text=True, timeout=60)
    assert "3.4.0" in shown


async def test_the_impossible_is_uvs_message_and_is_not_tried_by_every_run_in_the_queue(
    store: Path, toolbox: CountingToolbox, tmp_path: Path
) -> None:
    now = 1000.0
    environments = UvEnvironments(store, toolbox, "", monotonic=lambda: now)
    checkout = pipeline(tmp_path / "report", requirements_txt="six==99\n")
    for _ in range(3):
        with pytest.raises(EnvironmentFailed, match="no version of six==99"):
            await environments.prepare(checkout, None)
    assert toolbox.count("compile") == 1

    now += REMEMBER_FAILURE_SECONDS + 1
    with pytest.raises(EnvironmentFailed):
        await environments.prepare(checkout, None)
    assert toolbox.count("compile") == 2


async def test_a_network_that_is_away_is_the_platforms_trouble_and_never_remembered(
    store: Path, environments: UvEnvironments, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # uv tries again for some seconds where a connection is refused, but believes in a foreign certificate.
    monkeypatch.setenv("SSL_CERT_FILE", os.devnull)
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    checkout = pipeline(tmp_path / "report", requirements_txt="attrs==23.1.0\n")
    with pytest.raises(Unavailable) as caught:
        await environments.prepare(checkout, None)
    assert caught.value.code == "index_unreachable"

    monkeypatch.undo()
    assert (await environment_of(environments, checkout)).lockfile_key


async def test_an_environment_that_is_gone_is_built_again_without_the_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "store"
    toolbox = CountingToolbox(ProcessToolbox(store))
    environments = UvEnvironments(store, toolbox, "")
    checkout = pipeline(tmp_path / "report", requirements_txt="six==1.16.0\n")
    first = await environment_of(environments, checkout)
    assert first.directory is not None
    await asyncio.to_thread(shutil.rmtree, first.directory)
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")

    assert await environment_of(environments, checkout) == first

    assert toolbox.count("compile") == 1
    assert toolbox.count("sync", "--offline") == 1


async def test_a_package_that_is_not_what_was_locked_is_refused(tmp_path: Path) -> None:
    store = tmp_path / "store"
    environments = UvEnvironments(store, ProcessToolbox(store), "")
    checkout = pipeline(tmp_path / "report", requirements_txt="six==1.16.0\n")
    await environments.prepare(checkout, None)
    (lockfile,) = [store / "lock" / name for name in names_in(store / "lock")]
    forged = re.sub("sha256:.{8}", "sha256:00000000", read(lockfile))
    await asyncio.to_thread(lockfile.write_text, forged)

    with pytest.raises(EnvironmentFailed, match="Hash mismatch"):
        await UvEnvironments(store, ProcessToolbox(store), "").prepare(checkout, None)


async def test_a_folder_as_requirement_is_refused_with_advice(
    environments: UvEnvironments, tmp_path: Path
) -> None:
    checkout = pipeline(tmp_path / "report", requirements_txt="./lib\n")
    pipeline(checkout / "lib", pyproject_toml='[project]\nname = "lib"\nversion = "1"\n')

    with pytest.raises(EnvironmentFailed, match="is a folder"):
        await environments.prepare(checkout, None)
