"""Every line comes exactly once, in order, byte for byte, whoever reads it and whenever."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from fastflow.adapters.docker.executor import DockerExecutor
from fastflow.domain.line_splitter import NOTHING_STORED
from fastflow.domain.log import Output, Stream, StreamCounts
from tests.docker.cutting_proxy import cutting_proxy
from tests.docker.house import House, ended, first_output

TWO_STREAMS = (
    "import sys\n"
    "for number in range({count}):\n"
    "    print(f'out {{number}}')\n"
    "    print(f'err {{number}}', file=sys.stderr)\n"
)


def numbered(word: str, count: int) -> bytes:
    return b"".join(b"%s %d\n" % (word.encode(), number) for number in range(count))


def text_of(outputs: Sequence[Output], stream: Stream) -> bytes:
    return b"".join(output.data for output in outputs if output.stream is stream)


async def test_two_hundred_thousand_lines_arrive_complete_and_in_order(house: House) -> None:
    end = await house.run(TWO_STREAMS.format(count=100_000))
    assert end.bytes_of(Stream.STDOUT) == numbered("out", 100_000)
    assert end.bytes_of(Stream.STDERR) == numbered("err", 100_000)
    assert end.ending.exit_code == 0


async def test_a_line_of_ten_megabytes_arrives_whole(house: House) -> None:
    end = await house.run("print('x' * 10_000_000); print('after')")
    assert [output.lines for output in end.outputs] == [1, 1] or end.outputs[0].lines == 2
    assert end.bytes_of(Stream.STDOUT) == b"x" * 10_000_000 + b"\nafter\n"


async def test_bytes_that_are_no_text_arrive_as_they_were_written(house: House) -> None:
    end = await house.run("import sys; sys.stdout.buffer.write(bytes(range(256)) * 4 + b'\\n')")
    assert end.bytes_of(Stream.STDOUT) == bytes(range(256)) * 4 + b"\n"


async def test_what_ends_without_a_newline_is_kept_and_marked(house: House) -> None:
    end = await house.run("import sys; sys.stdout.write('whole\\nhalf'); sys.stderr.write('other half')")
    assert end.bytes_of(Stream.STDOUT) == b"whole\nhalf"
    assert end.bytes_of(Stream.STDERR) == b"other half"
    assert [output.data for output in end.outputs if output.is_partial] == [b"half", b"other half"]


async def test_lines_arrive_while_the_program_runs(house: House) -> None:
    executor = house.executor()
    reference = await executor.start(house.request("import time; print('now', flush=True); time.sleep(60)"))
    assert text_of(await first_output(executor, reference), Stream.STDOUT) == b"now\n"
    await executor.remove(reference)


async def test_bursts_at_the_very_end_are_never_cut(house: House) -> None:
    code = "import os; os.write(1, b'last words\\n' * 20_000); os._exit(3)"
    for _ in range(10):
        end = await house.run(code)
        assert end.bytes_of(Stream.STDOUT) == b"last words\n" * 20_000
        assert end.ending.exit_code == 3


async def test_a_reader_that_sleeps_neither_blocks_the_program_nor_loses_a_line(house: House) -> None:
    executor = house.executor()
    line = b"y" * 99 + b"\n"
    code = "import sys\nfor _ in range(200_000): sys.stdout.buffer.write(b'y' * 99 + b'\\n')"
    reference = await executor.start(house.request(code))
    ending = await executor.wait(reference)
    assert ending.exit_code == 0
    end = await ended(executor, reference)
    assert end.bytes_of(Stream.STDOUT) == line * 200_000
    await executor.remove(reference)


async def _follow_up_to(executor: DockerExecutor, reference: str, lines: int) -> list[Output]:
    """Follow as a server does that dies in the middle: what was stored is whole batches."""
    seen: list[Output] = []
    count = 0
    async with aclosing(executor.follow(reference, NOTHING_STORED)) as following:
        async for outputs in following:
            seen += outputs
            count += sum(output.lines for output in outputs)
            if count >= lines:
                break
    return seen


def _counts(outputs: Sequence[Output]) -> StreamCounts:
    lines = {stream: sum(output.lines for output in outputs if output.stream is stream) for stream in Stream}
    return StreamCounts(lines[Stream.STDOUT], lines[Stream.STDERR])


@pytest.mark.parametrize("lines", [1, 700, 5_000, 17_000, 30_000, 39_000])
async def test_a_later_server_goes_on_where_the_earlier_died(house: House, lines: int) -> None:
    code = TWO_STREAMS.format(count=20_000) + "sys.stdout.write('half a line')"
    first, second = house.executor(), house.executor()
    reference = await first.start(house.request(code))
    before = await _follow_up_to(first, reference, lines)
    await first.close()
    assert [found.reference for found in await second.find()] == [reference]
    end = await ended(second, reference, _counts(before))
    await second.remove(reference)
    outputs = [*before, *end.outputs]
    assert text_of(outputs, Stream.STDOUT) == numbered("out", 20_000) + b"half a line"
    assert text_of(outputs, Stream.STDERR) == numbered("err", 20_000)
    assert end.ending.exit_code == 0


async def test_a_slow_program_is_adopted_in_the_middle_of_a_line(house: House) -> None:
    code = (
        "import sys, time\n"
        "print('one')\n"
        "sys.stdout.write('tw'); sys.stdout.flush()\n"
        "while not __import__('os').path.exists('/fastflow/run/go'): time.sleep(0.01)\n"
        "print('o')\n"
        "print('three', file=sys.stderr)\n"
    )
    first, second = house.executor(), house.executor()
    request = house.request(code)
    reference = await first.start(request)
    before = await _follow_up_to(first, reference, 1)
    await first.close()
    following = asyncio.create_task(ended(second, reference, _counts(before)))
    await asyncio.to_thread((request.directory / "go").touch)
    end = await following
    await second.remove(reference)
    assert end.bytes_of(Stream.STDOUT) == b"two\n"
    assert end.bytes_of(Stream.STDERR) == b"three\n"


async def test_what_ended_before_it_was_adopted_is_read_to_its_end(house: House) -> None:
    first, second = house.executor(), house.executor()
    reference = await first.start(house.request("print('x' * 100_000); print('é' * 10)"))
    await first.wait(reference)
    await first.close()
    end = await ended(second, reference)
    assert end.bytes_of(Stream.STDOUT) == b"x" * 100_000 + b"\n" + "é".encode() * 10 + b"\n"
    assert end.ending.exit_code == 0
    assert end.ending.peak_memory_bytes is not None
    await second.remove(reference)


async def test_a_stream_that_a_proxy_cut_goes_on_without_a_gap(house: House) -> None:
    code = "import time\nfor number in range(300): print('out', number); time.sleep(0.01)"
    with TemporaryDirectory() as directory:
        socket = Path(directory) / "proxy"
        async with cutting_proxy(socket, house.address.removeprefix("unix://")) as proxy:
            executor = house.executor(address=f"unix://{socket}")
            reference = await executor.start(house.request(code))
            seen: list[Output] = []
            async for outputs in executor.follow(reference, NOTHING_STORED):
                if not seen:
                    proxy.cut_attached()
                seen += outputs
            await executor.remove(reference)
            await executor.close()
    assert text_of(seen, Stream.STDOUT) == numbered("out", 300)
