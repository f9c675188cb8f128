"""What follows a run that has ended: started once, whatever crashes when, and with the reason why."""

import asyncio
from datetime import timedelta

import pytest
from sqlmodel import Session
from structlog.testing import capture_logs

from fastflow.domain.cause import UpstreamCause, cause_of
from fastflow.domain.chaining import LONGEST_CHAIN
from fastflow.domain.events import EventType
from fastflow.domain.outcome import Outcome
from fastflow.domain.run import RunStatus, Trigger
from fastflow.services.chaining import Chaining
from fastflow.store import events
from tests.orchestrator.chained import Start, chained, finished, followers, follows, names
from tests.plugins.world import Instance, World


async def execute(server: Instance, statement: str) -> None:
    """Make the database refuse something, or no longer."""
    await server.database.write(lambda session: session.connection().exec_driver_sql(statement) and None)


async def asked_again(server: Instance, run_id: str) -> None:
    """Ask once more for all that follows a run, as after a crash."""
    chaining = Chaining(server.database, server.runs)
    for request in await chaining.what_follows(run_id):
        await chaining.start(request)


async def end_of(server: Instance, run_id: str) -> int:
    """Return the sequence of the event that says that a run has ended."""
    happened = await server.database.read(lambda session: events.after(session, 0, 10_000))
    return next(e.sequence for e in happened if e.run_id == run_id and e.type is EventType.RUN_FINISHED)


async def test_a_chain_of_three_runs_by_itself_and_each_run_knows_its_upstream(
    world: World, start: Start
) -> None:
    server = await start()
    for name, manifest in (("a", follows("b")), ("b", follows("c")), ("c", None)):
        world.source.put(name, manifest=manifest)
        world.executor.script(name)
    loops = [asyncio.ensure_future(server.parts.loops[name]()) for name in ("chain", "dispatcher")]
    first = await server.trigger("a")

    async def follower(run_id: str) -> str:
        async for _ in server.events.follow(0, quiet_seconds=0.05):
            if found := await followers(server, run_id):
                return found[0].id
        raise AssertionError("events never end")

    second = await follower(first)
    third = await follower(second)
    run = (await server.until(third, RunStatus.SUCCESS)).run
    for loop in loops:
        loop.cancel()
    await asyncio.gather(*loops, return_exceptions=True)
    await server.worker.join()
    assert (run.pipeline_name, run.trigger, run.upstream_run_id) == ("c", Trigger.UPSTREAM, second)
    assert [request.identity.pipeline for request in world.executor.starts] == ["a", "b", "c"]
    variables = world.executor.starts[-1].variables
    assert {name: text for name, text in variables.items() if name.startswith("FASTFLOW_UPSTREAM")} == {
        "FASTFLOW_UPSTREAM_RUN_ID": second,
        "FASTFLOW_UPSTREAM_PIPELINE": "b",
        "FASTFLOW_UPSTREAM_STATUS": "SUCCESS",
        "FASTFLOW_UPSTREAM_OUTCOME": "exited",
        "FASTFLOW_UPSTREAM_ROUTE": "",
    }
    cause = cause_of(run.cause)
    assert isinstance(cause, UpstreamCause)
    assert cause.depth == 2
    assert cause.sentence == f"Run {second} of b ended as SUCCESS."


async def test_a_crash_before_the_chain_saw_the_end_loses_nothing(world: World, start: Start) -> None:
    first = await start()
    world.source.put("up", manifest=follows("down"))
    world.source.put("down")
    run_id = await finished(first, world)
    await first.end()
    second = await start()
    await chained(second)
    assert await names(second, run_id) == ["down"]


async def test_a_crash_between_the_start_and_the_position_doubles_nothing(world: World, start: Start) -> None:
    first = await start()
    world.source.put("up", manifest=follows("down", "other", "nosuch"))
    world.source.put("down")
    world.source.put("other")
    run_id = await finished(first, world)
    await execute(
        first, "CREATE TRIGGER broken BEFORE UPDATE ON cursors BEGIN INSERT INTO nosuch VALUES (1); END"
    )
    await chained(first)
    before = await followers(first, run_id)
    assert len(before) == 3
    await execute(first, "DROP TRIGGER broken")
    second = await start()
    assert await second.parts.chain.begin() == 0, "the position was not stored"
    await chained(second)
    await chained(second)
    assert [run.id for run in await followers(second, run_id)] == [run.id for run in before]
    assert await second.parts.chain.begin() > 0


