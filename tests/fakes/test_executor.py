"""What the fake executor does beyond the contract: what tests tell it."""

from datetime import timedelta
from pathlib import Path

import pytest

from fastflow.domain.environment import Environment
from fastflow.domain.errors import Unavailable
from fastflow.domain.execution import AttemptIdentity, ExecutionRequest
from fastflow.domain.log import StreamCounts
from fastflow.domain.ports import Executor
from tests.fakes.clock import FakeClock
from tests.fakes.executor import FakeExecutor


def _request(attempt: int = 1) -> ExecutionRequest:
    nowhere = Path("nowhere")
    environment = Environment("key", "", None, "python3")
    return ExecutionRequest(AttemptIdentity("run", attempt, "pipe", "token"), nowhere, environment, nowhere)


async def test_an_attempt_without_a_script_does_what_the_test_says():
    fake = FakeExecutor()
    executor: Executor = fake
    reference = await executor.start(_request())
    assert (await fake.started("run")).identity.attempt == 1
    output = executor.follow(reference, StreamCounts())
    fake.emit("run", "first")
    assert [o.data for o in await anext(output)] == [b"first\n"]
    fake.write("run", b"rest")
    fake.finish("run", 3)
    assert [(o.data, o.is_partial) async for batch in output for o in batch] == [(b"rest", True)]
    assert (await executor.wait(reference)).exit_code == 3


async def test_two_living_attempts_of_one_run_are_remembered_for_ever():
    fake = FakeExecutor()
    references = [await fake.start(_request(1)), await fake.start(_request(2))]
    for reference in references:
        await fake.remove(reference)
    assert fake.overlaps == ["run"]
    assert fake.left_behind == []


async def test_an_engine_that_is_away_interrupts_all_but_wait():
    fake = FakeExecutor()
    reference = await fake.start(_request())
    fake.go_away()
    assert not (await fake.readiness()).is_ready
    with pytest.raises(Unavailable):
        await fake.find()
    with pytest.raises(Unavailable):
        await anext(aiter(fake.follow(reference, StreamCounts())))
    fake.lose_host()
    fake.come_back()
    assert (await fake.wait(reference)).was_host_lost


async def test_the_grace_of_a_stop_passes_on_the_clock_of_the_test():
    clock = FakeClock()
    fake = FakeExecutor(clock)
    fake.script("pipe", exit_code=None)
    reference = await fake.start(_request())
    await fake.stop(reference, timedelta(seconds=10))
    assert (await fake.wait(reference)).exit_code == 143
