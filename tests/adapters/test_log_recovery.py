"""Logs after kills, on full disks and at their size limit: nothing lost, nothing doubled."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastflow.adapters.files.log_format import encode
from fastflow.domain.line_splitter import LineSplitter
from fastflow.domain.log import LogState, Output, Stream, StreamCounts
from tests.adapters.log_samples import (
    AT,
    ERR,
    KEY,
    OUT,
    PLENTY,
    counts_of,
    index_file,
    lines_in,
    log_file,
    numbered,
    read_all,
    store_in,
    texts,
    write,
)


async def test_a_torn_end_is_cut_back_to_the_last_whole_line_at_every_byte(tmp_path: Path) -> None:
    first, second = numbered(3), [numbered(2, ERR), Output(AT, OUT, b"partial", is_partial=True)]
    await write(tmp_path, first)
    kept = log_file(tmp_path).stat().st_size
    await write(tmp_path, *second)
    everything = log_file(tmp_path).read_bytes()
    expected = lines_in([first, *second])
    for size in range(kept, len(everything) + 1):
        log_file(tmp_path).write_bytes(everything[:size])
        whole = expected[: everything[:size].count(b"\n")]
        assert await read_all(tmp_path) == whole
        writer = await store_in(tmp_path).open(KEY)
        assert writer.stored == counts_of(whole)
        await writer.close(is_complete=False)
        assert log_file(tmp_path).read_bytes() == everything[: everything.rfind(b"\n", 0, size) + 1]


async def test_a_torn_end_of_completion_is_not_complete(tmp_path: Path) -> None:
    await write(tmp_path, numbered(3), is_complete=True)
    everything = log_file(tmp_path).read_bytes()
    log_file(tmp_path).write_bytes(everything[:-1])
    assert await store_in(tmp_path).state(KEY) == LogState(3, False, False)
    await write(tmp_path, numbered(1, first=3), is_complete=True)
    assert await store_in(tmp_path).state(KEY) == LogState(4, True, False)
    assert await read_all(tmp_path) == lines_in([numbered(4)])


@pytest.mark.parametrize("lines_beyond", [0, 20_000])
async def test_bytes_that_are_no_record_end_the_log(tmp_path: Path, lines_beyond: int) -> None:
    await write(tmp_path, numbered(3))
    with log_file(tmp_path).open("ab") as file:
        file.write(b"\x00" * 50 + b"\n" + encode(numbered(lines_beyond + 1)) + b"\x00" * 50)
    assert await store_in(tmp_path).state(KEY) == LogState(3, False, False)
    await write(tmp_path, numbered(1, first=3))
    assert await read_all(tmp_path) == lines_in([numbered(4)])


chunks_of_both = st.lists(st.tuples(st.sampled_from(Stream), st.lists(texts).map(b"\n".join)), max_size=12)
chunks_of_one = st.lists(st.tuples(st.just(OUT), st.lists(texts).map(b"\n".join)), max_size=12)


def split(chunks: list[tuple[Stream, bytes]], skip: StreamCounts, upto: int) -> list[Output]:
    """Return what an executor hands over of the first `upto` chunks; of all, the partial last lines too."""
    splitter = LineSplitter(skip)
    outputs = [output for stream, chunk in chunks[:upto] for output in splitter.feed(AT, stream, chunk)]
    return outputs + splitter.finish(AT) if upto >= len(chunks) else outputs


async def write_with_a_kill(
    root: Path, chunks: list[tuple[Stream, bytes]], killed_after: int, torn_bytes: int, max_bytes: int
) -> None:
    """Write some chunks, tear the end off, open again and resume by count."""
    await write(root, *split(chunks, StreamCounts(), killed_after), max_bytes=max_bytes)
    os.truncate(log_file(root), max(log_file(root).stat().st_size - torn_bytes, 0))
    writer = await store_in(root, max_bytes).open(KEY)
    await writer.append(split(chunks, writer.stored, len(chunks)))
    await writer.close(is_complete=False)


@given(chunks_of_both, st.integers(0, 12), st.integers(0, 300))
async def test_resuming_by_count_after_a_kill_gives_the_same_lines(
    chunks: list[tuple[Stream, bytes]], killed_after: int, torn_bytes: int
) -> None:
    with TemporaryDirectory() as directory:
        await write_with_a_kill(Path(directory), chunks, killed_after, torn_bytes, PLENTY)
        stored = await read_all(Path(directory))
    expected = lines_in(split(chunks, StreamCounts(), len(chunks)))
    for stream in Stream:
        assert [line.text for line in stored if line.stream is stream] == [
            line.text for line in expected if line.stream is stream
        ]


@given(chunks_of_one, st.integers(0, 12), st.integers(0, 300), st.integers(50, 400))
async def test_resuming_by_count_gives_the_same_file_byte_for_byte_and_at_the_size_limit_too(
    chunks: list[tuple[Stream, bytes]], killed_after: int, torn_bytes: int, max_bytes: int
) -> None:
    with TemporaryDirectory() as first, TemporaryDirectory() as second:
        await write(Path(first), *split(chunks, StreamCounts(), len(chunks)), max_bytes=max_bytes)
        await write_with_a_kill(Path(second), chunks, killed_after, torn_bytes, max_bytes)
        assert log_file(Path(first)).read_bytes() == log_file(Path(second)).read_bytes()


async def test_a_kill_right_after_append_loses_nothing(tmp_path: Path) -> None:
    program = f"""
import asyncio, os, signal
from pathlib import Path
from fastflow.adapters.files.log_store import FileLogStore
from fastflow.domain.log import LogKey, Output, Stream
async def main():
    writer = await FileLogStore(Path({str(tmp_path)!r}), 1 << 30).open(LogKey({KEY.run_id!r}, 1))
    await writer.append([Output({AT}, Stream.STDOUT, b"kept\\n" * 5000)])
    os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(main())
