"""Logs on disk: what is written is read, once, whoever reads meanwhile."""

import asyncio
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest
from hypothesis import given

from fastflow.adapters.files.log_growth import Growth
from fastflow.adapters.files.log_reader import PAGE_BYTES
from fastflow.adapters.files.log_store import FileLogStore
from fastflow.domain.errors import Conflict, Invalid
from fastflow.domain.log import LogKey, LogLine, LogState, Output, OutputPage, Stream, StreamCounts
from tests.adapters.log_samples import (
    AT,
    ERR,
    KEY,
    OUT,
    batches,
    counts_of,
    lines_in,
    numbered,
    read_all,
    store_in,
    write,
)


@given(batches)
async def test_every_byte_of_every_line_comes_back(written: list[list[Output]]) -> None:
    expected = lines_in([output for batch in written for output in batch])
    with TemporaryDirectory() as directory:
        root = Path(directory)
        store = store_in(root)
        writer = await store.open(KEY)
        for batch in written:
            await writer.append(batch)
        assert writer.stored == counts_of(expected)
        assert (await store.read(KEY, 0, 1000)).lines == expected
        for limit in (1, 2, 1000):
            assert lines_in(await read_all_outputs(store, limit)) == expected
        await writer.close(is_complete=True)
        assert await store_in(root).state(KEY) == LogState(len(expected), True, False)
        assert await read_all(root, limit=2) == expected
        for stream in Stream:
            of_stream = [line for line in expected if line.stream is stream]
            assert await read_all(root, limit=2, stream=stream) == of_stream


async def read_all_outputs(store: FileLogStore, limit: int) -> list[Output]:
    outputs: list[Output] = []
    line = 0
    while (page := await store.read_outputs(KEY, line, limit)).outputs:
        line += sum(output.lines for output in page.outputs)
        assert page.next_line == line
        outputs += page.outputs
    return outputs


async def test_lines_stored_together_are_read_together(tmp_path: Path) -> None:
    outputs = [
        Output(AT, OUT, b"1\n\n3\n"),
        Output(AT, ERR, b"4\n"),
        Output(AT + 1, ERR, b"5\n"),
        Output(AT + 1, ERR, b"6", is_partial=True),
    ]
    await write(tmp_path, *outputs)
    assert await store_in(tmp_path).read_outputs(KEY, 0, 10) == OutputPage(outputs, 6)


async def test_any_page_of_a_long_log_begins_where_it_should(tmp_path: Path) -> None:
    outputs = [
        numbered(2500),
        numbered(1, ERR),
        numbered(700),
        numbered(2999, ERR),
        numbered(1, OUT),
        numbered(999),
    ]
    expected = lines_in(outputs)
    writer = await store_in(tmp_path).open(KEY)
    for output in outputs:
        await writer.append([output])
    await writer.close(is_complete=False)
    store = store_in(tmp_path)
    for from_line in range(0, len(expected), 83):
        page = await store.read(KEY, from_line, 7)
        assert page.lines == expected[from_line : from_line + 7]
        assert page.next_line == from_line + len(page.lines)


async def test_a_page_beyond_the_end_is_empty(tmp_path: Path) -> None:
    await write(tmp_path, numbered(3))
    store = store_in(tmp_path)
    assert await store.read(KEY, 3, 10) == ([], 3)
    assert await store.read(KEY, 99, 10) == ([], 99)
    assert await store.read(KEY, 0, 0) == ([], 0)