async def test_two_servers_that_listen_at_once_start_fifty_pipelines_once_each(
    world: World, start: Start
) -> None:
    targets = [f"down-{number:02}" for number in range(50)]
    one, other = await start(), await start(host="other")
    world.source.put("up", manifest=follows(*targets))
    for name in targets:
        world.source.put(name)
    run_id = await finished(one, world)
    await asyncio.gather(chained(one), chained(other))
    await asyncio.gather(chained(one), chained(other))
    assert sorted(await names(one, run_id)) == targets


async def test_a_run_that_is_tried_again_is_followed_after_its_last_attempt_only(
    world: World, start: Start
) -> None:
    server = await start()
    retry = {"retry_attempts": 1, "retry_strategy": {"type": "fixed_delay", "delay": 10}}
    world.source.put("up", manifest=follows({"pipeline": "down", "on_failure": True}, **retry))
    world.source.put("down")
    run_id = await finished(server, world, exit_code=1)
    await chained(server)
    assert await followers(server, run_id) == []
    await world.clock.advance(timedelta(seconds=12))
    await server.claim_all()
    await server.worker.join()
    await chained(server)
    (follower,) = await followers(server, run_id)
    cause = cause_of(follower.cause)
    assert isinstance(cause, UpstreamCause)
    assert (cause.status, cause.outcome) == (RunStatus.FAILED, Outcome.EXITED)


async def test_a_cancelled_run_is_followed_by_nothing(world: World, start: Start) -> None:
    server = await start()
    world.source.put("up", manifest=follows({"pipeline": "down", "on_failure": True}))
    world.source.put("down")
    run_id = await server.trigger("up")
    await server.runs.cancel(run_id)
    await chained(server)
    assert await followers(server, run_id) == []


async def test_what_follows_is_what_the_manifest_said_when_the_run_was_accepted(
    world: World, start: Start
) -> None:
    server = await start()
    world.source.put("up", manifest=follows("down"))
    world.source.put("down")
    run_id = await finished(server, world)
    world.source.put("up", manifest=follows("other"))
    await chained(server)
    assert await names(server, run_id) == ["down"]


async def test_a_run_that_a_user_repeats_is_followed_anew(world: World, start: Start) -> None:
    server = await start()
    world.source.put("up", manifest=follows("down"))
    world.source.put("down")
    world.executor.script("down")
    run_id = await finished(server, world)
    await chained(server)
    again = (await server.runs.retry(run_id, trigger=Trigger.API, with_latest=False)).id
    await server.claim_all()
    await server.worker.join()
    await chained(server)
    assert await names(server, run_id) == ["down"]
    assert await names(server, again) == ["down"]


async def test_a_start_that_is_refused_leaves_one_row_and_the_others_go_on(
    world: World, start: Start
) -> None:
    server = await start()
    world.source.put("up", manifest=follows(
        "nosuch", "disabled", "invalid", {"pipeline": "down", "run_config_id": "weekly"}, "choosy", "down"
    ))  # fmt: skip
    world.source.put("disabled", manifest='{"enabled": false}')
    world.source.put("invalid", manifest='{"timeout": "soon"}')
    world.source.put("choosy", manifest='{"parameters": {"required": ["day"]}}')
    world.source.put("down")
    run_id = await finished(server, world)
    await chained(server)
    await asked_again(server, run_id)
    rows = await followers(server, run_id)
    assert [(run.pipeline_name, run.status, run.outcome) for run in rows] == [
        ("nosuch", RunStatus.SKIPPED, Outcome.REJECTED),
        ("disabled", RunStatus.SKIPPED, Outcome.NOT_STARTED),
        ("invalid", RunStatus.FAILED, Outcome.MANIFEST_INVALID),
        ("down", RunStatus.SKIPPED, Outcome.REJECTED),
        ("choosy", RunStatus.SKIPPED, Outcome.REJECTED),
        ("down", RunStatus.PENDING, None),
    ]
    reasons = [run.reason or "" for run in rows]
    assert "There is no pipeline 'nosuch'" in reasons[0]
    assert "weekly" in reasons[3]
    assert "day" in reasons[4]
    assert all(run.upstream_run_id == run_id for run in rows)


