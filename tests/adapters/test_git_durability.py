"""Whatever happens to a mirror, the next fetch mends it, and what is needed stays."""

import asyncio
import os
import signal
from pathlib import Path

import psutil
import pytest

from fastflow.adapters.git import mirror
from fastflow.adapters.git.mirrors import GitMirrors
from fastflow.domain.errors import FastFlowError, NotFound, Unavailable
from tests.adapters.mirrors import ID, fetched, git_dir, mirrors_in, remote
from tests.servers.git_http import GitHttpServer
from tests.servers.repository import GitRepository


@pytest.fixture
def mirrors(tmp_path: Path) -> GitMirrors:
    return mirrors_in(tmp_path)


@pytest.fixture(autouse=True)
def pushed(git_repository: GitRepository) -> GitRepository:
    git_repository.write("report/main.py", "print('hello')\n")
    git_repository.write("report/noise.bin", os.urandom(300_000))
    git_repository.commit_and_push("First")
    return git_repository


def address(server: GitHttpServer) -> str:
    return server.url("acme/pipelines")


def _kill_children(word: str) -> None:
    for child in psutil.Process().children(recursive=True):
        try:
            is_meant = any(word in argument for argument in child.cmdline())
        except psutil.NoSuchProcess:
            continue
        if is_meant:
            child.send_signal(signal.SIGKILL)


@pytest.mark.parametrize("victim", ["remote-http", "index-pack", "fetch"])
async def test_git_that_is_killed_in_mid_fetch_leaves_nothing_that_harms(
    mirrors: GitMirrors, git_http: GitHttpServer, pushed: GitRepository, tmp_path: Path, victim: str
) -> None:
    before = await fetched(mirrors, address(git_http))
    pushed.write("report/noise.bin", os.urandom(300_000))
    pushed.commit_and_push()
    git_http.faults.stall(only="/git-upload-pack", after_bytes=100_000)
    fetching = asyncio.create_task(mirrors.fetch(remote(address(git_http)), None))
    await asyncio.to_thread(git_http.faults.until_stalled)

    await asyncio.to_thread(_kill_children, victim)
    git_http.faults.release()

    with pytest.raises(FastFlowError):
        await fetching
    found = await mirrors.snapshot(remote(address(git_http)), str(before["report"].commit), "main")
    assert found == list(before.values())
    after = await fetched(mirrors, address(git_http))
    assert after["report"].commit == pushed.head
    assert not [name for _, _, names in os.walk(git_dir(tmp_path)) for name in names if "tmp" in name]


async def test_locks_and_rests_of_a_killed_git_are_cleared(
    mirrors: GitMirrors, pushed: GitRepository, tmp_path: Path
) -> None:
    before = await fetched(mirrors, pushed.file_url)
    where = git_dir(tmp_path)
    rests = ["shallow.lock", "config.lock", "HEAD.lock", "packed-refs.lock", "refs/fastflow/incoming.lock",
             "objects/pack/tmp_pack_x1", "objects/pack/tmp_idx_x1", "objects/pack/pack-1.keep",
             "objects/tmp_obj_x1", "shallow_abc123"]  # fmt: skip
    for rest in rests:
        (where / rest).parent.mkdir(parents=True, exist_ok=True)
        (where / rest).touch()
    pushed.write("report/main.py", "new")
    pushed.commit_and_push()

    assert (await fetched(mirrors, pushed.file_url))["report"].commit == pushed.head
    assert not [rest for rest in rests if (where / rest).exists()]
    # It is the same mirror still, not one made anew.
    old = await mirrors_in(tmp_path).snapshot(remote(pushed.file_url), str(before["report"].commit), "main")
    assert old == list(before.values())


@pytest.mark.parametrize(
    "damage", ["no HEAD", "no objects", "empty pack", "torn pack", "config", "a file", "shallow"]
)
async def test_a_broken_mirror_is_made_anew(
    mirrors: GitMirrors, pushed: GitRepository, tmp_path: Path, damage: str
) -> None:
    before = await fetched(mirrors, pushed.file_url)
    _damage(git_dir(tmp_path), damage)
    pushed.write("other/main.py", "")
    pushed.commit_and_push()
    again = mirrors_in(tmp_path)
    where = remote(pushed.file_url)

    commit = await again.fetch(where, None)
    try:
        found = await again.snapshot(where, commit.id, "main")
    except NotFound:  # only reading shows what is missing; the next sync mends it
        commit = await again.fetch(where, None)
        found = await again.snapshot(where, commit.id, "main")

    assert [pipeline.name for pipeline in found] == ["other", "report"]
    assert found[1].revision == before["report"].revision
    await again.lay_out("report", str(found[1].revision), tmp_path / "copy", [ID])
    assert (tmp_path / "copy" / "main.py").read_text() == "print('hello')\n"


