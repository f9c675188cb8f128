"""When repositories are looked at by themselves, and how many at once."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlmodel import Session
from structlog.testing import capture_logs

from fastflow.domain.errors import Unavailable
from fastflow.domain.repository import Authentication, RepositoryOrigin, SyncStatus, SyncTrigger
from fastflow.services.mirror_keeping import MirrorKeeping
from fastflow.services.retention import REPEATABLE_FOR
from fastflow.services.sync_times import LONGEST_PAUSE, SyncTimes
from fastflow.store import repositories, syncs
from fastflow.store.tables import RepositoryRow
from tests.plugins.world import Instance, World

Start = Callable[..., Awaitable[Instance]]

MINUTE = timedelta(minutes=1)


def repository(world: World, name: str = "data", **changes: object) -> RepositoryRow:
    now = world.clock.now()
    row = RepositoryRow(
        id=f"id-of-{name}",
        name=name,
        origin=RepositoryOrigin.API,
        url=url(name),
        authentication=Authentication.NONE,
        created_at=now,
        changed_at=now,
    )
    for field, value in changes.items():
        setattr(row, field, value)
    return row


def url(name: str) -> str:
    return f"https://git.example/{name}.git"


async def add(server: Instance, row: RepositoryRow) -> None:
    await server.database.write(lambda session: session.add(row))


async def change(server: Instance, row: RepositoryRow, **changes: object) -> None:
    def work(session: Session) -> None:
        stored = repositories.get(session, row.id)
        assert stored is not None
        for field, value in changes.items():
            setattr(stored, field, value)
        stored.changed_at = server.world.clock.now()

    await server.database.write(work)


def times(every: timedelta = MINUTE) -> SyncTimes:
    return SyncTimes(every, chance=lambda: 0.0)


def test_every_repository_is_due_at_the_start_and_then_by_its_interval(world: World) -> None:
    rows = [repository(world), repository(world, "slow", sync_interval_seconds=3600)]
    clock, due = world.clock, times()
    assert [trigger for _, trigger in due.due(rows, clock.now())] == [SyncTrigger.START] * 2
    for row in rows:
        due.ended(row.id, clock.now(), has_succeeded=True)
    assert due.due(rows, clock.now() + MINUTE - timedelta(seconds=1)) == []
    assert due.due(rows, clock.now() + MINUTE) == [(rows[0], SyncTrigger.INTERVAL)]
    assert due.due(rows, clock.now() + MINUTE) == [], "said once"


def test_without_an_interval_only_what_was_never_synced_is_synced_at_the_start(world: World) -> None:
    fresh, known = repository(world), repository(world, "known", commit="c" * 40)
    due = times(timedelta(0))
    assert due.due([fresh, known], world.clock.now()) == [(fresh, SyncTrigger.START)]
    due.ended(fresh.id, world.clock.now(), has_succeeded=True)
    assert due.due([fresh, known], world.clock.now() + timedelta(days=9)) == []


def test_a_new_repository_and_a_changed_one_are_due_at_once(world: World) -> None:
    due, row, now = times(), repository(world), world.clock.now()
    due.due([], now)
    assert due.due([row], now) == [(row, SyncTrigger.API)]
    due.ended(row.id, now, has_succeeded=True)
    edited = repository(world, changed_at=now + timedelta(seconds=1))
    assert due.due([edited], now + timedelta(seconds=1)) == [(edited, SyncTrigger.API)]


def test_after_failures_the_pauses_double_up_to_a_quarter_of_an_hour(world: World) -> None:
    due, row, now = times(), repository(world), world.clock.now()
    due.due([row], now)
    pauses: list[timedelta] = []
    for _ in range(7):
        due.ended(row.id, now, has_succeeded=False)
        pauses.append((due.next_due_at(row.id) or now) - now)
    assert pauses == [MINUTE, 2 * MINUTE, 4 * MINUTE, 8 * MINUTE, *([LONGEST_PAUSE] * 3)]
    assert due.failures(row.id) == 7
    due.ended(row.id, now, has_succeeded=True)
    assert due.next_due_at(row.id) == now + MINUTE


def test_a_failure_is_tried_again_even_where_only_pushes_bring_syncs(world: World) -> None:
    due, row, now = times(timedelta(0)), repository(world), world.clock.now()
    due.due([row], now)
    due.ended(row.id, now, has_succeeded=False)
    assert due.next_due_at(row.id) == now + timedelta(seconds=10)


@pytest.fixture
async def looping(start: Start) -> Instance:
    """A server whose loop of syncs runs."""
    server = await start()
    server.run_beside(server.repository_sync.run())
    return server


async def test_a_new_repository_is_synced_without_being_asked_for(world: World, looping: Instance) -> None:
    world.mirrors.push(url("data"), {"a": {}})
    await world.clock.until_sleeping()
    await add(looping, repository(world))
    await world.clock.advance(timedelta(seconds=2))
    await world.mirrors.was_asked.wait()
    row = await looping.sync.sync((await looping.sync.chosen("data"))[0], SyncTrigger.API)
    assert row.status is SyncStatus.SUCCESS
    assert [pipeline.name for pipeline in await looping.pipelines.every()] == ["a"]


async def test_two_repositories_are_fetched_at_once_and_the_third_waits(
    world: World, looping: Instance
) -> None:
    names = ["one", "two", "three"]
    for name in names:
        world.mirrors.push(url(name), {name: {}})
        await add(looping, repository(world, name))
    world.mirrors.hold()
    rows = await looping.sync.chosen(None)
    waiting = [asyncio.create_task(looping.sync.sync(row, SyncTrigger.API)) for row in rows]
    await world.mirrors.until_fetched(2)
    world.mirrors.release()
    assert [row.status for row in await asyncio.gather(*waiting)] == [SyncStatus.SUCCESS] * 3
    assert world.mirrors.at_once == 2


async def test_a_sync_that_is_cut_off_by_the_end_of_the_server_is_done_again_by_the_next(
    world: World, start: Start
) -> None:
    first = await start()
    world.mirrors.push(url("data"), {"a": {}})
    await add(first, repository(world))
    world.mirrors.hold()
    first.run_beside(first.repository_sync.run())
    await world.mirrors.was_asked.wait()
    await first.end()
    world.mirrors.release()
    second = await start()
    (cut_off,) = await second.database.read(lambda session: syncs.page(session, None, 10))
    assert cut_off.status is SyncStatus.INTERRUPTED
    await second.repository_sync.tick()
    assert [pipeline.name for pipeline in await second.pipelines.every()] == ["a"]


async def test_what_nobody_foresaw_fails_one_sync_and_not_the_others(world: World, start: Start) -> None:
    server = await start()
    for name in ("bad", "good"):
        world.mirrors.push(url(name), {name: {}})
        await add(server, repository(world, name))
    world.mirrors.break_down(url("bad"))
    with capture_logs() as logs:
        assert await server.repository_sync.tick() == 2
    assert "unforeseen" in [line["event"] for line in logs]
    rows = await server.database.read(lambda session: syncs.page(session, None, 10))
    assert {row.repository_name: (row.status, row.code) for row in rows} == {
        "bad": (SyncStatus.FAILED, "internal_error"),
        "good": (SyncStatus.SUCCESS, None),
    }


async def test_mirrors_keep_what_pipelines_and_repeatable_runs_stand_on(world: World, start: Start) -> None:
    server = await start()
    await add(server, repository(world))
    commits: list[str] = []
    for code in ("1", "2", "3"):
        commits.append(world.mirrors.push(url("data"), {"a": {"main.py": code}}))
        await server.sync.start("data", SyncTrigger.API)
        await server.repository_sync.tick()
        if code == "2":
            await server.trigger("a")
    keeping = MirrorKeeping(server.database, world.mirrors, server.sync.queue, world.clock)
    await keeping.tidy()
    assert world.mirrors.kept["id-of-data"] == set(commits[1:])
    await world.clock.advance(REPEATABLE_FOR + timedelta(days=1))
    await server.claim_all()
    await keeping.tidy()
    assert world.mirrors.kept["id-of-data"] == set(commits[1:]), "an active run keeps its commit"


async def test_the_mirror_of_a_removed_repository_is_deleted(world: World, start: Start) -> None:
    server = await start()
    await add(server, repository(world))
    world.mirrors.push(url("data"), {"a": {}})
    await server.repository_sync.tick()

    def remove(session: Session) -> None:
        session.delete(repositories.get(session, "id-of-data"))

    await server.database.write(remove)
    await server.parts.janitor.tick()
    assert world.mirrors.removed == ["id-of-data"]


async def test_an_unreachable_host_is_written_down_and_asked_again(world: World, start: Start) -> None:
    server = await start()
    await add(server, repository(world))
    world.mirrors.fail(url("data"), Unavailable("git_host_unreachable", "away"))
    await server.repository_sync.tick()
    world.mirrors.push(url("data"), {"a": {}})
    world.mirrors.recover(url("data"))
    due = server.sync.times.next_due_at("id-of-data")
    assert due is not None
    await world.clock.advance(due - world.clock.now())
    await server.repository_sync.tick()
    assert [pipeline.name for pipeline in await server.pipelines.every()] == ["a"]
