"""Downtime, pauses and changes: every occurrence is accounted for, and its fate can be asked for."""

from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from fastflow.domain.errors import Invalid, NotFound
from fastflow.domain.manifest import Schedule
from fastflow.domain.occurrence import OccurrenceStatus
from fastflow.domain.run import RunStatus
from fastflow.domain.schedule import count_between, rule_of
from fastflow.services.ledger_answers import AnswerCode
from fastflow.services.retention import LEDGER_KEPT_FOR, Retention
from fastflow.store import occurrences
from tests.plugins.world import Instance, World
from tests.scheduling import (
    HOUR,
    MINUTE,
    SECOND,
    due_of,
    fired,
    ledger_of,
    paced,
    runs_of,
    schedule_of,
    scheduled,
)

Start = Callable[..., Awaitable[Instance]]


async def down_for(world: World, server: Instance, duration: timedelta, start: Start) -> Instance:
    """End the server, let time pass, start another and let it settle what is due."""
    await server.end()
    await world.clock.advance(duration)
    again = await start()
    await again.parts.scheduling.scheduler.tick()
    return again


def fates(rows: list[occurrences.OccurrenceRow]) -> Counter[str]:
    """Count occurrences by what became of them."""
    counted: Counter[str] = Counter()
    for row in rows:
        counted[row.status.value] += row.count
    return counted


async def test_the_last_of_the_missed_runs_and_stands_for_the_others(world: World, start: Start) -> None:
    scheduled(world, schedule_cron="0 * * * *")
    server = await start()
    await server.pipelines.refresh()
    server = await down_for(world, server, 5 * HOUR + 10 * MINUTE, start)
    assert fates(await ledger_of(server)) == {"coalesced": 4, "waiting": 1}
    await paced(server)
    (run,) = await runs_of(server)
    cause = due_of(run)
    assert (cause.is_late, cause.coalesced) == (True, 4)
    rows = await ledger_of(server)
    assert fates(rows) == {"coalesced": 4, "run": 1}
    assert {row.run_id for row in rows} == {run.id}


async def test_missed_ones_are_coalesced_into_one_that_is_on_time(world: World, start: Start) -> None:
    scheduled(world, schedule_cron="0 * * * *")
    server = await start()
    await server.pipelines.refresh()
    server = await down_for(world, server, 3 * HOUR + 10 * SECOND, start)
    (run,) = await runs_of(server)
    cause = due_of(run)
    assert (cause.is_late, cause.coalesced) == (False, 2)
    assert {row.run_id for row in await ledger_of(server)} == {run.id}
    assert not await paced(server)


async def test_with_catch_up_none_nothing_missed_runs(world: World, start: Start) -> None:
    scheduled(world, schedule_cron="0 * * * *", catch_up="none")
    server = await start()
    await server.pipelines.refresh()
    server = await down_for(world, server, 5 * HOUR + 10 * MINUTE, start)
    assert await runs_of(server) == []
    assert {(row.status, row.code) for row in await ledger_of(server)} == {
        (OccurrenceStatus.SKIPPED, "missed")
    }


async def test_caught_up_runs_take_half_of_the_slots_at_most_oldest_first_and_in_turns(
    world: World, start: Start
) -> None:
    for name in ("a", "b"):
        scheduled(world, name, schedule_cron="0 * * * *", catch_up="all", catch_up_limit=5)
    server = await start()
    await server.pipelines.refresh()
    await server.end()
    await world.clock.advance(8 * HOUR + 10 * MINUTE)
    server = await start(slots=4)
    await server.parts.scheduling.scheduler.tick()
    order: list[str] = []
    for left in range(10, 0, -1):
        has_more = await paced(server)
        active = [
            run for name in "ab" for run in await runs_of(server, name) if run.status is RunStatus.PENDING
        ]
        assert len(active) == min(2, left)
        assert has_more == (left > 2)
        first = min(active, key=lambda run: run.id)
        order.append(first.pipeline_name)
        await server.runs.cancel(first.id)
    assert order == ["a", "b"] * 5
    dues = [due_of(run).due_at.hour for run in await runs_of(server, "a")]
    assert dues == [4, 5, 6, 7, 8]
    assert fates(await ledger_of(server, "a")) == {"skipped": 3, "run": 5}


async def test_what_waits_is_skipped_when_its_schedule_is_paused(world: World, start: Start) -> None:
    scheduled(world, schedule_cron="0 * * * *")
    server = await start()
    await server.pipelines.refresh()
    server = await down_for(world, server, 5 * HOUR + 10 * MINUTE, start)
    row = await schedule_of(server)
    await server.schedules.pause(row.id, "month's end", "Ada")
    assert not await paced(server)
    assert await runs_of(server) == []
    rows = await ledger_of(server)
    assert fates(rows) == {"skipped": 5}
    assert "Ada paused the schedule" in str(rows[0].reason)
    assert "month's end" in str(rows[0].reason)