async def test_a_log_that_was_never_opened_is_empty_and_not_complete(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    assert await store.state(KEY) == LogState(0, False, False)
    assert await store.read(KEY, 0, 10) == ([], 0)
    assert await store.search(KEY, "x", 0, 10) == ([], 0)


async def test_lines_of_10_mb_survive_and_a_page_stays_bounded(tmp_path: Path) -> None:
    text = os.urandom(10_000_000).replace(b"\n", b"")
    await write(tmp_path, Output(AT, OUT, text + b"\n" + text + b"\nshort\n"))
    store = store_in(tmp_path)
    page = await store.read(KEY, 0, 1000)
    assert [line.text == text for line in page.lines] == [True]
    assert (await store.read(KEY, 1, 1000)).next_line == 2
    assert (await store.read(KEY, 2, 1000)).lines == [LogLine(2, AT, OUT, b"short")]


async def test_a_page_ends_soon_after_its_size_limit(tmp_path: Path) -> None:
    await write(tmp_path, Output(AT, OUT, (b"x" * 999_979 + b"\n") * 20))
    page = await store_in(tmp_path).read(KEY, 5, 1000)
    assert 5 + PAGE_BYTES // 1_000_000 <= page.next_line <= 5 + PAGE_BYTES // 1_000_000 + 1


@pytest.mark.parametrize("output", [Output(AT, OUT, b"torn"), Output(AT, OUT, b"a\nb", is_partial=True)])
async def test_an_output_that_is_not_whole_lines_is_refused(tmp_path: Path, output: Output) -> None:
    writer = await store_in(tmp_path).open(KEY)
    with pytest.raises(ValueError, match="newline"):
        await writer.append([numbered(1), output])
    assert writer.stored == StreamCounts()
    await writer.close(is_complete=False)


@pytest.mark.parametrize(
    "run_id", ["../../etc/passwd", "", "x", KEY.run_id.upper(), KEY.run_id.replace("-", "")]
)
async def test_only_a_uuid_becomes_a_path(tmp_path: Path, run_id: str) -> None:
    store = store_in(tmp_path)
    for refused in (store.open(LogKey(run_id, 1)), store.read(LogKey(run_id, 1), 0, 1), store.delete(run_id)):
        with pytest.raises(Invalid):
            await refused
    assert os.listdir(tmp_path) == []


async def test_a_complete_log_opens_with_exact_counts_and_takes_no_line(tmp_path: Path) -> None:
    await write(tmp_path, numbered(3), numbered(2, ERR), is_complete=True)
    store = store_in(tmp_path)
    writer = await store.open(KEY)
    assert writer.stored == StreamCounts(3, 2)
    assert (await store.state(KEY)).is_complete
    with pytest.raises(Conflict):
        await writer.append([numbered(1)])
    await writer.append([])
    await writer.close(is_complete=False)
    assert await store_in(tmp_path).state(KEY) == LogState(5, True, False)


async def test_closing_twice_is_harmless_and_writing_afterwards_is_refused(tmp_path: Path) -> None:
    writer = await store_in(tmp_path).open(KEY)
    await writer.close(is_complete=False)
    await writer.close(is_complete=True)
    with pytest.raises(Conflict):
        await writer.append([numbered(1)])
    assert not (await store_in(tmp_path).state(KEY)).is_complete


async def test_a_log_has_one_writer_in_this_and_in_other_processes(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    writer = await store.open(KEY)
    for other in (store, store_in(tmp_path)):
        with pytest.raises(Conflict):
            await other.open(KEY)
    with pytest.raises(Conflict):
        await store.delete(KEY.run_id)
    await writer.close(is_complete=False)
    await (await store_in(tmp_path).open(KEY)).close(is_complete=False)


async def test_a_cancelled_append_is_stored_whole_and_the_writer_goes_on(tmp_path: Path) -> None:
    writer = await store_in(tmp_path).open(KEY)
    task = asyncio.create_task(writer.append([numbered(1000)]))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert writer.stored == StreamCounts(1000, 0)
    await writer.append([numbered(1, first=1000)])
    await writer.close(is_complete=True)
    assert await read_all(tmp_path) == lines_in([numbered(1001)])


async def test_deleting_a_run_removes_every_attempt_and_nothing_else(tmp_path: Path) -> None:
    other = LogKey(str(uuid4()), 1)
    store = store_in(tmp_path)
    for key in (KEY, KEY._replace(attempt=2), other):
        writer = await store.open(key)
        await writer.append([numbered(1)])
        await writer.close(is_complete=True)
    await store.delete(KEY.run_id)
    await store.delete(KEY.run_id)
    assert await store.state(KEY) == LogState(0, False, False)
    assert await store.state(other) == LogState(1, True, False)


async def test_waiters_wake_when_the_log_grows_and_when_it_is_complete(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    writer = await store.open(KEY)
    first = [asyncio.create_task(store.wait_beyond(KEY, 0)) for _ in range(50)]
    last = [asyncio.create_task(store.wait_beyond(KEY, 7)) for _ in range(50)]
    await writer.append([numbered(1)])
    await asyncio.wait_for(asyncio.gather(*first), 10)
    assert not any(task.done() for task in last)
    await writer.close(is_complete=True)
    await asyncio.wait_for(asyncio.gather(*last), 10)


async def test_a_waiter_that_comes_before_the_writer_waits_through_its_incomplete_end(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    waiter = asyncio.create_task(store.wait_beyond(KEY, 0))
    await asyncio.sleep(0)
    await (await store.open(KEY)).close(is_complete=False)
    await asyncio.sleep(0)
    assert not waiter.done()
    writer = await store.open(KEY)
    await writer.append([numbered(1)])
    await asyncio.wait_for(waiter, 10)
    await writer.close(is_complete=False)


async def test_nobody_waits_for_lines_that_are_there_or_for_a_complete_log(tmp_path: Path) -> None:
    await write(tmp_path, numbered(3), is_complete=True)
    store = store_in(tmp_path)
    await asyncio.wait_for(store.wait_beyond(KEY, 2), 10)
    await asyncio.wait_for(store.wait_beyond(KEY, 99), 10)


async def test_a_cancelled_waiter_leaves_the_others_waiting(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    writer = await store.open(KEY)
    gone, waiting = (asyncio.create_task(store.wait_beyond(KEY, 0)) for _ in range(2))
    await asyncio.sleep(0)
    gone.cancel()
    await writer.append([numbered(1)])
    await asyncio.wait_for(waiting, 10)
    await writer.close(is_complete=False)
    with pytest.raises(asyncio.CancelledError):
        await gone


async def test_a_reader_that_follows_sees_each_line_once_while_it_is_written(tmp_path: Path) -> None:
    store = store_in(tmp_path)

    async def follow() -> list[bytes]:
        texts: list[bytes] = []
        while True:
            await store.wait_beyond(KEY, len(texts))
            page = await store.read(KEY, len(texts), 700)
            texts += [line.text for line in page.lines]
            state = await store.state(KEY)
            if state.is_complete and len(texts) == state.lines:
                return texts

    followers = [asyncio.create_task(follow()) for _ in range(3)]
    writer = await store.open(KEY)
    for first in range(0, 30_000, 300):
        await writer.append([numbered(299, first=first), numbered(1, ERR, first=first + 299)])
    await writer.close(is_complete=True)
    expected = [b"line %d" % n for n in range(30_000)]
    for texts in await asyncio.wait_for(asyncio.gather(*followers), 60):
        assert texts == expected


async def test_nothing_is_kept_of_a_log_that_nobody_waits_for() -> None:
    growth = Growth()
    with growth.watch(KEY) as first, growth.watch(KEY) as second:
        assert first.grown is second.grown
        growth.announce(KEY)
        assert len(growth) == 1
    assert len(growth) == 0
    growth.announce(KEY)
    assert len(growth) == 0
