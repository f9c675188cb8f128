"""Measures the log store: lines written a second, time of a page anywhere, time of a search; prints JSON."""

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from random import Random
from uuid import uuid4

from fastflow.adapters.files.log_store import FileLogStore
from fastflow.domain.line_splitter import LineSplitter
from fastflow.domain.log import LogKey, LogPage, Output, Stream

CHUNK_BYTES = 64 * 1024
NEEDLE = "needle in the haystack"


def raw_lines(lines: int) -> bytes:
    """Make the output of a program: lines of about 80 bytes, and one to search for near the end."""
    texts = [
        b"%09d INFO worker: processed a record of the table, nothing remarkable here ok" % n
        for n in range(lines)
    ]
    texts[lines * 9 // 10] += b" " + NEEDLE.upper().encode()
    return b"\n".join(texts) + b"\n"


def chunks(raw: bytes) -> Iterable[bytes]:
    """Cut the output as reads from a pipe or a socket would."""
    return (raw[at : at + CHUNK_BYTES] for at in range(0, len(raw), CHUNK_BYTES))


async def write(store: FileLogStore, key: LogKey, raw: bytes) -> None:
    """Split and store the output, one append a chunk."""
    writer = await store.open(key)
    splitter = LineSplitter()
    for chunk in chunks(raw):
        await writer.append(splitter.feed(time.time_ns(), Stream.STDOUT, chunk))
    await writer.close(is_complete=True)


async def write_line_by_line(store: FileLogStore, key: LogKey, raw: bytes) -> None:
    """Store outputs of one line each, a thousand an append: what a source with a frame a line gives."""
    writer = await store.open(key)
    for chunk in chunks(raw):
        lines = chunk[: chunk.rfind(b"\n") + 1].splitlines(keepends=True)
        await writer.append([Output(time.time_ns(), Stream.STDOUT, line) for line in lines])
    await writer.close(is_complete=True)


async def search_all(store: FileLogStore, key: LogKey, text: str, lines: int) -> LogPage:
    """Search from the first line to the last; return the last page."""
    page = LogPage([], 0)
    while page.next_line < lines and not page.lines:
        page = await store.search(key, text, page.next_line, 100)
    return page


async def page_times_ms(store: FileLogStore, key: LogKey, lines: int, pages: int) -> list[float]:
    """Read pages of 1,000 lines at random places."""
    places = Random(1)  # noqa: S311 - the same places every time
    times: list[float] = []
    for _ in range(pages):
        from_line = places.randrange(lines - 1000)
        start = time.perf_counter()
        page = await store.read(key, from_line, 1000)
        times.append((time.perf_counter() - start) * 1000)
        if page.next_line != from_line + 1000:
            raise AssertionError(f"{from_line}: {page.next_line}")
    return times


async def measure(root: Path, lines: int) -> dict[str, float]:
    """Write, page and search one log of that many lines."""
    store = FileLogStore(root, 1 << 40)
    key = LogKey(str(uuid4()), 1)
    raw = raw_lines(lines)
    start = time.perf_counter()
    await write(store, key, raw)
    write_seconds = time.perf_counter() - start
    start = time.perf_counter()
    await write_line_by_line(store, key._replace(attempt=2), raw)
    line_by_line_seconds = time.perf_counter() - start
    times = await page_times_ms(store, key, lines, 300)
    start = time.perf_counter()
    found = await search_all(store, key, NEEDLE, lines)
    search_seconds = time.perf_counter() - start
    if len(found.lines) != 1:
        raise AssertionError(found)
    start = time.perf_counter()
    await search_all(store, key, "17" * 8, lines)
    digits_seconds = time.perf_counter() - start
    start = time.perf_counter()
    await store.read(key, 0, 1000, Stream.STDERR)
    filter_seconds = time.perf_counter() - start
    return {
        "lines": lines,
        "log_bytes": len(raw),
        "written_lines_per_second": round(lines / write_seconds),
        "written_lines_per_second_one_line_outputs": round(lines / line_by_line_seconds),
        "page_of_1000_lines_median_ms": round(statistics.median(times), 3),
        "page_of_1000_lines_p99_ms": round(statistics.quantiles(times, n=100)[98], 3),
        "page_of_1000_lines_max_ms": round(max(times), 3),
        "search_to_90_percent_ms": round(search_seconds * 1000, 1),
        "search_for_digits_ms": round(digits_seconds * 1000, 1),
        "stream_filter_one_call_ms": round(filter_seconds * 1000, 1),
    }


def main() -> None:
    """Run the measurement in a temporary folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument(
        "--directory", type=Path, help="where the log is written; default: the temporary folder"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.directory) as root:
        print(json.dumps(asyncio.run(measure(Path(root), arguments.lines)), indent=2))


if __name__ == "__main__":
    main()