def _damage(where: Path, damage: str) -> None:
    packs = list((where / "objects" / "pack").glob("*.pack"))
    assert packs
    if damage == "no HEAD":
        (where / "HEAD").unlink()
    elif damage == "no objects":
        for pack in (where / "objects" / "pack").iterdir():
            pack.unlink()
    elif damage in ("empty pack", "torn pack"):
        for pack in packs:
            content = pack.read_bytes()
            pack.chmod(0o644)
            pack.write_bytes(content[: len(content) // 2 if damage == "torn pack" else 0])
    elif damage == "config":
        (where / "config").write_text("[core\nnonsense")
    elif damage == "a file":
        where.rename(where.with_name("aside"))
        where.write_text("not a folder")
    else:
        (where / "shallow").write_text("nonsense\n")


async def test_what_is_not_kept_goes_and_what_is_kept_stays(
    mirrors: GitMirrors, pushed: GitRepository, tmp_path: Path
) -> None:
    commits: list[str] = []
    revisions: list[str] = []
    for number in range(13):
        pushed.write("report/main.py", f"print({number})\n")
        pushed.write("report/noise.bin", os.urandom(100_000))
        commits.append(pushed.commit_and_push())
        revisions.append(str((await fetched(mirrors, pushed.file_url))["report"].revision))
    assert len(list((git_dir(tmp_path) / "objects" / "pack").glob("*.pack"))) > mirror.MOST_PACKS

    await mirrors.keep_only(ID, {commits[3], commits[-1]})

    for number in (3, 12):
        await mirrors.lay_out("report", revisions[number], tmp_path / str(number), [ID])
        assert contents_of_main(tmp_path / str(number)) == f"print({number})\n"
    with pytest.raises(NotFound):
        await mirrors.lay_out("report", revisions[5], tmp_path / "gone", [ID])
    with pytest.raises(NotFound):
        await mirrors_in(tmp_path).snapshot(remote(pushed.file_url), commits[5], "main")
    assert _size(git_dir(tmp_path)) < 300_000
    pushed.write("report/main.py", "after\n")
    pushed.commit_and_push()
    assert (await fetched(mirrors, pushed.file_url))["report"].commit == pushed.head


def contents_of_main(folder: Path) -> str:
    return (folder / "main.py").read_text()


def _size(where: Path) -> int:
    return sum(path.stat().st_size for path in where.rglob("*") if path.is_file())


async def test_trees_that_were_made_up_are_kept_with_their_commit(
    mirrors: GitMirrors, git_repository: GitRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror, "MOST_PACKS", 0)
    git_repository.write("common.py", "common\n")
    git_repository.link("report/common.py", "../common.py")
    git_repository.commit_and_push()
    found = (await fetched(mirrors, git_repository.file_url))["report"]

    await mirrors.keep_only(ID, {str(found.commit)})
    await mirrors.lay_out("report", str(found.revision), tmp_path / "copy", [ID])
    await mirrors.keep_only(ID, set())

    assert (tmp_path / "copy" / "common.py").read_text() == "common\n"
    with pytest.raises(NotFound):
        await mirrors.lay_out("report", str(found.revision), tmp_path / "gone", [ID])


async def test_a_removed_mirror_is_gone_and_removing_it_twice_is_no_error(
    mirrors: GitMirrors, pushed: GitRepository, tmp_path: Path
) -> None:
    found = await fetched(mirrors, pushed.file_url)
    for _ in range(2):
        await mirrors.remove(ID)

    assert not git_dir(tmp_path).parent.exists()
    await mirrors.keep_only(ID, set())
    with pytest.raises(NotFound):
        await mirrors.lay_out("report", str(found["report"].revision), tmp_path / "copy", [ID])
    assert set(await fetched(mirrors, pushed.file_url)) == {"report"}


async def test_fetching_and_reading_at_the_same_time_do_not_disturb_each_other(
    mirrors: GitMirrors, pushed: GitRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror, "MOST_PACKS", 0)
    where = remote(pushed.file_url)
    commit = await mirrors.fetch(where, None)
    (found,) = await mirrors.snapshot(where, commit.id, "main")

    async def read(number: int) -> None:
        await mirrors.lay_out("report", str(found.revision), tmp_path / f"copy-{number}", [ID])

    async def change() -> None:
        for number in range(4):
            pushed.write("report/main.py", f"{number}")
            await asyncio.to_thread(pushed.commit_and_push)
            newest = await mirrors.fetch(where, None)
            await mirrors.keep_only(ID, {commit.id, newest.id})

    await asyncio.gather(change(), *(read(number) for number in range(20)))

    assert {contents_of_main(tmp_path / f"copy-{number}") for number in range(20)} == {"print('hello')\n"}


async def test_a_mirror_made_anew_has_what_was_made_up_too(
    mirrors: GitMirrors, git_repository: GitRepository, tmp_path: Path
) -> None:
    git_repository.write("common.py", "common\n")
    git_repository.link("report/common.py", "../common.py")
    git_repository.commit_and_push()
    found = (await fetched(mirrors, git_repository.file_url))["report"]

    for number, lose in enumerate((mirrors.keep_only(ID, set()), mirrors.remove(ID), _break(tmp_path))):
        await lose
        assert (await fetched(mirrors, git_repository.file_url))["report"] == found
        await mirrors.lay_out("report", str(found.revision), tmp_path / str(number), [ID])


async def _break(folder: Path) -> None:
    await asyncio.to_thread((git_dir(folder) / "HEAD").unlink)


async def test_a_disk_that_can_not_be_written_is_said_plainly(
    pushed: GitRepository, tmp_path: Path, mirrors: GitMirrors
) -> None:
    await mirrors.check(remote(pushed.file_url), None)
    (tmp_path / "repositories" / ID).write_text("in the way")

    with pytest.raises(Unavailable, match="DATA_DIR") as refused:
        await mirrors.fetch(remote(pushed.file_url), None)

    assert refused.value.code == "disk_failed"
