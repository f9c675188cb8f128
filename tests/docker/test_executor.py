"""Starting, finding, stopping, measuring and removing, and what happens where that can't be done."""

import asyncio
import time
from contextlib import aclosing
from datetime import timedelta
from pathlib import Path

import pytest

from fastflow.adapters.docker.container_spec import attempt_spec
from fastflow.adapters.docker.containers import Containers
from fastflow.adapters.docker.exit_watch import ExitWatch
from fastflow.adapters.docker.sampling import samples
from fastflow.domain.errors import Conflict, Unavailable
from fastflow.domain.limits import Limits
from fastflow.domain.line_splitter import NOTHING_STORED
from fastflow.domain.log import Stream
from tests.docker.house import House, ended, first_output

SLEEP = "import time; print('ready', flush=True); time.sleep(60)"
GRACE = timedelta(seconds=1)


async def test_an_attempt_is_not_started_twice_under_one_identity(house: House) -> None:
    executor = house.executor()
    request = house.request(SLEEP)
    reference = await executor.start(request)
    with pytest.raises(Conflict) as raised:
        await house.executor().start(request)
    assert raised.value.code == "already_started"
    assert [found.reference for found in await executor.find()] == [reference]
    await executor.remove(reference)


async def test_find_tells_whose_attempt_it_is_and_sees_no_other_installation(
    house: House, other_house: House
) -> None:
    executor, other = house.executor(), other_house.executor()
    request = house.request(SLEEP)
    reference = await executor.start(request)
    (found,) = await executor.find()
    assert found.identity == request.identity
    assert found.is_started
    assert await other.find() == []
    await executor.remove(reference)
    assert await executor.find() == []


async def test_a_container_that_a_crash_left_unstarted_is_found_as_such(
    house: House, containers: Containers
) -> None:
    executor = house.executor()
    request = house.request(SLEEP)
    reference = await containers.create(
        request.identity.name, attempt_spec(request, house.image, house.confinement)
    )
    (found,) = await executor.find()
    assert (found.reference, found.is_started) == (reference, False)
    ending = await executor.wait(reference)
    assert ending.exit_code is None
    assert "never ran" in ending.detail
    await executor.stop(reference, GRACE)
    await executor.remove(reference)


async def test_a_missing_image_is_named_and_nothing_is_left(house: House) -> None:
    executor = house.executor(image="fastflow-no-such-image:none")
    with pytest.raises(Unavailable) as raised:
        await executor.start(house.request(""))
    assert raised.value.code == "image_missing"
    assert "fastflow-no-such-image" in raised.value.message
    assert await executor.find() == []


async def test_a_start_that_the_engine_refuses_leaves_nothing(house: House) -> None:
    executor = house.executor()
    with pytest.raises(Unavailable) as raised:
        await executor.start(house.request("", network="no-such-network"))
    assert "no-such-network" in raised.value.message
    assert await executor.find() == []


@pytest.mark.parametrize("seconds", [0.0, 0.002, 0.01, 0.03, 0.1])
async def test_a_start_that_is_given_up_leaves_nothing_or_something_to_adopt(
    house: House, seconds: float
) -> None:
    executor = house.executor()
    starting = asyncio.create_task(executor.start(house.request(SLEEP)))
    await asyncio.wait([starting], timeout=seconds)
    starting.cancel()
    await asyncio.gather(starting, return_exceptions=True)
    for found in await executor.find():
        assert found.is_started
        await executor.remove(found.reference)


async def test_an_engine_that_is_away_is_unavailable(house: House) -> None:
    executor = house.executor(address="unix:///nowhere/docker.sock")
    readiness = await executor.readiness()
    assert not readiness.is_ready
    assert "/nowhere/docker.sock" in readiness.message
    for refused in (executor.start(house.request("")), executor.find(), executor.remove("gone")):
        with pytest.raises(Unavailable) as raised:
            await refused
        assert raised.value.code == "executor_unavailable"


async def test_a_present_engine_with_an_image_is_ready(house: House) -> None:
    assert (await house.executor().readiness()).is_ready


