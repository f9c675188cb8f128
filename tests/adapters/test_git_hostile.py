"""What somebody hostile may push: listed with reasons, nothing executed, nothing outside read or written."""

import os
import resource
from pathlib import Path

import pytest

from fastflow.adapters.git import snapshot
from fastflow.adapters.git.mirrors import GitMirrors
from fastflow.domain.errors import Invalid, NotFound
from fastflow.domain.ports import FoundPipeline
from tests.adapters.mirrors import ID, fetched, git_dir, mirrors_in, remote
from tests.adapters.pipelines import contents
from tests.servers.repository import (
    EXECUTABLE,
    FILE,
    FOLDER,
    LINK,
    SUBMODULE,
    GitRepository,
    TreeEntry,
    entry,
)

NO_COMMIT = "1" * 40


@pytest.fixture
def mirrors(tmp_path: Path) -> GitMirrors:
    return mirrors_in(tmp_path)


def folder(repository: GitRepository, *entries: TreeEntry) -> str:
    """Store a folder with a `main.py` and these entries; return its tree."""
    return repository.write_tree_raw([*entries, entry(FILE, "main.py", repository.blob("print()\n"))])


async def problem_of(mirrors: GitMirrors, repository: GitRepository, tree: str, name: str = "evil") -> str:
    """Push that folder beside a good one; return what is said of it."""
    good = folder(repository)
    repository.commit_raw(repository.write_tree_raw([entry(FOLDER, name, tree), entry(FOLDER, "good", good)]))
    found = await fetched(mirrors, repository.file_url)
    assert found.pop("good").revision == f"tree-{good}"
    (evil,) = found.values()
    assert evil.revision is None
    assert evil.problem is not None
    return evil.problem


@pytest.mark.parametrize(
    "target",
    [
        "/etc/passwd",
        "../../etc/passwd",
        "../..",
        "../good/../../x",
        "a/../../../good",
        "..",
        "../.git/config",
    ],
)
async def test_links_that_leave_the_repository_are_refused(
    mirrors: GitMirrors, git_repository: GitRepository, target: str
) -> None:
    tree = folder(git_repository, entry(LINK, "link", git_repository.blob(target)))

    problem = await problem_of(mirrors, git_repository, tree)

    assert problem.startswith("link is a link")


async def test_a_main_py_that_is_a_link_out_is_refused(
    mirrors: GitMirrors, git_repository: GitRepository
) -> None:
    tree = git_repository.write_tree_raw([entry(LINK, "main.py", git_repository.blob("/etc/passwd"))])

    assert "leads out of the repository" in await problem_of(mirrors, git_repository, tree)


@pytest.mark.parametrize("target", ["/etc", "../../x", ".", ".."])
async def test_a_folder_that_is_a_link_out_is_refused(
    mirrors: GitMirrors, git_repository: GitRepository, target: str
) -> None:
    git_repository.commit_raw(
        git_repository.write_tree_raw(
            [
                entry(LINK, "evil", git_repository.blob(target)),
                entry(FILE, "main.py", git_repository.blob("")),
            ]
        )
    )

    found = await fetched(mirrors, git_repository.file_url)

    assert "leads out of the repository" in (found["evil"].problem or "")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (b"..", "leads elsewhere"),
        (b".", "leads elsewhere"),
        (b"a/b", "leads elsewhere"),
        (b"/etc/cron.d/x", "leads elsewhere"),
        (b".git", "Git keeps for itself"),
        (b".GIT", "Git keeps for itself"),
        (b"bad\xff.py", "not UTF-8"),
        (b"x" * 300, "too long"),
        (b"main.py", "is there twice"),
    ],
)
@pytest.mark.parametrize("mode", [FILE, FOLDER])
async def test_names_that_could_lead_elsewhere_are_refused(
    mirrors: GitMirrors, git_repository: GitRepository, name: bytes, reason: str, mode: str
) -> None:
    inside = folder(git_repository) if mode == FOLDER else git_repository.blob("x")

    problem = await problem_of(mirrors, git_repository, folder(git_repository, TreeEntry(mode, name, inside)))

    assert reason in problem
    assert problem.isprintable()
    assert len(problem) < 300


@pytest.mark.parametrize(
    "name", [b"..", b".git", b"a/b", b"bad\xff", "café".encode(), b"new\nline", b"-rf", b"x" * 80]
)
async def test_folders_whose_name_no_pipeline_can_have_are_listed(
    mirrors: GitMirrors, git_repository: GitRepository, name: bytes
) -> None:
    git_repository.commit_raw(
        git_repository.write_tree_raw([TreeEntry(FOLDER, name, folder(git_repository))])
    )

    (found,) = (await fetched(mirrors, git_repository.file_url)).values()

    assert "can't be a pipeline's" in (found.problem or "")
    assert found.name.isprintable()
    assert ".." not in found.path.parts


