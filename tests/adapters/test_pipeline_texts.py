"""Texts in a pipeline's folder: found whatever their case, bounded, and never outside of it."""

import os
from pathlib import Path

import pytest

from fastflow.adapters.files.pipeline_texts import FilePipelineTexts
from fastflow.domain.errors import Unavailable
from fastflow.domain.pipeline_texts import PipelineText


async def read(folder: Path, limit_bytes: int = 100) -> PipelineText | None:
    return await FilePipelineTexts().read(folder, "README.md", limit_bytes)


async def test_a_text_is_read_whole_and_without_its_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_bytes("\ufeff# Grüße\n".encode())
    assert await read(tmp_path) == PipelineText("# Grüße\n", is_truncated=False)


async def test_the_name_may_be_written_in_any_case_and_the_usual_one_wins(tmp_path: Path) -> None:
    (tmp_path / "readme.MD").write_text("other")
    assert await read(tmp_path) == PipelineText("other", is_truncated=False)
    (tmp_path / "README.md").write_text("usual")
    assert await read(tmp_path) == PipelineText("usual", is_truncated=False)


async def test_a_long_text_is_cut_between_two_characters(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("aaé", encoding="utf-8")
    assert await read(tmp_path, 4) == PipelineText("aaé", is_truncated=False)
    assert await read(tmp_path, 3) == PipelineText("aa", is_truncated=True)


async def test_what_is_not_utf8_is_shown_as_such(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_bytes(b"a\xffb\xc3")
    assert await read(tmp_path) == PipelineText("a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}", False)


async def test_a_link_within_the_folder_is_followed_and_one_out_of_it_is_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    (folder / "docs").mkdir(parents=True)
    (folder / "docs" / "all.md").write_text("inside")
    (tmp_path / "secret").write_text("outside")
    (folder / "README.md").symlink_to("docs/all.md")
    assert await read(folder) == PipelineText("inside", is_truncated=False)
    for target in ("../secret", str(tmp_path / "secret"), "docs/../../secret", "nothing"):
        (folder / "README.md").unlink()
        (folder / "README.md").symlink_to(target)
        assert await read(folder) is None


async def test_what_is_no_file_is_nothing_and_holds_nobody_up(tmp_path: Path) -> None:
    assert await read(tmp_path) is None
    (tmp_path / "README.md").mkdir()
    assert await read(tmp_path) is None
    (tmp_path / "README.md").rmdir()
    os.mkfifo(tmp_path / "README.md")
    assert await read(tmp_path) is None


async def test_a_folder_that_is_none_is_an_error_of_the_disk(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable, match="can't be read"):
        await read(tmp_path / "file")
