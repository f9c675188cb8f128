"""The queue: fair turns, leases that only their holder can use, and races that somebody wins."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session

from fastflow.domain.outcome import Outcome
from fastflow.domain.run import AttemptStatus, RunStatus, Trigger
from fastflow.store import attempts, runs
from fastflow.store.attempts import Claim
from fastflow.store.database import Database
from fastflow.store.ids import new_id
from fastflow.store.tables import RunRow

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LEASE = timedelta(seconds=30)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()


def queued(
    pipeline: str, at: datetime = NOW, max_instances: int | None = None
) -> Callable[[Session], RunRow]:
    def work(session: Session) -> RunRow:
        run = RunRow(
            id=new_id(),
            pipeline_name=pipeline,
            status=RunStatus.PENDING,
            trigger=Trigger.API,
            spec={},
            created_at=at,
            max_instances=max_instances,
        )
        runs.insert(session, run)
        attempts.enqueue(session, run, 1, at)
        return run

    return work


async def claim(database: Database, slots: int = 10, now: datetime = NOW, host: str = "h") -> Claim | None:
    return await database.write(lambda s: attempts.claim_next(s, host, now, LEASE, slots))


async def claimed_pipelines(database: Database, count: int) -> list[str]:
    claims = [await claim(database, slots=100) for _ in range(count)]
    return [c.run.pipeline_name for c in claims if c is not None]


async def test_nothing_is_claimed_from_an_empty_queue(database: Database) -> None:
    assert await claim(database) is None


async def test_attempts_of_one_pipeline_are_claimed_in_the_order_they_came(database: Database) -> None:
    made = [await database.write(queued("a")) for _ in range(3)]
    claims = [await claim(database) for _ in range(3)]
    assert [c.run.id for c in claims if c] == [run.id for run in made]


async def test_no_more_are_claimed_than_there_are_slots(database: Database) -> None:
    for _ in range(3):
        await database.write(queued("a"))
    assert [bool(await claim(database, slots=2)) for _ in range(3)] == [True, True, False]


async def test_a_busy_pipeline_does_not_starve_another(database: Database) -> None:
    for _ in range(6):
        await database.write(queued("busy"))
    await database.write(queued("quiet", NOW + timedelta(seconds=1)))
    names: list[str] = []
    for _ in range(3):
        taken = await claim(database, slots=100, now=NOW + timedelta(seconds=2))
        assert taken is not None
        names.append(taken.run.pipeline_name)
    assert "quiet" in names[:2]


async def test_with_a_single_slot_pipelines_take_turns(database: Database) -> None:
    for _ in range(3):
        await database.write(queued("busy"))
    await database.write(queued("quiet", NOW + timedelta(seconds=1)))
    later, turns = NOW + timedelta(seconds=2), dict[str, int]()

    def serve_next(session: Session) -> str:
        taken = attempts.claim_next(session, "h", later, LEASE, 1, turns)
        assert taken is not None
        assert attempts.end(session, taken.lease, later)
        return taken.run.pipeline_name

    for turn in range(1, 5):
        turns[await database.write(serve_next)] = turn
    assert turns == {"busy": 4, "quiet": 2}


async def test_an_attempt_is_not_claimed_before_it_is_available(database: Database) -> None:
    await database.write(queued("a", NOW + timedelta(seconds=5)))
    assert await claim(database) is None
    assert await database.read(attempts.next_due) == NOW + timedelta(seconds=5)
    assert await claim(database, now=NOW + timedelta(seconds=5)) is not None


async def test_max_instances_lets_no_more_runs_of_a_pipeline_begin(database: Database) -> None:
    for _ in range(3):
        await database.write(queued("narrow", max_instances=1))
    await database.write(queued("wide"))
    assert sorted(await claimed_pipelines(database, 4)) == ["narrow", "wide"]


async def test_a_retry_of_an_admitted_run_passes_although_the_pipeline_is_full(database: Database) -> None:
    await database.write(queued("narrow", max_instances=1))
    first = await claim(database)
    assert first is not None

    def fail_and_queue_again(session: Session) -> None:
        attempts.end(session, first.lease, NOW)
        runs.transition(session, first.run.id, RunStatus.RETRYING)
        attempts.enqueue(session, first.run, 2, NOW)

    await database.write(fail_and_queue_again)
    await database.write(queued("narrow", max_instances=1))
    second = await claim(database)
    assert second is not None
    assert (second.run.id, second.attempt.number) == (first.run.id, 2)


async def test_a_retry_is_found_behind_however_many_runs_that_have_to_wait_for_it(database: Database) -> None:
    await database.write(queued("narrow", max_instances=1))
    first = await claim(database)
    assert first is not None

    def fail_and_queue_again_behind_many(session: Session) -> None:
        attempts.end(session, first.lease, NOW)
        runs.transition(session, first.run.id, RunStatus.RETRYING)
        for _ in range(120):
            queued("narrow", max_instances=1)(session)
        attempts.enqueue(session, first.run, 2, NOW + timedelta(seconds=1))

    await database.write(fail_and_queue_again_behind_many)
    second = await claim(database, now=NOW + timedelta(seconds=2))
    assert second is not None
    assert (second.run.id, second.attempt.number) == (first.run.id, 2)


async def test_two_workers_never_claim_the_same_attempt(database: Database, database_url: str) -> None:
    other = Database(database_url)
    try:
        for _ in range(20):
            await database.write(queued("a"))
        claims = await asyncio.gather(
            *(claim(db, slots=100, host=f"h{n}") for n in range(20) for db in (database, other))
        )
        taken = [c.run.id for c in claims if c is not None]
        assert len(taken) == len(set(taken)) == 20
    finally:
        await other.close()


async def test_two_workers_never_hold_more_slots_than_there_are(
    database: Database, database_url: str
) -> None:
    other = Database(database_url)
    try:
        for _ in range(20):
            await database.write(queued("a"))
        claims = await asyncio.gather(*(claim(db, slots=5) for _ in range(10) for db in (database, other)))
        assert sum(c is not None for c in claims) == 5
    finally:
        await other.close()


async def test_only_the_holder_of_the_lease_can_conclude(database: Database) -> None:
    await database.write(queued("a"))
    taken = await claim(database)
    assert taken is not None
    successor = await database.write(lambda s: attempts.take_over(s, taken.attempt, "other", NOW, LEASE))
    assert successor is not None
    assert not await database.write(lambda s: attempts.end(s, taken.lease, NOW, outcome=Outcome.EXITED))
    assert await database.write(lambda s: attempts.end(s, successor, NOW, outcome=Outcome.EXITED))
    assert not await database.write(lambda s: attempts.end(s, successor, NOW, outcome=Outcome.EXITED))


async def test_only_one_of_two_successors_takes_a_dead_lease_over(database: Database) -> None:
    await database.write(queued("a"))
    taken = await claim(database)
    assert taken is not None
    attempt = taken.attempt
    results = [await database.write(lambda s: attempts.take_over(s, attempt, "x", NOW, LEASE)) for _ in "ab"]
    assert [r is not None for r in results] == [True, False]


async def test_renewing_tells_which_leases_are_lost(database: Database) -> None:
    await database.write(queued("a"))
    await database.write(queued("b"))
    first, second = await claim(database), await claim(database)
    assert first is not None
    assert second is not None
    await database.write(lambda s: attempts.take_over(s, first.attempt, "other", NOW, LEASE))
    lost = await database.write(lambda s: attempts.renew(s, [first.lease, second.lease], NOW + LEASE))
    assert lost == {first.lease}


async def test_a_lease_under_which_an_attempt_has_ended_is_not_lost(database: Database) -> None:
    await database.write(queued("a"))
    claimed = await claim(database)
    assert claimed is not None
    await database.write(lambda s: attempts.start(s, claimed.lease, NOW, "container"))
    await database.write(lambda s: attempts.end(s, claimed.lease, NOW, outcome=Outcome.EXITED))
    assert await database.write(lambda s: attempts.renew(s, [claimed.lease], NOW + LEASE)) == set()


async def test_held_attempts_are_those_of_the_host_and_those_that_ran_out(database: Database) -> None:
    for _ in range(2):
        await database.write(queued("a"))
    mine, theirs = await claim(database, host="mine"), await claim(database, host="theirs")
    assert mine is not None
    assert theirs is not None

    def held_at(moment: datetime) -> Callable[[Session], set[str]]:
        return lambda s: {row.run_id for row in attempts.held(s, host="mine", expired_at=moment)}

    assert await database.read(held_at(NOW)) == {mine.run.id}
    assert await database.read(held_at(NOW + LEASE * 2)) == {mine.run.id, theirs.run.id}


async def test_an_attempt_given_back_is_claimed_again_later(database: Database) -> None:
    await database.write(queued("a"))
    taken = await claim(database)
    assert taken is not None
    later = NOW + timedelta(seconds=3)
    assert await database.write(lambda s: attempts.give_back(s, taken.lease, later))
    assert await database.read(attempts.slots_in_use) == 0
    assert await claim(database) is None
    again = await claim(database, now=later)
    assert again is not None
    assert again.lease.token != taken.lease.token
    assert not await database.write(lambda s: attempts.start(s, taken.lease, later, "c1"))


async def test_a_started_attempt_can_not_be_given_back(database: Database) -> None:
    await database.write(queued("a"))
    taken = await claim(database)
    assert taken is not None
    assert await database.write(lambda s: attempts.start(s, taken.lease, NOW, "c1"))
    assert not await database.write(lambda s: attempts.give_back(s, taken.lease, NOW))
    rows = await database.read(lambda s: attempts.of_run(s, taken.run.id))
    assert [(row.status, row.reference) for row in rows] == [(AttemptStatus.RUNNING, "c1")]
