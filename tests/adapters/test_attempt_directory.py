"""The private directory of an attempt: made whole, removed whatever is in it."""

import asyncio
import json
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from fastflow.adapters.files.attempt_directory import AttemptDirectories
from fastflow.adapters.files.hostile_tree import remove_tree
from fastflow.domain.errors import Invalid, Unavailable

AT_ONCE = timedelta(0)
NOBODY = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")


def names_in(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def mode_of(path: Path) -> int:
    return path.stat().st_mode & 0o777


def owner_of(path: Path) -> tuple[int, int]:
    return path.stat().st_uid, path.stat().st_gid


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "attempts"


@pytest.fixture
def directories(root: Path) -> AttemptDirectories:
    return AttemptDirectories(root, None)


async def test_an_attempt_finds_its_parameters_and_empty_folders(directories: AttemptDirectories) -> None:
    path = await directories.create("run-1", 1, {"city": "Köln", "n": [1, None]})

    assert json.loads((path / "parameters.json").read_text()) == {"city": "Köln", "n": [1, None]}
    assert names_in(path) == ["output", "parameters.json", "state"]
    assert names_in(path / "output") == []


async def test_nobody_else_can_look_into_it(root: Path, directories: AttemptDirectories) -> None:
    path = await directories.create("run-1", 1, {})

    assert mode_of(root) == 0o700
    assert mode_of(path) == 0o700


@as_root
async def test_it_belongs_to_the_user_that_the_attempt_runs_as(root: Path) -> None:
    path = await AttemptDirectories(root, (1234, 5678)).create("run-1", 1, {})

    for made in (path, *path.iterdir()):
        assert owner_of(made) == (1234, 5678)
    assert owner_of(root) == (os.getuid(), os.getgid())


async def test_creating_it_again_leaves_the_files_of_a_living_attempt_alone(
    root: Path, directories: AttemptDirectories
) -> None:
    path = await directories.create("run-1", 1, {"n": 1})
    (path / "output" / "table.csv").write_text("a,b")

    assert await directories.create("run-1", 1, {"n": 2}) == path
    assert (path / "output" / "table.csv").read_text() == "a,b"
    assert names_in(root) == ["run-1.1"]


async def test_removing_it_removes_all_of_it_and_can_be_repeated(
    root: Path, directories: AttemptDirectories
) -> None:
    path = await directories.create("run-1", 1, {})
    (path / "output" / "table.csv").write_text("a,b")

    await directories.remove("run-1", 1)
    await directories.remove("run-1", 1)

    assert names_in(root) == []


async def test_removing_never_follows_a_link(directories: AttemptDirectories, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("kept")
    path = await directories.create("run-1", 1, {})
    (path / "folder").symlink_to(precious)
    (path / "file").symlink_to(precious / "file")
    (path / "state").rmdir()
    (path / "state").symlink_to(precious)

    await directories.remove("run-1", 1)

    assert (precious / "file").read_text() == "kept"


async def test_a_tree_deeper_than_any_path_or_recursion_is_removed(
    root: Path, directories: AttemptDirectories
) -> None:
    path = await directories.create("run-1", 1, {})
    here = os.open(path, os.O_RDONLY)
    for _ in range(3000):
        os.mkdir("deep", dir_fd=here)
        deeper = os.open("deep", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = deeper
    os.close(here)

    await directories.remove("run-1", 1)

    assert names_in(root) == []


@pytest.fixture
def as_nobody(tmp_path: Path) -> Iterator[Path]:
    """A folder of an ordinary user, as whom the test runs."""
    home = tmp_path / "home"
    home.mkdir()
    if os.geteuid() != 0:
        yield home
        return
    os.chown(home, NOBODY, NOBODY)
    for parent in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        parent.chmod(0o711)
    os.seteuid(NOBODY)
    try:
        yield home
    finally:
        os.seteuid(0)


def test_a_server_that_is_not_root_removes_folders_that_the_attempt_closed(as_nobody: Path) -> None:
    tree = as_nobody / "tree"
    (tree / "a" / "b").mkdir(parents=True)
    (tree / "a" / "b" / "file").touch()
    os.mkfifo(tree / "a" / "pipe")
    for folder in (tree / "a" / "b", tree / "a", tree):
        folder.chmod(0)

    remove_tree(tree)

    assert names_in(as_nobody) == []


async def test_a_server_that_is_not_root_opens_the_directory_to_the_attempts_user(as_nobody: Path) -> None:
    path = await AttemptDirectories(as_nobody / "attempts", (1234, 1234)).create("run-1", 1, {})

    assert mode_of(path / "output") == 0o777
    assert mode_of(path.parent) == 0o700


async def test_collect_removes_what_a_crash_left_and_keeps_the_rest(
    root: Path, directories: AttemptDirectories
) -> None:
    for attempt in (1, 2):
        await directories.create("run-1", attempt, {})
    (root / ".removing-0123").mkdir()
    (root / ".making-0123").mkdir()

    assert await directories.collect({("run-1", 2)}, AT_ONCE) == 3

    assert names_in(root) == ["run-1.2"]


async def test_collect_leaves_young_directories_to_those_who_just_made_them(
    root: Path, directories: AttemptDirectories
) -> None:
    path = await directories.create("run-1", 1, {})
    os.utime(path, (0, 0))

    assert await directories.collect(set()) == 0
    assert path.is_dir()


async def test_collect_before_the_first_attempt_finds_nothing(directories: AttemptDirectories) -> None:
    assert await directories.collect(set(), AT_ONCE) == 0


@pytest.mark.parametrize("run_id", ["", "..", "../x", "a/b", ".making-1", "a\n"])
async def test_a_run_id_can_not_lead_elsewhere(directories: AttemptDirectories, run_id: str) -> None:
    with pytest.raises(Invalid):
        await directories.remove(run_id, 1)


async def test_a_disk_that_refuses_is_the_platforms_trouble(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(Unavailable, match="attempt's directory"):
        await AttemptDirectories(tmp_path / "file" / "below", None).create("run-1", 1, {})


async def test_many_creators_of_one_attempt_get_the_same_whole_directory(
    root: Path, directories: AttemptDirectories
) -> None:
    paths = await asyncio.gather(*(directories.create("run-1", 1, {}) for _ in range(20)))

    assert len(set(paths)) == 1
    assert names_in(root) == ["run-1.1"]
