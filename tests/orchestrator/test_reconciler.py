"""What a server finds after a crash, and what it makes of it."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

from fastflow.domain.execution import Found
from fastflow.domain.log import LogKey
from fastflow.domain.outcome import Outcome
from fastflow.domain.run import AttemptStatus, RunStatus
from fastflow.orchestrator.reconciler import Reconciler
from tests.fakes.executor import FakeExecutor
from tests.plugins.world import Instance, World

Start = Callable[..., Awaitable[Instance]]


async def running(server: Instance) -> str:
    run_id = await server.trigger()
    await server.claim_all()
    await server.until(run_id, RunStatus.RUNNING)
    return run_id


async def test_a_running_attempt_is_adopted_and_its_log_goes_on(world: World, start: Start) -> None:
    world.source.put("p")
    first = await start()
    run_id = await running(first)
    world.executor.emit(run_id, "before")
    await first.logs_reach(run_id, 1)
    await first.end()
    world.executor.emit(run_id, "meanwhile")
    second = await start()
    await second.reconciler.tick()
    world.executor.emit(run_id, "after")
    world.executor.finish(run_id)
    await second.worker.join()
    assert (await second.get(run_id)).run.status is RunStatus.SUCCESS
    assert await second.lines(run_id) == ["before", "meanwhile", "after"]
    assert len(world.executor.starts) == 1
    assert world.executor.left_behind == []


async def test_an_attempt_that_ended_meanwhile_is_concluded(world: World, start: Start) -> None:
    world.source.put("p")
    first = await start()
    run_id = await running(first)
    await first.end()
    world.executor.emit(run_id, "last words")
    world.executor.finish(run_id, 5)
    second = await start()
    await second.reconciler.tick()
    await second.worker.join()
    run = (await second.get(run_id)).run
    assert (run.status, run.exit_code) == (RunStatus.FAILED, 5)
    assert await second.lines(run_id) == ["last words"]


async def test_an_attempt_whose_container_is_nowhere_is_lost_and_gives_its_slot_back(
    world: World, start: Start
) -> None:
    world.source.put("p")
    first = await start(slots=1)
    run_id = await running(first)
    await first.end()
    for reference in world.executor.left_behind:
        await world.executor.remove(reference)
    second = await start(slots=1)
    await second.reconciler.tick()
    run = (await second.get(run_id)).run
    assert (run.status, run.outcome) == (RunStatus.FAILED, Outcome.HOST_LOST)
    await second.trigger()
    assert await second.claim_all() == 1


async def test_a_claim_of_which_nothing_was_started_goes_back_to_the_queue(
    world: World, start: Start
) -> None:
    world.source.put("p")
    world.executor.script("p")
    first = await start()
    world.executor.hold_starts()
    run_id = await first.trigger()
    await first.claim_all()
    await first.end()
    world.executor.release_starts()
    second = await start()
    await second.reconciler.tick()
    assert await second.claim_all() == 1
    await second.worker.join()
    whole = await second.get(run_id)
    assert whole.run.status is RunStatus.SUCCESS
    assert len(whole.attempts) == 1


async def test_a_container_that_belongs_to_nobody_is_removed(world: World, start: Start) -> None:
    world.source.put("p")
    first = await start()
    run_id = await running(first)
    leftover = world.executor.starts[0]
    world.executor.finish(run_id)
    await first.worker.join()
    world.executor.place_unstarted(leftover)
    await first.reconciler.tick()
    assert world.executor.left_behind == []


async def test_attempts_that_are_worked_on_are_left_alone(world: World, start: Start) -> None:
    world.source.put("p")
    server = await start()
    run_id = await running(server)
    await world.clock.advance(timedelta(minutes=5))
    await server.reconciler.tick()
    assert world.executor.is_alive(run_id)
    world.executor.finish(run_id)
    await server.worker.join()
    assert (await server.get(run_id)).run.status is RunStatus.SUCCESS
    assert len(world.executor.starts) == 1


async def test_a_cancel_that_came_while_the_server_was_down_is_carried_out(
    world: World, start: Start
) -> None:
    world.source.put("p")
    first = await start()
    run_id = await running(first)
    await first.worker.stop()
    await first.runs.cancel(run_id)
    await first.end()
    second = await start()
    await second.reconciler.tick()
    await second.worker.join()
    assert (await second.get(run_id)).run.status is RunStatus.CANCELLED
    assert not world.executor.is_alive(run_id)


async def test_a_time_limit_that_passed_while_the_server_was_down_is_enforced(
    world: World, start: Start
) -> None:
    world.source.put("p", manifest='{"timeout": 60}')
    first = await start()
    run_id = await running(first)
    await first.end()
    await world.clock.advance(timedelta(minutes=2))
    second = await start()
    await second.reconciler.tick()
    await second.worker.join()
    assert (await second.get(run_id)).run.outcome is Outcome.TIMED_OUT


async def test_another_host_takes_over_only_after_the_lease_has_run_out(world: World, start: Start) -> None:
    world.source.put("p")
    first = await start(host="one")
    run_id = await running(first)
    await first.end()
    other = await start(host="two")
    await other.reconciler.tick()
    assert not other.worker.live
    await world.clock.advance(timedelta(seconds=31))
    await other.reconciler.tick()
    assert len(other.worker.live) == 1
    world.executor.finish(run_id)
    await other.worker.join()
    assert (await other.get(run_id)).run.status is RunStatus.SUCCESS


async def test_a_worker_whose_lease_was_taken_over_leaves_container_and_log_to_its_successor(
    world: World, start: Start
) -> None:
    world.source.put("p")
    server = await start()
    run_id = await running(server)
    (attempt,) = (await server.get(run_id)).attempts
    assert await server.attempts.take_over(attempt) is not None
    world.executor.finish(run_id)
    await server.worker.join()
    whole = await server.get(run_id)
    assert (whole.run.status, whole.attempts[0].status) == (RunStatus.RUNNING, AttemptStatus.RUNNING)
    assert len(world.executor.left_behind) == 1
    assert not (await server.tools.logs.state(LogKey(run_id, 1))).is_complete
    await server.reconciler.tick()
    await server.worker.join()
    assert (await server.get(run_id)).run.status is RunStatus.SUCCESS
    assert world.executor.left_behind == []


async def test_an_attempt_that_was_given_up_while_containers_were_listed_is_not_declared_lost(
    world: World, start: Start
) -> None:
    world.source.put("p")
    server = await start()

    class ListedTooEarly(FakeExecutor):
        """Lists before the attempt is there; meanwhile the attempt starts and its worker lets go of it."""

        async def find(self) -> list[Found]:
            await server.worker.stop()
            return []

    run_id = await running(server)
    early = Reconciler(replace(server.tools, executor=ListedTooEarly()), server.worker)
    await early.tick()
    assert (await server.get(run_id)).run.status is RunStatus.RUNNING
    await server.reconciler.tick()
    world.executor.finish(run_id)
    await server.worker.join()
    assert (await server.get(run_id)).run.status is RunStatus.SUCCESS
