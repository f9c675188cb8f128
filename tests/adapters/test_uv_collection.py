"""What is kept of environments, what it takes of the disk, and how it goes."""

import asyncio
import os
import time
from datetime import timedelta
from pathlib import Path

import pytest

from fastflow.adapters.process.toolbox import ProcessToolbox
from fastflow.adapters.uv.builder import MARKER
from fastflow.adapters.uv.environments import UvEnvironments
from fastflow.adapters.uv.file_lock import held
from fastflow.domain.environment import Environment, StoreBounds
from tests.adapters.uv_house import CountingToolbox, environment_of, pipeline, run_python

DAY = timedelta(days=1)
NOTHING_OLDER_THAN_A_DAY = StoreBounds(unused_for=DAY)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store of the test's own: what it deletes, others would miss."""
    return tmp_path / "store"


async def leave_unused(environment: Environment, days: float) -> None:
    """Let it look as if nobody had asked for it in so long."""
    at = time.time() - days * 86_400
    await asyncio.to_thread(os.utime, f"{environment.directory}/{MARKER}", (at, at))


def entries(folder: Path) -> set[str]:
    return {entry.name for entry in folder.iterdir()} if folder.is_dir() else set()


def disk_bytes(folder: Path) -> int:
    """Return what the files of a folder take of the disk, each once however many names it has."""
    files = [path.lstat() for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return sum({file.st_ino: file.st_size for file in files}.values())


async def test_the_shares_of_all_add_up_to_what_the_disk_holds(store: Path, tmp_path: Path) -> None:
    environments = UvEnvironments(store, ProcessToolbox(store), "")
    six = await environment_of(environments, pipeline(tmp_path / "a", requirements_txt="six==1.16.0\n"))
    both = await environment_of(
        environments, pipeline(tmp_path / "b", requirements_txt="six==1.16.0\nidna\n")
    )
    contents = await environments.contents()
    assert {each.key for each in contents.environments} == {six.key, both.key}
    by_hand = await asyncio.to_thread(disk_bytes, store / "env")
    whole = await asyncio.to_thread(disk_bytes, store)
    others = await asyncio.to_thread(
        lambda: sum(disk_bytes(store / name) for name in entries(store) - {"env", "cache"})
    )
    assert abs(contents.total_bytes - (whole - others)) < 10, "rounded once for each environment"
    assert sum(each.disk_bytes for each in contents.environments) < by_hand, "the cache holds a part of it"


async def test_what_nobody_needs_goes_and_what_is_used_listed_or_being_built_stays(
    store: Path, tmp_path: Path
) -> None:
    toolbox = ProcessToolbox(store)
    made = UvEnvironments(store, toolbox, "")
    six = await environment_of(made, pipeline(tmp_path / "a", requirements_txt="six==1.16.0\n"))
    idna = await environment_of(made, pipeline(tmp_path / "b", requirements_txt="idna\n"))
    for environment in (six, idna):
        await leave_unused(environment, 2)
    assert (await made.collect(NOTHING_OLDER_THAN_A_DAY, ())).environments == (), (
        "this process just used them"
    )

    environments = UvEnvironments(store, toolbox, "")
    for name in (".building-dead-0123", ".building-alive-0123"):
        await asyncio.to_thread((store / "env" / name).mkdir)
    async with held(store / "locks" / "alive"):
        rehearsed = await environments.collect(NOTHING_OLDER_THAN_A_DAY, {six.key}, is_rehearsal=True)
        assert {idna.key, ".building-dead-0123"} <= entries(store / "env"), "a rehearsal deletes nothing"
        done = await environments.collect(NOTHING_OLDER_THAN_A_DAY, {six.key})

    assert [each.key for each in rehearsed.environments] == [idna.key]
    assert [each.key for each in done.environments] == [idna.key]
    assert done.freed_bytes > 0
    assert entries(store / "env") == {".building-alive-0123", six.key}
    assert len(entries(store / "lock")) == 2, "what is small, and makes the same again, stays"


async def test_an_environment_asked_for_while_others_are_chosen_is_not_deleted(
    store: Path, tmp_path: Path
) -> None:
    made = UvEnvironments(store, ProcessToolbox(store), "")
    checkout = pipeline(tmp_path / "a", requirements_txt="six==1.16.0\n")
    six = await environment_of(made, checkout)
    await leave_unused(six, 2)
    other = UvEnvironments(store, ProcessToolbox(store), "")
    async with held(store / "locks" / six.key):  # another server is at it
        assert (await other.collect(NOTHING_OLDER_THAN_A_DAY, ())).environments == ()
    await UvEnvironments(store, ProcessToolbox(store), "").prepare(checkout, None)
    assert (await other.collect(NOTHING_OLDER_THAN_A_DAY, ())).environments == ()


async def test_above_the_size_the_cache_is_cleared_and_environments_go_on_working(
    store: Path, tmp_path: Path
) -> None:
    toolbox = CountingToolbox(ProcessToolbox(store))
    environments = UvEnvironments(store, toolbox, "")
    six = await environment_of(environments, pipeline(tmp_path / "a", requirements_txt="six==1.16.0\n"))
    done = await environments.collect(StoreBounds(max_bytes=1), {six.key})
    assert (done.environments, done.has_cleared_cache) == ((), True)
    assert toolbox.count("cache") == 1
    contents = await environments.contents()
    assert contents.cache_only_bytes < 10_000
    shown = await asyncio.to_thread(run_python, six, "import six; print(six.__version__)")
    assert shown == "1.16.0"


async def test_a_size_that_is_kept_to_costs_no_command(store: Path, tmp_path: Path) -> None:
    toolbox = CountingToolbox(ProcessToolbox(store))
    environments = UvEnvironments(store, toolbox, "")
    await environments.prepare(pipeline(tmp_path / "a", requirements_txt="six==1.16.0\n"), None)
    toolbox.commands.clear()
    done = await environments.collect(StoreBounds(max_bytes=10 * 1024**3), ())
    assert (done.environments, done.has_cleared_cache, toolbox.commands) == ((), False, [])