"""
    killed = await asyncio.to_thread(subprocess.run, [sys.executable, "-c", program], timeout=60, check=False)
    assert killed.returncode == -signal.SIGKILL
    writer = await store_in(tmp_path).open(KEY)
    assert writer.stored == StreamCounts(5000, 0)
    await writer.close(is_complete=False)


@pytest.mark.parametrize("damage", ["missing", "torn", "behind", "ahead", "astray", "zeros", "empty"])
async def test_a_damaged_index_is_made_anew_from_the_log(tmp_path: Path, damage: str) -> None:
    outputs = [numbered(2500), numbered(1700, ERR), numbered(1000)]
    await write(tmp_path, *outputs)
    index = index_file(tmp_path).read_bytes()
    assert len(index) >= 4 * 24
    if damage == "missing":
        index_file(tmp_path).unlink()
    else:
        damaged = {
            "torn": index[:-5],
            "behind": index[:24],
            "ahead": index + (9000).to_bytes(8, "little") * 9,
            "astray": index[:-16]
            + (int.from_bytes(index[-16:-8], "little") + 1).to_bytes(8, "little")
            + index[-8:],
            "zeros": index[:24] + bytes(len(index) - 24),
            "empty": b"",
        }
        index_file(tmp_path).write_bytes(damaged[damage])
    assert await read_all(tmp_path) == lines_in(outputs)
    await write(tmp_path, numbered(1, ERR))
    mended = index_file(tmp_path).read_bytes()
    assert len(mended) >= 4 * 24
    assert (9000).to_bytes(8, "little") not in mended
    writer = await store_in(tmp_path).open(KEY)
    assert writer.stored == StreamCounts(3500, 1701)
    await writer.close(is_complete=True)
    assert await read_all(tmp_path, limit=900) == lines_in([*outputs, numbered(1, ERR)])


async def test_beyond_the_limit_lines_are_counted_and_dropped_with_one_notice(tmp_path: Path) -> None:
    store = store_in(tmp_path, max_bytes=100)
    writer = await store.open(KEY)
    await writer.append([numbered(2), numbered(5, ERR)])
    await writer.append([numbered(4)])
    assert writer.stored == StreamCounts(6, 5)
    assert await store.state(KEY) == LogState(4, False, True)
    lines = (await store.read(KEY, 0, 100)).lines
    assert lines[:3] == lines_in([numbered(2), numbered(1, ERR)])
    assert b"limit of 100 B reached" in lines[3].text
    await writer.close(is_complete=True)
    assert await store_in(tmp_path).state(KEY) == LogState(4, True, True)


async def test_a_reopened_truncated_log_goes_on_dropping(tmp_path: Path) -> None:
    await write(tmp_path, numbered(2), numbered(5, ERR), max_bytes=100)
    stored = log_file(tmp_path).read_bytes()
    writer = await store_in(tmp_path, max_bytes=PLENTY).open(KEY)
    assert writer.stored == StreamCounts(2, 1)
    await writer.append([numbered(4, ERR), numbered(4)])
    assert writer.stored == StreamCounts(6, 5)
    await writer.close(is_complete=False)
    assert log_file(tmp_path).read_bytes() == stored


async def test_a_kill_between_the_last_line_and_the_notice_ends_in_the_same_file(tmp_path: Path) -> None:
    await write(tmp_path, numbered(2), numbered(5, ERR), max_bytes=100)
    stored = log_file(tmp_path).read_bytes()
    notice = stored.rfind(b"\n", 0, -1) + 1
    for size in range(notice, len(stored)):
        log_file(tmp_path).write_bytes(stored[:size])
        writer = await store_in(tmp_path, max_bytes=100).open(KEY)
        await writer.append([numbered(4, ERR, first=writer.stored.stderr), numbered(1, ERR)])
        await writer.close(is_complete=False)
        assert log_file(tmp_path).read_bytes() == stored


async def test_a_full_disk_stores_nothing_of_the_batch_and_a_retry_succeeds(tmp_path: Path) -> None:
    program = f"""
import asyncio, resource
from pathlib import Path
from fastflow.adapters.files.log_store import FileLogStore
from fastflow.domain.errors import Unavailable
from fastflow.domain.log import LogKey, Output, Stream
log = Path({str(log_file(tmp_path))!r})
def allow(size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
async def main():
    store = FileLogStore(Path({str(tmp_path)!r}), 1 << 30)
    key = LogKey({KEY.run_id!r}, 1)
    writer = await store.open(key)
    await writer.append([Output({AT}, Stream.STDOUT, b"before\\n")])
    stored = log.stat().st_size
    allow(4000)
    batch = [Output({AT}, Stream.STDOUT, b"batch\\n" * 5000)]
    for _ in range(3):
        try:
            await writer.append(batch)
        except Unavailable as error:
            assert error.code == "disk_full", error.code
        else:
            raise AssertionError("nothing was raised")
        assert writer.stored == (1, 0), writer.stored
        assert (await store.state(key)).lines == 1
        assert log.stat().st_size == stored
    allow(20)
    try:
        await writer.close(is_complete=True)
    except Unavailable:
        pass
    assert not (await store.state(key)).is_complete
    allow(resource.RLIM_INFINITY)
    await writer.append(batch)
    await writer.close(is_complete=True)
asyncio.run(main())
"""
    ended = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", program],
        timeout=60,
        check=False,
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stderr
    assert await store_in(tmp_path).state(KEY) == LogState(5001, True, False)
    assert [line.text for line in await read_all(tmp_path)] == [b"before"] + [b"batch"] * 5000
