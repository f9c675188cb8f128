"""What tests may rely on when they write a repository."""

from pathlib import Path

import pytest

from tests.servers.git_command import Git, GitError, client
from tests.servers.repository import EXECUTABLE, FILE, FOLDER, LINK, SUBMODULE, GitRepository, entry

_ELSEWHERE = "1" * 40


@pytest.fixture
def bare(git_repository: GitRepository) -> Git:
    return Git(git_repository.bare, git_repository.bare, {})


def test_what_is_committed_and_pushed_is_in_the_bare_repository(git_repository: GitRepository, bare: Git):
    git_repository.write("report/main.py", "print(1)\n", executable=True)
    git_repository.write("report/table.bin", b"\x00\xff")
    git_repository.link("report/latest", "table.bin")
    commit = git_repository.commit_and_push("First")
    assert bare("rev-parse", "main") == commit == git_repository.head == git_repository.tip_of("main")
    assert bare.bytes("cat-file", "blob", "main:report/table.bin") == b"\x00\xff"
    modes = [line.split()[0] for line in bare("ls-tree", "-r", "main").splitlines()]
    assert modes == [LINK, EXECUTABLE, FILE]


def test_a_folder_that_is_moved_keeps_its_tree(git_repository: GitRepository):
    git_repository.write("old/main.py", "print(1)\n")
    git_repository.commit_and_push()
    tree = git_repository.tree_of("old")
    git_repository.move("old", "new/deeper")
    git_repository.write("other.txt", "unrelated")
    git_repository.commit_and_push()
    assert git_repository.tree_of("new/deeper") == tree
    with pytest.raises(GitError):
        git_repository.tree_of("old")


def test_history_is_rewritten_only_by_force(git_repository: GitRepository):
    git_repository.write("a", "1")
    first = git_repository.commit_and_push()
    git_repository.delete("a")
    git_repository.commit_and_push()
    git_repository.reset(first)
    git_repository.write("a", "2")
    git_repository.commit()
    with pytest.raises(GitError):
        git_repository.push()
    git_repository.push(force=True)
    assert git_repository.tip_of("main") == git_repository.head


def test_a_branch_comes_and_goes(git_repository: GitRepository, bare: Git):
    git_repository.commit_and_push()
    git_repository.branch("feature")
    git_repository.commit_and_push()
    git_repository.tag("v1", "One")
    git_repository.branch("main")
    assert bare("branch", "--format=%(refname:short)").split() == ["feature", "main"]
    git_repository.delete_branch("feature")
    assert bare("branch", "--format=%(refname:short)").split() == ["main"]
    assert bare("tag", "--list") == "v1"


def test_equal_histories_have_equal_commits(tmp_path: Path):
    def head(folder: str) -> str:
        repository = GitRepository(tmp_path / folder)
        repository.write("main.py", "print(1)")
        return repository.commit_and_push("Same")

    assert head("one") == head("two")


def test_nothing_of_the_machines_configuration_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    settings = tmp_path / "settings"
    settings.write_text("[user]\n\tname = Eve\n[init]\n\tdefaultBranch = other\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    repository = GitRepository(tmp_path / "git")
    repository.commit_and_push()
    git = client(tmp_path / "reader")
    assert git("-C", str(repository.bare), "log", "--format=%an", "main") == "Ada"


def test_trees_that_git_would_refuse_reach_a_client(git_repository: GitRepository, tmp_path: Path):
    blob = git_repository.blob("evil")
    inner = git_repository.write_tree_raw([entry(FILE, "config", blob)])
    names = [b"..", b".git", b"/etc", b"twice", b"twice", b"caf\xe9", "\uff4dain\u202e.py".encode(), b"a\nb"]
    entries = [entry(FILE, name, blob) for name in names]
    entries += [entry(FOLDER, ".GIT", inner), entry(SUBMODULE, "module", _ELSEWHERE)]
    entries += [entry(LINK, "out", git_repository.blob("/etc/passwd"))]
    commit = git_repository.commit_raw(git_repository.write_tree_raw(entries))
    git = client(tmp_path / "client")
    git("clone", "--quiet", "--bare", git_repository.file_url, "copy")
    listed = git.bytes("-C", "copy", "ls-tree", "-z", commit).split(b"\0")
    assert [line.partition(b"\t")[2] for line in listed[:-1]] == [
        *names,
        b".GIT",
        b"module",
        b"out",
    ]