async def test_who_ignores_being_asked_is_killed_after_the_grace(house: House) -> None:
    executor = house.executor()
    code = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEP}"
    reference = await executor.start(house.request(code))
    await first_output(executor, reference)
    began = time.monotonic()
    await executor.stop(reference, GRACE)
    assert 0.9 < time.monotonic() - began < 8
    end = await ended(executor, reference)
    assert end.ending.exit_code == 137
    assert not end.ending.was_host_lost
    await executor.stop(reference, GRACE)
    await executor.remove(reference)


async def test_a_program_without_a_handler_ends_at_once_when_asked(house: House) -> None:
    executor = house.executor()
    reference = await executor.start(house.request(SLEEP))
    began = time.monotonic()
    await executor.stop(reference, timedelta(seconds=30))
    assert time.monotonic() - began < 5
    assert (await executor.wait(reference)).exit_code == 143
    await executor.remove(reference)


@pytest.mark.parametrize("signal", [9, 11, 15])
async def test_the_log_of_a_killed_program_holds_its_own_words_only(house: House, signal: int) -> None:
    executor = house.executor()
    code = f"import os, sys; print('mine', file=sys.stderr, flush=True); os.kill(os.getpid(), {signal})"
    reference = await executor.start(house.request(code))
    end = await ended(executor, reference)
    assert end.bytes_of(Stream.STDERR) == b"mine\n"
    assert end.ending.exit_code == 128 + signal
    await executor.remove(reference)


async def test_what_is_gone_can_be_asked_about(house: House) -> None:
    executor = house.executor()
    gone = "f" * 64
    assert [batch async for batch in executor.follow(gone, NOTHING_STORED)] == []
    assert [sample async for sample in executor.stats(gone)] == []
    ending = await executor.wait(gone)
    assert ending.exit_code is None
    assert ending.was_host_lost
    await executor.stop(gone, GRACE)
    await executor.remove(gone)


@pytest.mark.parametrize("round_number", range(5))
async def test_what_was_just_started_can_be_stopped_at_once(house: House, round_number: int) -> None:
    executor = house.executor()
    code = f"import os; os.write({round_number % 2 + 1}, b'first words'); {SLEEP}"
    reference = await executor.start(house.request(code))
    await executor.stop(reference, GRACE)
    assert (await executor.wait(reference)).exit_code in (137, 143)
    await executor.remove(reference)


async def test_removing_ends_what_runs(house: House) -> None:
    executor = house.executor()
    reference = await executor.start(house.request(SLEEP))
    await executor.remove(reference)
    await executor.remove(reference)
    assert await executor.find() == []


async def test_samples_come_soon_and_tell_cpu_and_memory(house: House) -> None:
    executor = house.executor()
    code = "x = b'x' * (60 * 1024**2)\nprint('busy', flush=True)\nwhile True: pass"
    reference = await executor.start(house.request(code, limits=Limits(cpu_cores=1)))
    await first_output(executor, reference)
    began = time.monotonic()
    async with aclosing(executor.stats(reference)) as measured:
        sample = await anext(measured)
    assert time.monotonic() - began < 1
    assert 1 < sample.cpu_percent < 150
    assert 55 * 1024**2 < sample.memory_bytes < 150 * 1024**2
    await executor.remove(reference)


async def test_samples_end_with_the_attempt(house: House) -> None:
    executor = house.executor()
    reference = await executor.start(house.request("import time; time.sleep(0.4)"))
    assert [sample async for sample in executor.stats(reference)]
    await executor.remove(reference)


async def test_where_the_kernels_files_are_out_of_reach_the_engine_measures(
    house: House, containers: Containers, tmp_path: Path
) -> None:
    executor = house.executor()
    reference = await executor.start(house.request("while True: pass", limits=Limits(cpu_cores=1)))
    watch = ExitWatch(containers, reference)
    async with aclosing(samples(containers, reference, watch, tmp_path / "no-cgroups")) as measured:
        sample = await anext(measured)
    assert 1 < sample.cpu_percent < 150
    assert 1024**2 < sample.memory_bytes < 100 * 1024**2
    await executor.remove(reference)
    await watch.close()
