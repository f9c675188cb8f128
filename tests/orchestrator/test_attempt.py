"""The life of an attempt, told by what users see of it."""

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta

from fastflow.domain.environment import EnvironmentFailed
from fastflow.domain.errors import Unavailable
from fastflow.domain.outcome import Blame, Outcome
from fastflow.domain.run import RunStatus
from tests.plugins.world import Instance, World

Start = Callable[..., Awaitable[Instance]]
RETRY_TWICE = '{"retry_attempts": 2, "retry_strategy": {"type": "fixed_delay", "delay": 10}}'


async def test_a_run_that_exits_with_0_is_a_success_with_its_lines(world: World, start: Start) -> None:
    server = await start()
    world.source.put("p")
    world.executor.script("p", lines=["one", "two"])
    run_id = await server.trigger()
    assert await server.claim_all() == 1
    await server.worker.join()
    whole = await server.get(run_id)
    assert (whole.run.status, whole.run.outcome, whole.run.exit_code) == (
        RunStatus.SUCCESS,
        Outcome.EXITED,
        0,
    )
    assert whole.run.started_at is not None
    assert await server.lines(run_id) == ["one", "two"]
    assert world.executor.left_behind == []
    assert not list((world.path / "attempts").iterdir())


async def test_a_run_that_exits_with_3_has_failed_and_says_so(world: World, start: Start) -> None:
    server = await start()
    world.source.put("p")
    world.executor.script("p", exit_code=3)
    run_id = await server.trigger()
    await server.claim_all()
    await server.worker.join()
    run = (await server.get(run_id)).run
    assert (run.status, run.exit_code, run.blame) == (RunStatus.FAILED, 3, Blame.PIPELINE)
    assert run.reason == "Failed with exit code 3."


async def test_a_failed_run_is_tried_again_after_its_delay_holding_no_slot(
    world: World, start: Start
) -> None:
    server = await start(slots=1)
    world.source.put("p", manifest=RETRY_TWICE)
    world.source.put("other")
    world.executor.script("p", lines=["x"], exit_code=1)
    world.executor.script("other")
    run_id = await server.trigger()
    await server.claim_all()
    await server.worker.join()
    assert (await server.get(run_id)).run.status is RunStatus.RETRYING
    await server.trigger("other")
    assert await server.claim_all() == 1, "the waiting retry must not hold the only slot"
    await server.worker.join()
    for _ in range(2):
        await world.clock.advance(timedelta(seconds=12))
        assert await server.claim_all() == 1
        await server.worker.join()
    whole = await server.get(run_id)
    assert whole.run.status is RunStatus.FAILED
    assert [attempt.number for attempt in whole.attempts] == [1, 2, 3]
    assert await server.lines(run_id) == ["x", "x", "x"]
    assert await server.claim_all() == 0


async def test_every_attempt_of_a_run_executes_the_same_revision(world: World, start: Start) -> None:
    server = await start()
    first = world.source.put("p", manifest=RETRY_TWICE)
    world.executor.script("p", exit_code=1)
    run_id = await server.trigger()
    await server.claim_all()
    await server.worker.join()
    world.source.put("p", {"main.py": "print('new')"}, manifest=RETRY_TWICE)
    await world.clock.advance(timedelta(seconds=12))
    await server.claim_all()
    await server.worker.join()
    assert {request.checkout.name for request in world.executor.starts} == {first}
    assert (await server.get(run_id)).run.revision == first


async def test_requirements_that_can_not_be_met_fail_the_run_without_ever_running(
    world: World, start: Start
) -> None:
    server = await start()
    world.source.put("p", manifest=RETRY_TWICE)
    world.environments.fail(EnvironmentFailed("No solution found: nosuch>1"))
    run_id = await server.trigger()
    await server.claim_all()
    await server.worker.join()
    run = (await server.get(run_id)).run
    assert (run.status, run.outcome) == (RunStatus.FAILED, Outcome.ENVIRONMENT_FAILED)
    assert run.blame is Blame.PIPELINE
    assert "No solution found" in (run.reason or "")
    assert run.started_at is None
    assert world.executor.starts == []


async def test_a_run_waits_in_the_queue_while_the_engine_is_away(world: World, start: Start) -> None:
    server = await start()
    world.source.put("p")
    world.executor.script("p")
    world.executor.fail_start("p", Unavailable("executor_unavailable", "The Engine does not answer."))
    run_id = await server.trigger()
    await server.claim_all()
    await server.worker.join()
    run = (await server.get(run_id)).run
    assert run.status is RunStatus.PENDING
    assert "The Engine does not answer" in (run.reason or "")
    await world.clock.advance(timedelta(seconds=5))
    assert await server.claim_all() == 1
    await server.worker.join()
    run = (await server.get(run_id)).run
    assert (run.status, run.attempt_count) == (RunStatus.SUCCESS, 1)


