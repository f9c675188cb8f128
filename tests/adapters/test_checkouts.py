"""Copies of pipelines: complete, never changed, deleted when nobody needs them."""

import asyncio
import os
from datetime import timedelta
from pathlib import Path

import pytest

from fastflow.adapters.files.checkouts import Checkouts
from fastflow.adapters.files.pipeline_folder import PipelineFolder
from fastflow.domain.errors import NotFound
from tests.adapters.pipelines import contents, later, pipeline, revision_of


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "pipelines").mkdir()
    return tmp_path / "pipelines"


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "checkouts"


@pytest.fixture
def source(root: Path, kept: Path) -> PipelineFolder:
    return PipelineFolder(root, Checkouts(kept, timedelta(0)), now_ns=later)


async def test_a_checkout_is_a_complete_copy_that_others_can_read(
    root: Path, kept: Path, source: PipelineFolder
) -> None:
    folder = pipeline(root, "report", run__sh="#!/bin/sh\n")
    (folder / "src" / "deep").mkdir(parents=True)
    (folder / "src" / "deep" / "bad\udcff.txt").write_text("x")
    (folder / "empty").touch()
    (folder / "run.sh").chmod(0o700)
    (folder / "main.py").chmod(0o600)
    revision = await revision_of(source, "report")

    before = os.umask(0o077)
    try:
        copy = await source.checkout("report", revision)
    finally:
        os.umask(before)

    assert copy == kept / "report" / revision
    assert contents(copy) == contents(folder)
    modes = {path.name: path.stat().st_mode & 0o777 for path in [copy, *copy.rglob("*")]}
    assert modes.pop("run.sh") == 0o755
    assert {modes.pop(name) for name in (revision, "src", "deep")} == {0o755}
    assert set(modes.values()) == {0o644}


async def test_a_checkout_outlives_changes_of_the_folder(root: Path, source: PipelineFolder) -> None:
    folder = pipeline(root, "report")
    revision = await revision_of(source, "report")
    copy = await source.checkout("report", revision)

    (folder / "main.py").write_text("new")

    assert await source.checkout("report", revision) == copy
    assert contents(copy) == {"main.py": "print('hello')\n"}


async def test_a_revision_neither_kept_nor_current_is_gone(
    root: Path, kept: Path, source: PipelineFolder
) -> None:
    folder = pipeline(root, "report")
    revision = await revision_of(source, "report")
    (folder / "main.py").write_text("new")

    for gone in (revision, "content-" + "0" * 40, "../../x", "", "main"):
        with pytest.raises(NotFound) as refused:
            await source.checkout("report", gone)
        assert refused.value.code == "revision_gone"
    assert os.listdir(kept) == []


async def test_callers_at_the_same_time_share_one_copy(
    root: Path, kept: Path, source: PipelineFolder
) -> None:
    pipeline(root, "report")
    revision = await revision_of(source, "report")

    copies = await asyncio.gather(*(source.checkout("report", revision) for _ in range(20)))

    assert set(copies) == {kept / "report" / revision}
    assert os.listdir(kept) == ["report"]


async def test_two_servers_may_make_the_same_copy(root: Path, kept: Path) -> None:
    pipeline(root, "report")
    sources = [PipelineFolder(root, Checkouts(kept)) for _ in range(8)]
    revision = await revision_of(sources[0], "report")

    copies = await asyncio.gather(*(source.checkout("report", revision) for source in sources))

    assert set(copies) == {kept / "report" / revision}
    assert os.listdir(kept) == ["report"]


async def test_a_cancelled_caller_does_not_spoil_it_for_the_others(
    root: Path, source: PipelineFolder
) -> None:
    pipeline(root, "report")
    revision = await revision_of(source, "report")
    first = asyncio.create_task(source.checkout("report", revision))
    second = asyncio.create_task(source.checkout("report", revision))
    await asyncio.sleep(0)

    first.cancel()

    assert (await second).is_dir()


async def test_collecting_deletes_what_is_not_kept(root: Path, kept: Path, source: PipelineFolder) -> None:
    folder = pipeline(root, "report")
    old = await revision_of(source, "report")
    await source.checkout("report", old)
    (folder / "main.py").write_text("new")
    new = await revision_of(source, "report")
    await source.checkout("report", new)
    (kept / ".making-left-by-a-crash" / "x").mkdir(parents=True)

    assert await source.collect({("report", new)}) == 1

    assert os.listdir(kept) == ["report"]
    assert os.listdir(kept / "report") == [new]


async def test_collecting_spares_what_was_handed_out_a_moment_ago(root: Path, kept: Path) -> None:
    source = PipelineFolder(root, Checkouts(kept))
    pipeline(root, "report")
    copy = await source.checkout("report", await revision_of(source, "report"))

    assert await source.collect(set()) == 0
    assert copy.is_dir()
    assert await PipelineFolder(root, Checkouts(kept)).collect(set()) == 1


async def test_collecting_before_anything_was_kept_is_no_error(source: PipelineFolder) -> None:
    assert await source.collect(set()) == 0