async def test_what_waits_is_skipped_when_its_pipeline_vanishes(world: World, start: Start) -> None:
    scheduled(world, schedule_cron="0 * * * *")
    server = await start()
    await server.pipelines.refresh()
    row = await schedule_of(server)
    server = await down_for(world, server, 5 * HOUR + 10 * MINUTE, start)
    world.source.drop("p")
    await server.pipelines.refresh()
    assert not await paced(server)
    entries, _ = await server.ledger.page(row.id, 10, None, None)
    assert {(entry.status, entry.code) for entry, _ in entries} == {(OccurrenceStatus.SKIPPED, "removed")}


async def test_nothing_is_caught_up_after_a_pause_and_the_pause_outlives_a_restart(
    world: World, start: Start
) -> None:
    scheduled(world, schedule_cron="0 * * * *", catch_up="all")
    server = await start()
    await server.pipelines.refresh()
    row = await schedule_of(server)
    await server.schedules.pause(row.id, None, None)
    server = await down_for(world, server, 3 * HOUR, start)
    await server.schedules.resume(row.id)
    await world.clock.advance(HOUR)
    await fired(server)
    assert not await paced(server)
    assert fates(await ledger_of(server)) == {"skipped": 3, "run": 1}
    assert len(await runs_of(server)) == 1


async def test_a_clock_that_is_set_back_fires_nothing_twice_and_does_not_silence_a_schedule(
    world: World, start: Start
) -> None:
    scheduled(world, schedule_interval_seconds=60)
    server = await start()
    await server.pipelines.refresh()
    scheduler = server.parts.scheduling.scheduler
    await scheduler.tick()
    for _ in range(3):
        await world.clock.advance(MINUTE)
        await scheduler.tick()
    await world.clock.advance(240 * HOUR)  # somebody sets a wrong date
    await scheduler.tick()
    world.clock.set_back(242 * HOUR)
    await scheduler.tick()
    before = len(await runs_of(server))
    world.clock.set_back(-2 * HOUR)
    await scheduler.tick()
    for _ in range(2):
        await world.clock.advance(MINUTE)
        await scheduler.tick()
    dues = [due_of(run).due_at for run in await runs_of(server)]
    assert len(dues) == len(set(dues))
    assert len(dues) >= before + 2


@pytest.mark.parametrize("policy", ["none", "last", "all"])
@pytest.mark.timeout(300)
async def test_after_72_hours_of_downtime_the_ledgers_of_200_schedules_account_for_every_occurrence(
    world: World, start: Start, policy: str
) -> None:
    zones = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", None]
    rules: list[dict[str, object]] = [
        {"schedule_cron": "*/5 * * * *"},
        {"schedule_cron": "30 6 * * 1-5"},
        {"schedule_cron": "15 */2 * * *"},
        {"schedule_interval_seconds": 600},
        {"schedule_interval_seconds": 97},
        {"schedule_interval_seconds": 7200},
        {"schedule_cron": "0 0 1 * *"},
        {"run_once_at": "2030-01-02T03:04:05"},
    ]
    timings = {
        f"p{n:03}": {**rules[n % len(rules)], **({"timezone": zone} if (zone := zones[n % 5]) else {})}
        for n in range(200)
    }
    timings |= {f"p{n:03}": {"schedule_interval_seconds": 1} for n in range(0, 200, 50)}
    for name, timing in timings.items():
        scheduled(world, name, **timing, catch_up=policy, catch_up_limit=3)
    server = await start()
    await server.pipelines.refresh()
    began = world.clock.now()
    server = await down_for(world, server, 72 * HOUR, start)
    now = world.clock.now()
    for name, timing in timings.items():
        rule = rule_of(Schedule.model_validate({"id": "x", **timing}), default_zone="UTC", anchor=began)
        assert rule is not None
        counted = sum(row.count for row in await ledger_of(server, name))
        assert counted == count_between(rule, began, now), name


async def answered(server: Instance, at: str) -> tuple[AnswerCode, str]:
    (found,) = await server.ledger.why("p", datetime.fromisoformat(at))
    return found.code, found.sentence


