"""The contract of `ports.Executor`, the same for the fake and every real executor."""

import asyncio
import time
from contextlib import suppress
from datetime import timedelta

import pytest

from fastflow.domain.errors import Conflict
from fastflow.domain.limits import Limits
from fastflow.domain.log import Stream, StreamCounts
from fastflow.domain.secret_file import SecretFile
from tests.contract import payloads
from tests.contract.rig import Rig

GRACE = timedelta(seconds=20)


async def _cancelled(task: "asyncio.Task[object]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_it_is_ready_and_says_so_in_one_line(rig: Rig):
    readiness = await rig.executor.readiness()
    assert readiness.is_ready, readiness.message
    assert readiness.message.count("\n") == 0
    assert readiness.message


@pytest.mark.parametrize("code", [0, 1, 3, 255])
async def test_the_exit_code_is_reported(rig: Rig, code: int):
    reference = await rig.start(payloads.exits(code))
    ending = await rig.executor.wait(reference)
    assert ending.exit_code == code
    assert not ending.was_out_of_memory
    assert not ending.was_host_lost


async def test_an_end_by_a_signal_is_128_and_its_number(rig: Rig):
    ending = await rig.executor.wait(await rig.start(payloads.KILLS_ITSELF))
    assert ending.exit_code == 137
    assert not ending.was_out_of_memory


async def test_wait_may_be_called_again_after_the_end(rig: Rig):
    reference = await rig.start(payloads.exits(3))
    first = await rig.executor.wait(reference)
    assert await rig.executor.wait(reference) == first
    assert await rig.another().wait(reference) == first


async def test_both_streams_arrive_complete_in_order_and_told_apart(rig: Rig):
    output = await rig.output(await rig.start(payloads.PRINTS_BOTH_STREAMS))
    for word, stream in (("out", Stream.STDOUT), ("err", Stream.STDERR)):
        expected = "".join(f"{word} {number}\n" for number in range(payloads.COUNTS))
        assert output[stream] == expected.encode()


async def test_lines_carry_the_time_they_were_written_at(rig: Rig):
    # A minute of slack: the clock of an Engine may be another one.
    begin = time.time_ns()
    reference = await rig.start(payloads.PRINTS_BOTH_STREAMS)
    stamps = [o.at_ns async for batch in rig.executor.follow(reference, StreamCounts()) for o in batch]
    assert all(abs(stamp - begin) < 60 * 10**9 for stamp in stamps)


async def test_a_last_line_without_newline_is_kept_and_marked(rig: Rig):
    reference = await rig.start(payloads.ENDS_WITHOUT_A_NEWLINE)
    outputs = [o async for batch in rig.executor.follow(reference, StreamCounts()) for o in batch]
    assert [(o.data, o.is_partial) for o in outputs] == [(b"whole\n", False), (b"rest", True)]


async def test_bytes_that_are_not_utf8_survive(rig: Rig):
    output = await rig.output(await rig.start(payloads.WRITES_INVALID_UTF8))
    assert output[Stream.STDOUT] == payloads.INVALID


async def test_a_line_of_megabytes_stays_one_line(rig: Rig):
    reference = await rig.start(payloads.WRITES_A_LONG_LINE)
    outputs = [o async for batch in rig.executor.follow(reference, StreamCounts()) for o in batch]
    assert [(o.data, o.lines) for o in outputs] == [(payloads.LONG_LINE, 1)]


async def test_following_goes_on_after_the_lines_that_are_stored(rig: Rig):
    reference = await rig.start(payloads.PRINTS_BOTH_STREAMS)
    await rig.executor.wait(reference)
    output = await rig.output(reference, StreamCounts(stdout=payloads.COUNTS - 2, stderr=payloads.COUNTS))
    assert output == {Stream.STDOUT: b"out 298\nout 299\n", Stream.STDERR: b""}


async def test_another_server_finds_a_running_attempt_and_goes_on_with_it(rig: Rig):
    request = rig.request(payloads.SAYS_READY_AND_HANDLES_SIGTERM)
    reference = await rig.start_request(request)
    stored = await rig.until_line(reference, b"ready")
    assert stored == StreamCounts(stdout=1)
    rig.executor = rig.another()
    [found] = [f for f in await rig.executor.find() if f.identity.run_id == request.identity.run_id]
    assert found.reference == reference
    assert found.identity == request.identity
    assert found.is_started
    await rig.executor.stop(found.reference, GRACE)
    assert await rig.output(found.reference, stored) == {Stream.STDOUT: b"bye\n", Stream.STDERR: b""}
    assert (await rig.executor.wait(found.reference)).exit_code == 5


async def test_an_attempt_can_not_be_started_twice(rig: Rig):
    request = rig.request(payloads.SAYS_READY_AND_HANDLES_SIGTERM)
    reference = await rig.start_request(request)
    await rig.until_line(reference, b"ready")
    for executor in (rig.executor, rig.another()):
        with pytest.raises(Conflict) as caught:
            await executor.start(request)
        assert caught.value.code == "already_started"
    await rig.executor.stop(reference, GRACE)
    assert await rig.output(reference) == {Stream.STDOUT: b"ready\nbye\n", Stream.STDERR: b""}


async def test_of_two_servers_that_start_the_same_attempt_one_wins(rig: Rig):
    request = rig.request(payloads.exits(0))
    starts = [rig.start_request(request), rig.another().start(request)]
    results = await asyncio.gather(*starts, return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["Conflict", "str"]
    [reference] = [result for result in results if isinstance(result, str)]
    assert (await rig.executor.wait(reference)).exit_code == 0
    await rig.executor.remove(reference)


async def test_stop_lets_the_payload_say_goodbye(rig: Rig):
    reference = await rig.start(payloads.SAYS_READY_AND_HANDLES_SIGTERM)
    await rig.until_line(reference, b"ready")
    await rig.executor.stop(reference, GRACE)
    assert (await rig.executor.wait(reference)).exit_code == 5
    assert (await rig.output(reference))[Stream.STDOUT] == b"ready\nbye\n"


async def test_what_ignores_sigterm_is_killed_after_the_grace(rig: Rig):
    reference = await rig.start(payloads.IGNORES_SIGTERM)
    await rig.until_line(reference, b"ready")
    await rig.executor.stop(reference, timedelta(seconds=0.2))
    ending = await rig.executor.wait(reference)
    assert ending.exit_code == 137
    assert not ending.was_out_of_memory


async def test_stopping_what_has_ended_is_no_error(rig: Rig):
    reference = await rig.start(payloads.exits(3))
    ending = await rig.executor.wait(reference)
    await rig.executor.stop(reference, GRACE)
    assert await rig.executor.wait(reference) == ending


async def test_remove_ends_what_runs_and_leaves_nothing_behind(rig: Rig):
    reference = await rig.start(payloads.IGNORES_SIGTERM)
    await rig.until_line(reference, b"ready")
    await rig.executor.remove(reference)
    assert reference not in [found.reference for found in await rig.executor.find()]
    await rig.executor.remove(reference)
    await rig.another().stop(reference, GRACE)


async def test_an_ended_attempt_is_found_until_it_is_removed(rig: Rig):
    reference = await rig.start(payloads.exits(0))
    await rig.executor.wait(reference)
    assert [f.is_started for f in await rig.executor.find() if f.reference == reference] == [True]
    await rig.executor.remove(reference)
    assert [f for f in await rig.executor.find() if f.reference == reference] == []


async def test_usage_is_known_of_a_run_shorter_than_a_second(rig: Rig):
    ending = await rig.executor.wait(await rig.start(payloads.USES_CPU_AND_MEMORY))
    assert ending.exit_code == 0
    assert ending.peak_memory_bytes is not None
    assert ending.cpu_seconds is not None
    held, burned = payloads.HELD_MEMORY_BYTES, payloads.BURNED_CPU_SECONDS
    assert held <= ending.peak_memory_bytes < held + 100 * 1024**2
    assert burned <= ending.cpu_seconds < burned + 5


async def test_the_payload_gets_its_variables_arguments_and_files_and_no_input(rig: Rig):
    request = rig.request(
        payloads.SHOWS_WHAT_IT_WAS_GIVEN,
        variables={"GREETING": "héllo = 'wörld'"},
        arguments=("main.py", "--flag"),
    )
    output = await rig.output(await rig.start_request(request))
    assert output[Stream.STDERR] == b""
    assert output[Stream.STDOUT].decode().splitlines() == [
        "héllo = 'wörld'",
        payloads.NEIGHBOUR_TEXT,
        "main.py ['--flag']",
        "True",
    ]


async def test_the_checkout_stays_as_it_was_whatever_the_payload_writes(rig: Rig):
    request = rig.request(payloads.WRITES_INTO_ITS_CODE)
    output = await rig.output(await rig.start_request(request))
    if rig.executor.is_isolating:
        assert output[Stream.STDOUT] == b"refused\n"
    assert (request.checkout / "main.py").read_text() == payloads.WRITES_INTO_ITS_CODE.code


async def test_cancelling_who_watches_leaves_the_attempt_running(rig: Rig):
    reference = await rig.start(payloads.SAYS_READY_AND_HANDLES_SIGTERM)
    stored = await rig.until_line(reference, b"ready")
    await _cancelled(asyncio.create_task(rig.output(reference, stored)))
    await _cancelled(asyncio.create_task(rig.executor.wait(reference)))
    watching = asyncio.create_task(rig.executor.wait(reference))
    await rig.executor.stop(reference, GRACE)
    assert (await watching).exit_code == 5


async def test_two_may_follow_one_attempt_and_both_get_everything(rig: Rig):
    reference = await rig.start(payloads.PRINTS_BOTH_STREAMS)
    one, other = await asyncio.gather(rig.output(reference), rig.output(reference))
    assert one == other
    assert one[Stream.STDOUT].count(b"\n") == payloads.COUNTS


async def test_usage_is_sampled_while_it_runs(rig: Rig):
    reference = await rig.start(payloads.IS_BUSY)
    await rig.until_line(reference, b"ready")
    async with asyncio.timeout(30):
        async for sample in rig.executor.stats(reference):
            assert abs(sample.at_ns - time.time_ns()) < 60 * 10**9
            assert sample.memory_bytes >= 50_000_000
            # Of the two cores it has, others may use a part; never more than the one it can fill.
            if 5 < sample.cpu_percent < 130:
                break


async def test_beyond_its_memory_limit_it_is_killed_and_the_ending_says_why(rig: Rig):
    limits = Limits(memory_bytes=payloads.MEMORY_LIMIT_BYTES)
    reference = await rig.start_request(rig.request(payloads.OUTGROWS_ITS_MEMORY, limits=limits))
    ending = await rig.executor.wait(reference)
    assert (ending.was_out_of_memory, ending.exit_code) == (True, 137)
    assert ending.peak_memory_bytes is not None
    assert ending.peak_memory_bytes > payloads.MEMORY_LIMIT_BYTES * 0.8


async def test_stopping_twice_at_once_and_giving_up_on_a_stop_do_no_harm(rig: Rig):
    reference = await rig.start(payloads.IGNORES_SIGTERM)
    await rig.until_line(reference, b"ready")
    await _cancelled(asyncio.create_task(rig.executor.stop(reference, GRACE)))
    grace = timedelta(seconds=0.2)
    await asyncio.gather(rig.executor.stop(reference, grace), rig.executor.stop(reference, grace))
    assert (await rig.executor.wait(reference)).exit_code == 137


async def test_a_slow_reader_gets_every_line(rig: Rig):
    reference = await rig.start(payloads.PRINTS_BOTH_STREAMS)
    lines = 0
    async for batch in rig.executor.follow(reference, StreamCounts()):
        await rig.executor.wait(reference)
        lines += sum(output.lines for output in batch)
    assert lines == 2 * payloads.COUNTS


async def test_stats_end_with_the_attempt(rig: Rig):
    reference = await rig.start(payloads.exits(0))
    async with asyncio.timeout(30):
        samples = [sample async for sample in rig.executor.stats(reference)]
    assert all(sample.memory_bytes >= 0 for sample in samples)


async def test_a_secret_as_a_file_is_read_by_the_program_alone_and_is_no_variable(rig: Rig):
    request = rig.request(payloads.READS_ITS_SECRET_FILE, secret_files=(SecretFile("KEY", payloads.SECRET),))
    output = await rig.output(await rig.start_request(request))
    expected = b"".join(write.data for write in payloads.READS_ITS_SECRET_FILE.script.writes)
    assert output == {Stream.STDOUT: expected, Stream.STDERR: b""}
    assert payloads.SECRET not in repr(request)
