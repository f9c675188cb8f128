"""Searching logs: what a plain look at every line finds, in bounded steps."""

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastflow.adapters.files.log_reader import LOOKED_AT_BYTES
from fastflow.domain.log import LogLine, Output
from tests.adapters.log_samples import AT, ERR, KEY, OUT, batches, lines_in, numbered, store_in, write

NO_TIME = timedelta()
AN_HOUR = timedelta(hours=1)


@settings(max_examples=50)
@given(batches, st.text(alphabet="aA17eoEé\xff ", min_size=1, max_size=3))
async def test_a_search_finds_what_a_plain_look_at_every_line_finds(
    written: list[list[Output]], text: str
) -> None:
    outputs = [output for batch in written for output in batch] + [
        Output(AT, ERR, b"Aa17 e\n"),
        Output(AT, OUT, "é\n".encode()),
    ]
    with TemporaryDirectory() as directory:
        await write(Path(directory), *outputs)
        found: list[LogLine] = []
        next_line = 0
        while next_line < len(lines_in(outputs)):
            page = await store_in(Path(directory)).search(KEY, text, next_line, 2)
            found += page.lines
            next_line = page.next_line
        numbers, position = list[int](), 0
        while position < len(lines_in(outputs)):
            hits = await store_in(Path(directory)).find(KEY, text, position, 2, NO_TIME)
            numbers += hits.numbers
            position = hits.next_line
    assert found == [line for line in lines_in(outputs) if text.encode().lower() in line.text.lower()]
    assert numbers == [line.number for line in found]


async def test_a_search_is_right_across_the_blocks_of_a_long_log(tmp_path: Path) -> None:
    await write(tmp_path, numbered(40_000), is_complete=True)
    page = await store_in(tmp_path).search(KEY, "LINE 39", 10, 2000)
    assert [line.text for line in page.lines] == [
        b"line %d" % n for n in (*range(39, 40), *range(390, 400), *range(3900, 4000), *range(39_000, 40_000))
    ]
    assert [line.number for line in page.lines[:3]] == [39, 390, 391]
    assert page.next_line == 40_000


@pytest.mark.parametrize("text", ["1700000", "o line", "\n", "line 1\n1700"])
async def test_neither_the_prefix_nor_a_line_end_is_text(tmp_path: Path, text: str) -> None:
    await write(tmp_path, numbered(30))
    assert await store_in(tmp_path).search(KEY, text, 0, 10) == ([], 30)


async def test_an_empty_search_is_a_plain_read(tmp_path: Path) -> None:
    await write(tmp_path, numbered(5))
    assert await store_in(tmp_path).search(KEY, "", 1, 2) == await store_in(tmp_path).read(KEY, 1, 2)


async def test_one_search_looks_at_a_bounded_part_and_says_where_to_go_on(tmp_path: Path) -> None:
    line = b"x" * 4_000_000 + b"\n"
    lines = LOOKED_AT_BYTES // len(line) + 4
    await write(tmp_path, *[Output(AT, OUT, line)] * lines, Output(AT, ERR, b"needle\n"))
    store = store_in(tmp_path)
    page = await store.search(KEY, "needle", 0, 1)
    assert page.lines == []
    assert 0 < page.next_line < lines
    assert (await store.search(KEY, "needle", page.next_line, 1)).lines == [
        LogLine(lines, AT, ERR, b"needle")
    ]
    filtered = await store.read(KEY, 0, 1, ERR)
    assert filtered == ([], page.next_line)


async def test_lines_are_found_without_being_read_and_without_time_for_one_block_at_a_call(
    tmp_path: Path,
) -> None:
    await write(tmp_path, numbered(40_000), is_complete=True)
    store = store_in(tmp_path)
    wanted = [39, *range(390, 400), *range(3900, 4000), *range(39_000, 40_000)]
    assert await store.find(KEY, "LINE 39", 0, 2000, AN_HOUR) == (wanted, 40_000)
    assert await store.find(KEY, "line 39", 390, 3, AN_HOUR) == ([390, 391, 392], 393)
    numbers, position, calls = list[int](), 0, 0
    while position < 40_000:
        hits = await store.find(KEY, "line 39", position, 2000, NO_TIME)
        assert hits.next_line > position
        numbers, position, calls = numbers + hits.numbers, hits.next_line, calls + 1
    assert numbers == wanted
    assert calls > 3


@pytest.mark.parametrize("text", ["1700000", "o line", "\n", "line 1\n1700"])
async def test_the_numbers_found_are_of_texts_alone(tmp_path: Path, text: str) -> None:
    await write(tmp_path, numbered(30))
    assert await store_in(tmp_path).find(KEY, text, 0, 10, AN_HOUR) == ([], 30)


async def test_nothing_is_found_in_a_log_that_is_not_there_and_everything_by_no_text(tmp_path: Path) -> None:
    assert await store_in(tmp_path).find(KEY, "x", 7, 10, AN_HOUR) == ([], 7)
    await write(tmp_path, numbered(5))
    assert await store_in(tmp_path).find(KEY, "", 1, 2, AN_HOUR) == ([1, 2], 3)
