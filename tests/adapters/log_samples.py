"""Logs for tests to write, read and damage."""

from collections.abc import Sequence
from pathlib import Path

from hypothesis import strategies as st

from fastflow.adapters.files.log_paths import attempt_file
from fastflow.adapters.files.log_store import FileLogStore
from fastflow.domain.log import LogKey, LogLine, Output, Stream, StreamCounts

KEY = LogKey("0193a1f0-0000-7000-8000-0000000000ab", 1)
PLENTY = 1 << 40
AT = 1_700_000_000_000_000_000
OUT, ERR = Stream.STDOUT, Stream.STDERR

texts = st.one_of(st.binary(max_size=12), st.sampled_from([b"", b"\r", b"\x00", b"\xff\xfe", b"1700e "])).map(
    lambda text: text.replace(b"\n", b"")
)


def _whole(at_ns: int, stream: Stream, lines: list[bytes]) -> Output:
    return Output(at_ns, stream, b"".join(line + b"\n" for line in lines))


def _partial(stream: Stream, text: bytes) -> Output:
    return Output(AT, stream, text, is_partial=True)


streams = st.sampled_from(Stream)
outputs = st.one_of(
    st.builds(_whole, st.integers(0, 2**63), streams, st.lists(texts, max_size=5)),
    st.builds(_partial, streams, texts),
)
batches = st.lists(st.lists(outputs, max_size=4), max_size=4)


def store_in(root: Path, max_bytes: int = PLENTY) -> FileLogStore:
    return FileLogStore(root, max_bytes)


def log_file(root: Path) -> Path:
    return attempt_file(root, KEY, "log")


def index_file(root: Path) -> Path:
    return attempt_file(root, KEY, "idx")


def lines_in(outputs: Sequence[Output]) -> list[LogLine]:
    """Return the lines as a reader should get them."""
    lines: list[LogLine] = []
    for output in outputs:
        texts = [output.data] if output.is_partial else output.data.split(b"\n")[:-1]
        lines += [
            LogLine(len(lines) + n, output.at_ns, output.stream, text, output.is_partial)
            for n, text in enumerate(texts)
        ]
    return lines


def counts_of(lines: Sequence[LogLine]) -> StreamCounts:
    stdout = sum(line.stream is OUT for line in lines)
    return StreamCounts(stdout, len(lines) - stdout)


async def write(root: Path, *outputs: Output, is_complete: bool = False, max_bytes: int = PLENTY) -> None:
    """Open, append everything as one batch, close."""
    writer = await store_in(root, max_bytes).open(KEY)
    await writer.append(outputs)
    await writer.close(is_complete=is_complete)


async def read_all(root: Path, limit: int = 1000, stream: Stream | None = None) -> list[LogLine]:
    """Page through the whole log as a client does."""
    store = store_in(root)
    end = (await store.state(KEY)).lines
    lines: list[LogLine] = []
    next_line = 0
    while next_line < end:
        page = await store.read(KEY, next_line, limit, stream)
        assert page.next_line > next_line
        lines += page.lines
        next_line = page.next_line
    return lines


def numbered(count: int, stream: Stream = OUT, first: int = 0) -> Output:
    return Output(AT, stream, b"".join(b"line %d\n" % n for n in range(first, first + count)))