async def test_a_submodule_is_refused_and_never_fetched(
    mirrors: GitMirrors, git_repository: GitRepository, tmp_path: Path
) -> None:
    other = GitRepository(tmp_path / "other")
    other.write("main.py", "")
    commit = other.commit_and_push()
    settings = f'[submodule "evil"]\n\tpath = evil\n\turl = {other.file_url}\n'
    git_repository.commit_raw(
        git_repository.write_tree_raw(
            [
                entry(FILE, ".gitmodules", git_repository.blob(settings)),
                entry(SUBMODULE, "evil", commit),
                entry(FOLDER, "report", folder(git_repository, entry(SUBMODULE, "lib", commit))),
            ]
        )
    )

    found = await fetched(mirrors, git_repository.file_url)

    assert "a Git submodule" in (found["evil"].problem or "")
    assert "lib is a Git submodule" in (found["report"].problem or "")
    assert not (git_dir(tmp_path) / "modules").exists()


async def test_a_main_py_that_is_a_folder_or_leads_nowhere_is_a_problem(
    mirrors: GitMirrors, git_repository: GitRepository
) -> None:
    inside = folder(git_repository)
    cases = {
        "folder": entry(FOLDER, "main.py", inside),
        "nowhere": entry(LINK, "main.py", git_repository.blob("gone.py")),
        "circle": entry(LINK, "main.py", git_repository.blob("main.py")),
        "module": entry(SUBMODULE, "main.py", NO_COMMIT),
    }
    git_repository.commit_raw(
        git_repository.write_tree_raw(
            [
                entry(FOLDER, name, git_repository.write_tree_raw([main]))
                for name, main in sorted(cases.items())
            ]
        )
    )

    found = await fetched(mirrors, git_repository.file_url)

    assert {name: pipeline.problem for name, pipeline in found.items()} == {
        "folder": "main.py is a folder. It has to be a file.",
        "nowhere": "main.py is a link to nothing. Put the file in its place.",
        "circle": "main.py is a link to nothing. Put the file in its place.",
        "module": "main.py is a Git submodule, and submodules are not fetched. "
        "Put a copy of its files in its place.",
    }


async def test_filters_hooks_and_line_ends_do_nothing(
    mirrors: GitMirrors, git_repository: GitRepository, tmp_path: Path
) -> None:
    trace = tmp_path / "executed"
    git_repository.write(
        "report/.gitattributes", "* text eol=crlf ident export-subst filter=evil\nsecret.txt export-ignore\n"
    )
    git_repository.write("report/main.py", "a\n# $Id$ $Format:%H$\n")
    git_repository.write("report/secret.txt", "kept\n")
    git_repository.write("report/hooks/post-checkout", f"#!/bin/sh\ntouch {trace}\n", executable=True)
    git_repository.write(".gitattributes", "* filter=evil\n")
    git_repository.write(".gitconfig", f'[filter "evil"]\n\tsmudge = touch {trace}\n')
    git_repository.commit_and_push()
    files = contents(git_repository.work / "report")

    found = await fetched(mirrors, git_repository.file_url)
    await mirrors.lay_out("report", str(found["report"].revision), tmp_path / "copy", [ID])

    assert contents(tmp_path / "copy") == files
    assert b"\r" not in (tmp_path / "copy" / "main.py").read_bytes()
    assert not trace.exists()


async def test_too_many_and_too_large_files_are_refused_unread(
    mirrors: GitMirrors, git_repository: GitRepository
) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    large = git_repository.blob(b"\0" * (101 * 1024**2))
    empty = git_repository.blob("")
    many = git_repository.write_tree_raw([entry(FILE, f"{n:05}", empty) for n in range(10_001)])
    deep = folder(git_repository)
    for _ in range(70):
        deep = git_repository.write_tree_raw([entry(FOLDER, "d", deep)])
    wide = git_repository.write_tree_raw([entry(FILE, f"{n:06}" + "x" * 100, empty) for n in range(20_000)])
    trees = {
        "deep": folder(git_repository, entry(FOLDER, "d", deep)),
        "large": folder(git_repository, entry(FILE, "data.bin", large)),
        "many": folder(git_repository, entry(FOLDER, "d", many)),
        "wide": folder(git_repository, entry(FOLDER, "d", wide)),
    }
    git_repository.commit_raw(
        git_repository.write_tree_raw([entry(FOLDER, name, tree) for name, tree in trees.items()])
    )

    found = await fetched(mirrors, git_repository.file_url)

    problems = {name: pipeline.problem or "" for name, pipeline in found.items()}
    assert "nested more than 64 deep" in problems["deep"]
    assert "larger than 100 MiB" in problems["large"]
    assert "more than 10,000 files" in problems["many"]
    assert "too many entries" in problems["wide"]
    grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown_kib < 2 * 102 * 1024  # the test itself holds the large file, the product none of it