async def test_why_it_ran_or_did_not(world: World, start: Start) -> None:
    scheduled(world, schedule_cron="0 3 * * *", timezone="Europe/Berlin")
    server = await start()  # it is 2030-01-01 00:00 UTC
    await server.pipelines.refresh()
    await world.clock.advance(2 * HOUR)
    await fired(server)
    (run,) = await runs_of(server)
    code, sentence = await answered(server, "2030-01-01T03:00")
    assert code is AnswerCode.RAN
    assert run.id in sentence
    assert (await answered(server, "2030-01-01T02:00:30+00:00"))[0] is AnswerCode.RAN
    code, sentence = await answered(server, "2030-01-01T04:00")
    assert code is AnswerCode.NOT_AN_OCCURRENCE
    assert "2030-01-01 03:00" in sentence
    assert "2030-01-02 03:00" in sentence
    assert (await answered(server, "2030-01-05T03:00"))[0] is AnswerCode.NOT_YET_DUE
    assert (await answered(server, "2029-12-31T03:00"))[0] is AnswerCode.DID_NOT_EXIST
    code, sentence = await answered(server, "2030-03-31T02:30")
    assert code is AnswerCode.NOT_YET_DUE
    assert "02:30 did not exist on 2030-03-31" in sentence


async def test_why_tells_of_pauses_changes_and_what_was_coalesced(world: World, start: Start) -> None:
    scheduled(world, schedule_cron="0 * * * *")
    server = await start()
    await server.pipelines.refresh()
    row = await schedule_of(server)
    await server.schedules.pause(row.id, "moving house", "Bo")
    await world.clock.advance(HOUR)
    await fired(server)
    await server.schedules.resume(row.id)
    code, sentence = await answered(server, "2030-01-01T01:00")
    assert code is AnswerCode.SKIPPED
    assert "Bo paused the schedule" in sentence
    assert "moving house" in sentence
    server = await down_for(world, server, 3 * HOUR + 2 * MINUTE, start)
    assert (await answered(server, "2030-01-01T04:00"))[0] is AnswerCode.WAITING
    await paced(server)
    assert (await answered(server, "2030-01-01T04:00"))[0] is AnswerCode.RAN
    code, sentence = await answered(server, "2030-01-01T03:00")
    assert code is AnswerCode.COALESCED
    assert (await runs_of(server))[0].id in sentence
    scheduled(world, schedule_cron="30 * * * *")
    await server.pipelines.refresh()
    assert (await answered(server, "2030-01-01T00:30"))[0] is AnswerCode.CHANGED_SINCE


async def test_why_is_asked_of_pipelines_and_moments_that_exist(world: World, start: Start) -> None:
    server = await start()
    scheduled(world, schedule_cron="0 * * * *")
    await server.pipelines.refresh()
    with pytest.raises(NotFound, match="no pipeline 'q'"):
        await server.ledger.why("q", world.clock.now())
    with pytest.raises(Invalid, match="out of range"):
        await server.ledger.why("p", datetime(1, 1, 1, tzinfo=UTC))


async def test_what_is_due_next_over_all_schedules(world: World, start: Start) -> None:
    server = await start()
    scheduled(world, "a", schedule_cron="0 3 * * *", timezone="Asia/Kolkata")
    scheduled(world, "b", schedule_interval_seconds=3600 * 10)
    scheduled(world, "off", enabled=False, schedule_interval_seconds=60)
    await server.pipelines.refresh()
    found = await server.ledger.upcoming(4)
    assert [(each.schedule.pipeline_name, each.due_at.hour) for each in found] == [
        ("b", 10),
        ("b", 20),
        ("a", 21),
        ("b", 6),
    ]
    assert found[2].local == "2030-01-02 03:00"
    row = await schedule_of(server, "off")
    assert len(await server.ledger.next(row.id, 3)) == 3


async def test_the_ledger_is_read_in_pages(world: World, start: Start) -> None:
    server = await start()
    scheduled(world, schedule_interval_seconds=10)
    await server.pipelines.refresh()
    await world.clock.advance(50 * SECOND)
    await fired(server)
    row = await schedule_of(server)
    first, cursor = await server.ledger.page(row.id, 3, None, None)
    second, end = await server.ledger.page(row.id, 3, cursor, OccurrenceStatus.RUN)
    dues = [entry.due_at for entry, _ in (*first, *second)]
    assert dues == sorted(dues, reverse=True)
    assert (len(dues), end) == (5, None)
    with pytest.raises(Invalid):
        await server.ledger.page(row.id, 3, "yesterday", None)


async def test_old_rows_of_the_ledger_are_trimmed_but_not_what_waits(world: World, start: Start) -> None:
    scheduled(world, schedule_cron="0 * * * *")
    server = await start()
    await server.pipelines.refresh()
    server = await down_for(world, server, 5 * HOUR + 10 * MINUTE, start)
    await world.clock.advance(LEDGER_KEPT_FOR)
    assert await Retention(server.database, world.clock).trim_ledger() == 4
    assert fates(await ledger_of(server)) == {"waiting": 1}
