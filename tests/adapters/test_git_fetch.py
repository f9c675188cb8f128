"""Fetching into bare mirrors: what comes, what stays, what is said when it fails."""

import asyncio
import os
from pathlib import Path

import pytest

from fastflow.adapters.git.mirrors import GitMirrors
from fastflow.domain.errors import FastFlowError, Invalid, NotFound, Unavailable
from tests.adapters.mirrors import ID, fetched, git_dir, mirrors_in, remote
from tests.servers.git_http import GitHttpServer
from tests.servers.repository import GitRepository


@pytest.fixture
def mirrors(tmp_path: Path) -> GitMirrors:
    return mirrors_in(tmp_path)


@pytest.fixture
def pushed(git_repository: GitRepository) -> GitRepository:
    git_repository.write("report/main.py", "print('hello')\n")
    git_repository.write("tiny/main.py", "")
    git_repository.commit_and_push("First")
    return git_repository


def address(server: GitHttpServer) -> str:
    return server.url("acme/pipelines")


async def test_the_newest_commit_is_fetched_and_described(
    mirrors: GitMirrors, pushed: GitRepository, git_http: GitHttpServer
) -> None:
    commit = await mirrors.fetch(remote(address(git_http)), None)

    assert commit.id == pushed.head
    assert (commit.author, commit.subject) == ("Ada", "First")
    assert commit.committed_at.tzinfo is not None


async def test_a_refetch_brings_what_is_new_and_nothing_twice(
    mirrors: GitMirrors, pushed: GitRepository, git_http: GitHttpServer
) -> None:
    first = await fetched(mirrors, address(git_http))
    requests = git_http.count("git-upload-pack")
    same = await fetched(mirrors, address(git_http))
    asked = git_http.count("git-upload-pack") - requests
    pushed.write("report/main.py", "print('new')\n")
    pushed.commit_and_push()

    after = await fetched(mirrors, address(git_http))

    assert same == first
    assert asked == 1  # what the branch is at; no pack
    assert after["tiny"] == first["tiny"]
    assert after["report"].revision == f"tree-{pushed.tree_of('report')}"
    assert after["report"].revision != first["report"].revision
    assert after["report"].commit == pushed.head


async def test_a_commit_fetched_before_can_still_be_read(
    mirrors: GitMirrors, pushed: GitRepository, tmp_path: Path
) -> None:
    where = remote(pushed.file_url)
    old = await mirrors.fetch(where, None)
    before = await mirrors.snapshot(where, old.id, "main")
    pushed.write("report/main.py", "print('new')\n")
    pushed.commit_and_push()
    await mirrors.fetch(where, None)

    assert await mirrors.snapshot(where, old.id, "main") == before
    assert before[0].revision is not None
    await mirrors.lay_out("report", before[0].revision, tmp_path / "copy", [ID])
    assert (tmp_path / "copy" / "main.py").read_text() == "print('hello')\n"


async def test_a_forced_push_replaces_the_branch(mirrors: GitMirrors, pushed: GitRepository) -> None:
    first = pushed.head
    pushed.write("extra/main.py", "")
    pushed.commit_and_push()
    before = await fetched(mirrors, pushed.file_url)
    pushed.reset(first)
    pushed.write("other/main.py", "")
    pushed.commit_and_push(force=True)

    after = await fetched(mirrors, pushed.file_url)

    assert set(before) == {"extra", "report", "tiny"}
    assert set(after) == {"other", "report", "tiny"}


async def test_a_deleted_branch_is_said_plainly_and_harms_nothing(
    mirrors: GitMirrors, pushed: GitRepository
) -> None:
    pushed.branch("live")
    pushed.push()
    where = remote(pushed.file_url, "live")
    commit = await mirrors.fetch(where, None)
    pushed.delete_branch("live")

    with pytest.raises(Invalid, match=r"no branch 'live'.*main") as refused:
        await mirrors.fetch(where, None)

    assert refused.value.code == "branch_missing"
    assert len(await mirrors.snapshot(where, commit.id, "main")) == 2


async def test_the_branches_are_listed_with_the_default_one_first(
    mirrors: GitMirrors, pushed: GitRepository, tmp_path: Path
) -> None:
    for name in ("zeta", "alpha"):
        pushed.branch(name)
        pushed.push()

    assert await mirrors.check(remote(pushed.file_url), None) == ["main", "alpha", "zeta"]
    assert not git_dir(tmp_path).exists()


async def test_an_empty_repository_is_said_plainly(
    mirrors: GitMirrors, git_repository: GitRepository
) -> None:
    for ask in (mirrors.check, mirrors.fetch):
        with pytest.raises(Invalid) as refused:
            await ask(remote(git_repository.file_url), None)
        assert refused.value.code == "repository_empty"


