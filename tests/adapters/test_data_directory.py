"""How much the data directory takes, and how much is left."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from fastflow.adapters.files.data_directory import FileDataDirectory
from fastflow.domain.errors import Unavailable


async def test_files_are_added_up_by_what_they_take_and_once_whatever_their_names(tmp_path: Path) -> None:
    data = FileDataDirectory(tmp_path)
    empty = (await data.size()).size_bytes
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "file").write_bytes(b"x" * 1_000_000)
    one = await data.size()
    os.link(tmp_path / "a" / "file", tmp_path / "same")
    (tmp_path / "link").symlink_to("/")
    two = await data.size()
    assert one.is_complete
    assert two.is_complete
    assert 1_000_000 <= one.size_bytes - empty < 1_100_000
    assert two.size_bytes - one.size_bytes < 100_000


async def test_what_takes_too_long_is_not_added_up_to_its_end(tmp_path: Path) -> None:
    size = await FileDataDirectory(tmp_path, patience=timedelta()).size()
    assert (size.size_bytes, size.is_complete) == (0, False)


async def test_the_space_is_that_of_the_filesystem(tmp_path: Path) -> None:
    space = await FileDataDirectory(tmp_path).space()
    assert 0 < space.free_bytes <= space.total_bytes
    with pytest.raises(Unavailable, match="can't be read"):
        await FileDataDirectory(tmp_path / "gone").space()