async def test_a_run_over_its_time_limit_is_stopped(world: World, start: Start) -> None:
    server = await start()
    world.source.put("p", manifest='{"timeout": 60}')
    run_id = await server.trigger()
    await server.claim_all()
    await world.executor.started(run_id)
    await server.until(run_id, RunStatus.RUNNING)
    await world.clock.until_sleeping()
    await world.clock.advance(timedelta(seconds=60))
    await server.worker.join()
    run = (await server.get(run_id)).run
    assert (run.status, run.outcome) == (RunStatus.FAILED, Outcome.TIMED_OUT)
    assert "60 seconds" in (run.reason or "")


async def test_a_cancelled_run_is_stopped_and_not_retried(world: World, start: Start) -> None:
    server = await start()
    world.source.put("p", manifest=RETRY_TWICE)
    run_id = await server.trigger()
    await server.claim_all()
    await server.until(run_id, RunStatus.RUNNING)
    await server.runs.cancel(run_id)
    await server.worker.join()
    run = (await server.get(run_id)).run
    assert (run.status, run.outcome) == (RunStatus.CANCELLED, Outcome.CANCELLED)
    await world.clock.advance(timedelta(hours=1))
    assert await server.claim_all() == 0
    assert len(world.executor.starts) == 1


async def test_a_cancel_wins_although_the_program_ends_by_itself(world: World, start: Start) -> None:
    server = await start()
    world.source.put("p", manifest=RETRY_TWICE)
    run_id = await server.trigger()
    await server.claim_all()
    await server.until(run_id, RunStatus.RUNNING)
    await server.runs.cancel(run_id)
    world.executor.finish(run_id, 0)
    await server.worker.join()
    assert (await server.get(run_id)).run.status is RunStatus.CANCELLED


async def test_a_run_is_cancelled_while_its_environment_is_made(world: World, start: Start) -> None:
    server = await start()
    world.source.put("p")
    world.environments.hold()
    run_id = await server.trigger()
    await server.claim_all()
    await world.environments.was_asked.wait()
    await server.runs.cancel(run_id)
    await server.worker.join()
    run = (await server.get(run_id)).run
    assert run.status is RunStatus.CANCELLED
    assert world.executor.starts == []


async def test_out_of_memory_names_limit_and_field(world: World, start: Start) -> None:
    server = await start()
    world.source.put("p", manifest='{"mem_hard_limit": "128m"}')
    world.executor.script("p", oom=True)
    run_id = await server.trigger()
    await server.claim_all()
    await server.worker.join()
    run = (await server.get(run_id)).run
    assert (run.outcome, run.exit_code) == (Outcome.OUT_OF_MEMORY, 137)
    assert "128 MiB" in (run.reason or "")


async def test_crossing_a_soft_limit_is_a_warning_and_nothing_else(world: World, start: Start) -> None:
    server = await start()
    world.source.put("p", manifest='{"mem_soft_limit": "64m", "cpu_soft_limit": 0.5}')
    run_id = await server.trigger()
    await server.claim_all()
    await server.until(run_id, RunStatus.RUNNING)
    world.executor.use(run_id, cpu_percent=80, memory_bytes=65 * 1024 * 1024)
    async for _ in server.logs.beats(run_id, every_seconds=0.01):
        if await server.logs.samples(run_id):
            break
    world.executor.finish(run_id)
    await server.worker.join()
    run = (await server.get(run_id)).run
    assert run.status is RunStatus.SUCCESS
    assert len(run.warnings) == 2


async def test_a_log_that_was_cut_is_a_warning_with_the_remedy(world: World, start: Start) -> None:
    world.log_bytes = 4096
    server = await start()
    world.source.put("p")
    run_id = await server.trigger()
    await server.claim_all()
    await server.until(run_id, RunStatus.RUNNING)
    world.executor.write(run_id, b"a line of an endless log\n" * 1000)
    world.executor.finish(run_id)
    await server.worker.join()
    run = (await server.get(run_id)).run
    (warning,) = run.warnings
    assert run.status is RunStatus.SUCCESS
    assert re.fullmatch(r"The log reached .* after [1-9]\d{1,2} lines; .* raise LOG_MAX_SIZE_MB\.", warning)


async def test_a_run_has_the_servers_network_unless_its_manifest_wants_none(
    world: World, start: Start
) -> None:
    server = await start()
    world.source.put("p", manifest='{"network": "none"}')
    world.source.put("other")
    alone, usual = await server.trigger(), await server.trigger("other")
    await server.claim_all()
    assert (await world.executor.started(alone)).network == "none"
    assert (await world.executor.started(usual)).network == "bridge"
