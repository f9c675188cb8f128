"""What the init left is believed only as far as it makes sense."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastflow.adapters.docker.usage import Usage, parse_usage, read_usage

VERSION_1 = (
    b"asked_to_end value 0\nmemory/memory.max_usage_in_bytes 7606272 \n"
    b"memory/memory.oom_control oom_kill_disable 0\nmemory/memory.oom_control oom_kill 0\n"
    b"cpuacct/cpuacct.usage 50000000 \n"
)
VERSION_2 = (
    b"asked_to_end value 1\nmemory.peak 1048576 \nmemory.events oom 2\nmemory.events oom_kill 1\n"
    b"cpu.stat usage_usec 1500000\ncpu.stat user_usec 1\n"
)


def test_both_versions_of_the_kernels_files_are_read() -> None:
    assert parse_usage(VERSION_1) == Usage(7606272, 0.05)
    assert parse_usage(VERSION_2) == Usage(1048576, 1.5, True, True)


@given(st.binary(max_size=500))
def test_any_content_is_read_without_an_error(content: bytes) -> None:
    parse_usage(content)


@pytest.mark.parametrize("value", [b"-1", b"1e9", b"9" * 19, b"\xd9\xa1", b"", b"1 2 3"])
def test_what_is_no_plain_number_is_left_out(value: bytes) -> None:
    assert parse_usage(b"memory.peak " + value + b"\n").peak_memory_bytes is None


def test_neither_links_nor_pipes_nor_floods_are_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(VERSION_2)
    for name in ("link", "pipe", "flood", "folder"):
        (tmp_path / name).mkdir()
    (tmp_path / "link" / "usage").symlink_to(secret)
    os.mkfifo(tmp_path / "pipe" / "usage")
    (tmp_path / "folder" / "usage").mkdir()
    (tmp_path / "flood" / "usage").write_bytes(b"x" * 20_000 + VERSION_2)
    for name in ("link", "pipe", "flood", "folder", "nothing"):
        assert read_usage(tmp_path / name) == Usage()
    assert read_usage(None) == Usage()