async def test_a_missing_repository_is_said_plainly(mirrors: GitMirrors, git_http: GitHttpServer) -> None:
    with pytest.raises(NotFound) as refused:
        await mirrors.fetch(remote(git_http.url("acme/other")), None)

    assert refused.value.code == "repository_not_found"
    assert "/acme/other.git" in refused.value.message


@pytest.mark.parametrize("branch", ["-x", "a..b", "a b", "a/", "@{", "a.lock", "", "x\n"])
async def test_what_can_be_no_branch_never_reaches_git(
    mirrors: GitMirrors, pushed: GitRepository, branch: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await mirrors.fetch(remote(pushed.file_url, branch), None)

    assert refused.value.code == "branch_missing"


@pytest.mark.parametrize("after_bytes", [0, 100, 20_000])
async def test_a_connection_that_is_cut_is_an_outage_and_the_next_fetch_succeeds(
    mirrors: GitMirrors, pushed: GitRepository, git_http: GitHttpServer, after_bytes: int
) -> None:
    pushed.write("report/noise.bin", os.urandom(200_000))
    pushed.commit_and_push()
    git_http.faults.cut_after(after_bytes, only="git-upload-pack")

    with pytest.raises(Unavailable) as refused:
        await mirrors.fetch(remote(address(git_http)), None)
    git_http.faults.heal()

    assert refused.value.code == "git_host_unreachable"
    assert set(await fetched(mirrors, address(git_http))) == {"report", "tiny"}


async def test_a_host_that_says_nothing_is_given_up_in_time(
    tmp_path: Path, pushed: GitRepository, git_http: GitHttpServer
) -> None:
    git_http.faults.stall()

    with pytest.raises(Unavailable) as refused:
        await mirrors_in(tmp_path, seconds=0.5).fetch(remote(address(git_http)), None)

    assert refused.value.code == "git_timeout"


async def test_a_cancelled_fetch_leaves_nothing_running(
    mirrors: GitMirrors, pushed: GitRepository, git_http: GitHttpServer
) -> None:
    git_http.faults.stall(only="git-upload-pack")
    fetching = asyncio.create_task(mirrors.fetch(remote(address(git_http)), None))
    await asyncio.to_thread(git_http.faults.until_stalled)

    fetching.cancel()

    with pytest.raises(asyncio.CancelledError):
        await fetching
    git_http.faults.release()
    assert set(await fetched(mirrors, address(git_http))) == {"report", "tiny"}


async def test_an_unreachable_host_is_an_outage(mirrors: GitMirrors, git_http: GitHttpServer) -> None:
    git_http.stop()

    with pytest.raises(Unavailable) as refused:
        await mirrors.fetch(remote(address(git_http)), None)

    assert refused.value.code == "git_host_unreachable"


@pytest.mark.parametrize(
    ("status", "code"),
    [(403, "authentication_failed"), (404, "repository_not_found"), (429, "git_host_unreachable"),
     (500, "git_host_unreachable"), (503, "git_host_unreachable"), (301, "repository_not_found")],
)  # fmt: skip
async def test_what_the_host_answers_is_translated(
    mirrors: GitMirrors, pushed: GitRepository, git_http: GitHttpServer, status: int, code: str
) -> None:
    git_http.faults.answer(status, "no", headers={"Location": f"{git_http.base_url}/elsewhere"})

    with pytest.raises(FastFlowError) as refused:
        await mirrors.fetch(remote(address(git_http)), None)

    assert refused.value.code == code


async def test_git_that_is_missing_is_said_with_its_remedy(tmp_path: Path, pushed: GitRepository) -> None:
    with pytest.raises(Unavailable, match="apt install git") as refused:
        await mirrors_in(tmp_path, git="no-such-git").fetch(remote(pushed.file_url), None)

    assert refused.value.code == "git_missing"


async def test_a_subdir_that_is_not_there_is_said_plainly(mirrors: GitMirrors, pushed: GitRepository) -> None:
    commit = await mirrors.fetch(remote(pushed.file_url), None)

    for subdir in ("missing", "report/main.py", "../x"):
        with pytest.raises(NotFound) as refused:
            await mirrors.snapshot(remote(pushed.file_url, subdir=subdir), commit.id, "main")
        assert refused.value.code == "subdir_missing"


async def test_a_commit_that_was_never_fetched_is_gone(mirrors: GitMirrors, pushed: GitRepository) -> None:
    where = remote(pushed.file_url)
    for step in ("before any fetch", "after one"):
        for commit in ("0" * 40, "HEAD", "--all", ""):
            with pytest.raises(NotFound) as refused:
                await mirrors.snapshot(where, commit, "main")
            assert refused.value.code == "commit_gone", step
        await mirrors.fetch(where, None)
