"""What a sync of a Git repository brings, and what it leaves alone."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

import pytest
from sqlmodel import Session

from fastflow.domain.errors import NotFound, Unavailable
from fastflow.domain.events import EventType
from fastflow.domain.repository import Authentication, Remote, RepositoryOrigin, SyncStatus, SyncTrigger
from fastflow.domain.run import RunStatus
from fastflow.store import events, syncs
from fastflow.store.tables import RepositoryRow, SyncRow
from tests.fakes.mirrors import Files
from tests.plugins.world import Instance, World

Start = Callable[..., Awaitable[Instance]]

URL = "https://git.example/data.git"
OTHER_URL = "https://git.example/other.git"


async def add_repository(server: Instance, name: str = "data", url: str = URL) -> RepositoryRow:
    now = server.world.clock.now()
    row = RepositoryRow(
        id=f"id-of-{name}",
        name=name,
        origin=RepositoryOrigin.API,
        url=url,
        authentication=Authentication.NONE,
        created_at=now,
        changed_at=now,
    )
    await server.database.write(lambda session: session.add(row))
    return row


async def sync(server: Instance, name: str = "data") -> SyncRow:
    row = await server.sync.start(name, SyncTrigger.API)
    await server.repository_sync.tick()
    return await server.sync.get(row.id)


async def synced(
    server: Instance, pipelines: Mapping[str, Files], name: str = "data", url: str = URL
) -> SyncRow:
    """Push these pipelines and sync them."""
    server.world.mirrors.push(url, pipelines)
    return await sync(server, name)


async def names(server: Instance) -> list[str]:
    return [row.name for row in await server.pipelines.every()]


async def every_sync(server: Instance) -> list[SyncRow]:
    return list(await server.database.read(lambda session: syncs.page(session, None, 100)))


@pytest.fixture
async def server(start: Start) -> Instance:
    server = await start()
    await add_repository(server)
    return server


async def test_pipelines_that_were_pushed_are_listed_with_their_commit_and_run_with_it(
    world: World, server: Instance
) -> None:
    commit = world.mirrors.push(URL, {"a": {}, "b": {"main.py": "print('b')"}})
    row = await sync(server)
    assert (row.status, row.commit_after) == (SyncStatus.SUCCESS, commit)
    assert row.message == f"2 pipelines added; commit {commit[:12]} by Ada: Change"
    assert await names(server) == ["a", "b"]
    run_id = await server.trigger("b")
    await server.claim_all()
    run = (await server.until(run_id, RunStatus.RUNNING)).run
    assert (run.commit, run.repository) == (commit, "data")
    assert (world.environments.prepared[-1][0] / "main.py").read_text() == "print('b')"


async def test_only_what_was_pushed_changes_and_an_unrelated_push_keeps_revision_and_commit(
    world: World, server: Instance
) -> None:
    await synced(server, {"a": {}, "b": {}})
    before = await server.pipelines.look("a")
    newest = world.mirrors.push(URL, {"a": {}, "b": {"main.py": "new"}, "c": {}})
    row = await sync(server)
    assert row.changes is not None
    assert (row.changes["pipelines_added"], row.changes["pipelines_changed"]) == (["c"], ["b"])
    after = await server.pipelines.look("a")
    assert (after.revision, after.commit, after.changed_at) == (
        before.revision,
        before.commit,
        before.changed_at,
    )
    assert (await server.pipelines.look("b")).commit == newest


async def test_a_restart_after_an_unrelated_push_keeps_the_commit_that_brought_a_revision(
    start: Start, server: Instance
) -> None:
    await synced(server, {"a": {}})
    before = await server.pipelines.look("a")
    await synced(server, {"a": {}, "b": {}})
    second = await start()
    assert await second.pipelines.refresh() == 0
    assert (await second.pipelines.look("a")).commit == before.commit


async def test_a_deleted_pipeline_vanishes_and_its_run_goes_on(world: World, server: Instance) -> None:
    await synced(server, {"a": {"main.py": "old"}, "b": {}})
    run_id = await server.trigger("a")
    await synced(server, {"b": {}})
    assert await names(server) == ["b"]
    with pytest.raises(NotFound):
        await server.pipelines.look("a")
    await server.claim_all()
    await server.until(run_id, RunStatus.RUNNING)
    assert (world.environments.prepared[-1][0] / "main.py").read_text() == "old"


async def test_a_renamed_folder_is_one_pipeline_less_and_one_more(server: Instance) -> None:
    await synced(server, {"a": {}})
    row = await synced(server, {"z": {}})
    assert row.message is not None
    assert row.message.startswith("1 pipeline added, 1 removed;")


async def test_a_failed_sync_says_why_and_changes_nothing(world: World, server: Instance) -> None:
    await synced(server, {"a": {}})
    before = await server.pipelines.look("a")
    world.mirrors.push(URL, {"b": {}})
    world.mirrors.fail(URL, Unavailable("git_host_unreachable", "git.example does not answer."))
    row = await sync(server)
    assert (row.status, row.code, row.message) == (
        SyncStatus.FAILED,
        "git_host_unreachable",
        "git.example does not answer.",
    )
    assert await server.pipelines.look("a") == before
    assert await names(server) == ["a"]


async def test_of_two_pipelines_with_one_name_the_local_then_the_older_one_counts(
    world: World, server: Instance
) -> None:
    await add_repository(server, "other", OTHER_URL)
    await synced(server, {"a": {}, "b": {}})
    world.source.put("b")
    await synced(server, {"a": {"main.py": "other"}, "c": {}}, "other", OTHER_URL)
    rows = {row.name: row for row in await server.pipelines.every()}
    assert {name: row.repository for name, row in rows.items()} == {"a": "data", "b": None, "c": "other"}
    assert "Repository other has a pipeline of this name too" in (rows["a"].hint or "")
    assert "Repository data has a pipeline of this name too" in (rows["b"].hint or "")
    assert (await server.pipelines.look("a")).hint == rows["a"].hint
    await synced(server, {})
    assert (await server.pipelines.look("a")).repository == "other"


async def test_a_restart_knows_all_pipelines_without_the_git_host(world: World, start: Start) -> None:
    first = await start()
    await add_repository(first)
    await synced(first, {"a": {"main.py": "1"}})
    before = await first.pipelines.look("a")
    world.mirrors.fail(URL, Unavailable("git_host_unreachable", "away"))
    second = await start()
    assert await second.pipelines.refresh() == 0
    assert await second.pipelines.look("a") == before
    run_id = await second.trigger("a")
    await second.claim_all()
    await second.until(run_id, RunStatus.RUNNING)


async def test_a_lost_mirror_leaves_the_pipelines_listed_until_the_next_sync_brings_it_back(
    world: World, start: Start
) -> None:
    first = await start()
    row = await add_repository(first)
    await synced(first, {"a": {}})
    before = await first.pipelines.look("a")
    world.mirrors.lose(row.id)
    second = await start()
    await second.pipelines.refresh()
    assert await names(second) == ["a"]
    assert await second.pipelines.look("a") == before
    again = await sync(second)
    assert again.status is SyncStatus.SUCCESS
    assert await second.pipelines.look("a") == before


async def test_a_removed_repository_takes_its_pipelines_along(server: Instance) -> None:
    await synced(server, {"a": {}})

    def remove(session: Session) -> None:
        session.delete(session.get(RepositoryRow, "id-of-data"))

    await server.database.write(remove)
    await server.repository_sync.tick()
    await server.pipelines.refresh()
    assert await names(server) == []


async def test_a_sync_that_the_end_of_its_server_interrupted_is_marked_so(world: World, start: Start) -> None:
    first = await start()
    await add_repository(first)
    world.mirrors.push(URL, {"a": {}})
    begun = await first.sync.start("data", SyncTrigger.API)
    second = await start()
    ended = await second.sync.get(begun.id)
    assert ended.status is SyncStatus.INTERRUPTED
    assert ended.finished_at is not None


async def test_what_was_adopted_when_the_server_ended_is_taken_up_by_the_next_one_without_the_host(
    world: World, start: Start
) -> None:
    first = await start()
    row = await add_repository(first)
    await synced(first, {"a": {}})
    commit = world.mirrors.push(URL, {"a": {}, "b": {}})
    await world.mirrors.fetch(Remote(row.id, row.url), None)

    def adopt(session: Session) -> None:
        stored = session.get(RepositoryRow, row.id)
        assert stored is not None
        stored.commit = commit

    await first.database.write(adopt)
    world.mirrors.fail(URL, Unavailable("git_host_unreachable", "away"))
    second = await start()
    await second.pipelines.refresh()
    assert await names(second) == ["a", "b"]


async def test_a_request_joins_the_sync_that_waits_but_not_the_one_that_runs(
    world: World, server: Instance
) -> None:
    (row,) = await server.sync.chosen("data")
    first = await server.sync.request(row, SyncTrigger.API)
    assert await server.sync.request(row, SyncTrigger.PUSH) is first
    assert server.sync.queue.take() is first
    second = await server.sync.request(row, SyncTrigger.PUSH)
    assert second is not first
    assert server.sync.queue.take() is None, "one at a time"
    server.sync.queue.end(first)
    assert server.sync.queue.take() is second


async def test_a_sync_is_announced_when_it_begins_and_when_it_ends(server: Instance) -> None:
    row = await synced(server, {"a": {}})
    found = await server.database.read(lambda session: events.after(session, 0, 100))
    told = [(e.type, e.payload) for e in found if e.type in {EventType.SYNC_STARTED, EventType.SYNC_FINISHED}]
    assert [kind for kind, _ in told] == [EventType.SYNC_STARTED, EventType.SYNC_FINISHED]
    assert told[1][1]["sync_id"] == row.id
    assert told[1][1]["status"] == "SUCCESS"


async def test_a_dry_run_says_what_would_change_and_changes_nothing(world: World, server: Instance) -> None:
    daily = '{"schedule_cron": "30 6 * * *"}'
    await synced(server, {"a": {"requirements.txt": "six==1.16\nattrs"}, "gone": {"pipeline.json": daily}})
    commit = world.mirrors.push(
        URL,
        {
            "a": {"requirements.txt": "six==1.17\nattrs"},
            "bad": {"pipeline.json": '{"timeout": -1}'},
            "timed": {"pipeline.json": daily},
        },
    )
    (row,) = await server.sync.chosen("data")
    plan = await server.sync.plan(row)
    assert plan.commit.id == commit
    changes = plan.changes
    assert changes.pipelines_added == ["bad", "timed"]
    assert changes.pipelines_changed == ["a"]
    assert changes.pipelines_removed == ["gone"]
    assert [(i.name, i.problem.split(":")[0]) for i in changes.pipelines_invalid] == [
        ("bad", "pipeline.json")
    ]
    assert {(s.pipeline_name, s.key, s.change) for s in changes.schedules} == {
        ("gone", "default", "removed"),
        ("timed", "default", "added"),
    }
    (packages,) = changes.packages
    assert (packages.pipeline_name, packages.added, packages.removed) == ("a", ["six==1.17"], ["six==1.16"])
    assert await names(server) == ["a", "gone"]
    assert len(await every_sync(server)) == 1
    assert (await sync(server)).changes == changes.model_dump(mode="json")


async def test_an_older_tree_can_be_laid_out_after_a_force_push(world: World, server: Instance) -> None:
    await synced(server, {"a": {"main.py": "old"}})
    old = (await server.pipelines.look("a")).revision
    await synced(server, {"a": {"main.py": "forced"}})
    assert old is not None
    checkout = await server.tools.source.checkout("a", old)
    assert (checkout / "main.py").read_text() == "old"


async def test_an_invalid_manifest_is_listed_and_its_last_valid_revision_keeps_its_commit(
    world: World, server: Instance
) -> None:
    good = world.mirrors.push(URL, {"a": {"pipeline.json": '{"timeout": 5}'}})
    await sync(server)
    row = await synced(server, {"a": {"pipeline.json": '{"timeout": -5}'}})
    assert "(1 of them can't be started)" in (row.message or "")
    stored = await server.pipelines.look("a")
    assert not stored.is_valid
    assert stored.valid_commit == good


async def test_the_interval_leaves_no_row_unless_it_finds_something_or_fails(
    world: World, server: Instance
) -> None:
    await synced(server, {"a": {}})
    (row,) = await server.sync.chosen("data")
    quiet = len(await every_sync(server))
    for _ in range(3):
        await server.sync.request(row, SyncTrigger.INTERVAL)
        await server.repository_sync.tick()
    assert len(await every_sync(server)) == quiet
    world.mirrors.push(URL, {"a": {"main.py": "2"}})
    await server.sync.request(row, SyncTrigger.INTERVAL)
    await server.repository_sync.tick()
    newest = (await every_sync(server))[0]
    assert (newest.trigger, newest.status) == (SyncTrigger.INTERVAL, SyncStatus.SUCCESS)
    world.mirrors.fail(URL, Unavailable("git_timeout", "Too slow."))
    await server.sync.request(row, SyncTrigger.INTERVAL)
    await server.repository_sync.tick()
    assert (await every_sync(server))[0].code == "git_timeout"
    assert timedelta(0) < (server.sync.times.next_due_at(row.id) or world.clock.now()) - world.clock.now()


async def test_names_that_are_too_long_are_listed_shortened(server: Instance) -> None:
    await synced(server, {"x" * 100: {}})
    assert await names(server) == ["x" * 63 + "…"]


async def test_a_new_round_of_pipelines_is_told_once(world: World, start: Start) -> None:
    server = await start()
    await add_repository(server)

    def starts(other: str, comment: str = "") -> Files:
        return {
            "main.py": comment,
            "pipeline.json": f'{{"downstream_triggers": [{{"pipeline": "{other}"}}]}}',
        }

    first = await synced(server, {"a": starts("b"), "b": starts("a")})
    assert first.message is not None
    assert "new cycle: a → b → a" in first.message
    again = await synced(server, {"a": starts("b", "# changed"), "b": starts("a")})
    assert again.message is not None
    assert "cycle" not in again.message