async def test_a_tree_that_contains_itself_a_million_times_costs_little(
    mirrors: GitMirrors, git_repository: GitRepository
) -> None:
    tree = folder(git_repository)
    for _ in range(8):
        tree = git_repository.write_tree_raw([entry(FOLDER, f"{n}", tree) for n in range(10)])

    problem = await problem_of(mirrors, git_repository, folder(git_repository, entry(FOLDER, "d", tree)))

    assert "more than 10,000 files" in problem


async def test_ten_thousand_folders_are_listed(mirrors: GitMirrors, git_repository: GitRepository) -> None:
    tree = folder(git_repository)
    git_repository.commit_raw(
        git_repository.write_tree_raw([entry(FOLDER, f"p{n:05}", tree) for n in range(10_000)])
    )

    found = await fetched(mirrors, git_repository.file_url)

    assert len(found) == 10_000
    assert {pipeline.revision for pipeline in found.values()} == {f"tree-{tree}"}


async def test_more_pipelines_than_that_are_too_many(
    mirrors: GitMirrors, git_repository: GitRepository
) -> None:
    tree = folder(git_repository)
    count = snapshot.MOST_PIPELINES + 1
    git_repository.commit_raw(
        git_repository.write_tree_raw([entry(FOLDER, f"p{n:05}", tree) for n in range(count)])
    )

    with pytest.raises(Invalid, match="PIPELINES_SUBDIR") as refused:
        await fetched(mirrors, git_repository.file_url)

    assert refused.value.code == "repository_too_large"


async def test_a_repository_that_is_too_large_is_given_up_and_takes_no_room(
    tmp_path: Path, git_repository: GitRepository
) -> None:
    git_repository.write("report/main.py", "")
    git_repository.commit_and_push()
    mirrors = mirrors_in(tmp_path, size_limit_bytes=2 * 1024**2)
    before = await fetched(mirrors, git_repository.file_url)
    git_repository.write("report/data.bin", os.urandom(4 * 1024**2))
    git_repository.commit_and_push()

    for _ in range(2):
        with pytest.raises(Invalid, match="GIT_MAX_SIZE_MB") as refused:
            await mirrors.fetch(remote(git_repository.file_url), None)
        assert refused.value.code == "repository_too_large"

    assert _size(git_dir(tmp_path)) < 1024**2
    assert await _read(mirrors, before["report"]) == before["report"]


def _size(directory: Path) -> int:
    return sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())


async def _read(mirrors: GitMirrors, found: FoundPipeline) -> FoundPipeline:
    (pipeline,) = await mirrors.snapshot(remote("file:///x"), str(found.commit), "main")
    return pipeline


@pytest.mark.parametrize(
    "revision", ["tree-" + "0" * 40, "content-" + "0" * 40, "tree-HEAD", "", "tree-../x"]
)
async def test_what_is_no_tree_of_the_mirror_is_gone(
    mirrors: GitMirrors, git_repository: GitRepository, tmp_path: Path, revision: str
) -> None:
    git_repository.write("report/main.py", "")
    git_repository.commit_and_push()
    await fetched(mirrors, git_repository.file_url)

    with pytest.raises(NotFound) as refused:
        await mirrors.lay_out("report", revision, tmp_path / "copy", [ID, "never-fetched"])

    assert refused.value.code == "revision_gone"
    assert not (tmp_path / "copy").exists()


async def test_a_tree_with_what_can_be_no_pipeline_is_never_written(
    mirrors: GitMirrors, git_repository: GitRepository, tmp_path: Path
) -> None:
    evil = folder(git_repository, entry(FILE, b"../escaped", git_repository.blob("x")))
    linked = folder(git_repository, entry(EXECUTABLE, "run", git_repository.blob("x")),
                    entry(LINK, "out", git_repository.blob("../../../escaped")))  # fmt: skip
    git_repository.commit_raw(
        git_repository.write_tree_raw([entry(FOLDER, "a", evil), entry(FOLDER, "b", linked)])
    )
    await fetched(mirrors, git_repository.file_url)

    for tree in (evil, linked):
        with pytest.raises(NotFound):
            await mirrors.lay_out("a", f"tree-{tree}", tmp_path / "copy", [ID])

    assert not (tmp_path / "copy").exists()
    assert "escaped" not in {name for _, _, names in os.walk(tmp_path) for name in names}