async def test_a_trigger_may_name_the_schedule_whose_settings_are_used(world: World, start: Start) -> None:
    server = await start()
    world.source.put("up", manifest=follows({"pipeline": "down", "run_config_id": "big"}))
    schedule = {"id": "big", "schedule_cron": "0 3 * * *", "timeout": 77, "default_env": {"SIZE": "big"}}
    world.source.put("down", manifest=follows(schedules=[schedule]))
    run_id = await finished(server, world)
    await chained(server)
    (run,) = await followers(server, run_id)
    assert run.spec["timeout_seconds"] == 77
    assert run.spec["default_variables"] == {"SIZE": "big"}


async def test_pipelines_that_start_each_other_are_cut_after_a_hundred_runs(
    world: World, start: Start
) -> None:
    server = await start(slots=1)
    world.source.put("a", manifest=follows("b"))
    world.source.put("b", manifest=follows("a"))
    world.executor.script("b")
    run_id = await finished(server, world, "a")
    ran = 0
    while True:
        await chained(server)
        (run,) = await followers(server, run_id)
        if run.status is RunStatus.SKIPPED:
            break
        ran, run_id = ran + 1, run.id
        await server.claim_all()
        await server.worker.join()
    assert ran == LONGEST_CHAIN
    assert "100 runs have started each other" in (run.reason or "")


@pytest.mark.parametrize("is_forever", [False, True])
async def test_an_error_that_nobody_foresaw_holds_up_neither_the_siblings_nor_the_chain(
    world: World, start: Start, is_forever: bool
) -> None:
    server = await start()
    world.source.put("up", manifest=follows("cursed", "down"))
    world.source.put("cursed")
    world.source.put("down")
    await execute(
        server,
        "CREATE TRIGGER curse BEFORE INSERT ON runs WHEN NEW.pipeline_name = 'cursed' "
        "BEGIN SELECT RAISE(ABORT, 'cursed'); END",
    )
    chain = server.parts.chain
    first = await finished(server, world)
    with capture_logs() as logs:  # to print a traceback reads the files of its frames
        await chained(server)
    assert [entry["event"] for entry in logs] == ["can't start what follows"]
    assert await names(server, first) == ["down"]
    assert await chain.begin() < await end_of(server, first), "what failed is before the position"
    if not is_forever:
        await execute(server, "DROP TRIGGER curse")
    with capture_logs() as logs:
        await chained(server)
        for _ in range(3):
            await world.clock.advance(timedelta(seconds=3))
            await chain.tick([])
    assert len(logs) == (3 if is_forever else 0)
    assert await names(server, first) == (["down"] if is_forever else ["down", "cursed"])
    assert await chain.begin() >= await end_of(server, first), "the chain has gone on"


async def test_while_the_database_refuses_nothing_is_skipped(world: World, start: Start) -> None:
    server = await start()
    world.source.put("up", manifest=follows("down"))
    world.source.put("down")
    runs = [await finished(server, world) for _ in range(3)]
    await execute(
        server, "CREATE TRIGGER curse BEFORE INSERT ON runs BEGIN INSERT INTO nosuch VALUES (1); END"
    )
    chain = server.parts.chain
    await chained(server)
    for _ in range(5):
        await world.clock.advance(timedelta(seconds=3))
        await chain.tick([])
    assert [await names(server, run_id) for run_id in runs] == [[], [], []]
    await execute(server, "DROP TRIGGER curse")
    await chain.tick([])
    assert [await names(server, run_id) for run_id in runs] == [[], [], []], "it waits a moment first"
    await world.clock.advance(timedelta(seconds=3))
    await chain.tick([])
    assert [await names(server, run_id) for run_id in runs] == [["down"]] * 3


async def test_among_events_that_start_nothing_the_position_is_stored_now_and_then(
    world: World, start: Start
) -> None:
    server = await start()

    async def happen(times: int) -> None:
        def work(session: Session) -> None:
            for _ in range(times):
                events.append(session, EventType.PIPELINE_CHANGED, world.clock.now())

        await server.database.write(work)
        await chained(server)

    await happen(50)
    assert await server.parts.chain.begin() == 0
    await happen(200)
    assert await server.parts.chain.begin() == 250
