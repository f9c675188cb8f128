"""The same content is the same pipeline, whether it lies in a local folder or in Git."""

import os
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from fastflow.adapters.files.checkouts import Checkouts
from fastflow.adapters.files.pipeline_folder import PipelineFolder
from fastflow.adapters.git.mirrors import GitMirrors
from fastflow.domain.manifest import LARGEST_MANIFEST_BYTES
from fastflow.domain.ports import FoundPipeline
from tests.adapters.mirrors import ID, fetched, git_dir, mirrors_in, remote
from tests.adapters.pipelines import contents, later
from tests.servers.repository import GitRepository

Files = dict[str, str]
"""Path to content; `-> target` is a link."""

PIPELINES: dict[str, Files] = {
    "plain": {"main.py": "print()\n", "src/deep/code.py": "x = 1\n", "run.sh!": "#!/bin/sh\n"},
    "notebook": {"main.ipynb": "{}"},
    "nothing": {"readme.md": "no entry point"},
    ".hidden": {"main.py": ""},
    "node_modules": {"main.py": ""},
    "with-manifest": {"main.py": "", "pipeline.json": '{"timeout": 5}'},
    "own": {"main.py": "", "own.json": '{"timeout": 5}'},
    "both": {"main.py": "", "pipeline.json": "{}", "both.json": "{}"},
    "likely": {"main.py": "", "settings.json": '{"timeout": 5}', "other.json": "[1]"},
    "two": {"main.py": "", "a.json": '{"timeout": 5}', "b.json": '{"timeout": 6}'},
    "linked-manifest": {"main.py": "", "pipeline.json": "-> conf/it.json", "conf/it.json": '{"timeout": 1}'},
    "huge-manifest": {"main.py": "", "pipeline.json": "x" * (LARGEST_MANIFEST_BYTES + 10)},
    "ignored": {"main.py": "", ".venv/x": "", "__pycache__/y": "", "sub/node_modules/z": "", ".env": "A=1"},
    "links": {
        "main.py": "-> src/app.py", "src/app.py": "x", "src/up": "-> ../data", "data/d.txt": "d",
        "self": "-> .", "round": "-> ../links/src/app.py", "dangling": "-> gone.txt",
    },
    "shared": {"main.py": "", "lib": "-> ../common", "one.py": "-> ../common/tool.py"},
    "through": {"main.py": "-> ../plain/main.py", "code": "-> ../plain/src/deep"},
    "behind": {"main.py": "", "far": "-> ../shared/lib/inner"},
    "alias": {"": "-> plain"},
    "file-link": {"": "-> plain/main.py"},
    "broken-link": {"": "-> nowhere"},
    "bad name": {"main.py": ""},
    "-rf": {"main.py": ""},
    "ünïcode": {"main.py": ""},
    "x" * 70: {"main.py": ""},
    "folder-main": {"main.py/x": ""},
    "link-to-folder": {"main.py": "-> src", "src/x": ""},
    "nowhere": {"main.py": "-> gone.py"},
    "out": {"main.py": "", "passwd": "-> ../../../etc/nothing"},
    "dangling-up": {"main.py": "", "x": "-> ../nothing"},
    "circle": {"main.py": "", "down/loop": "-> ../../circle-start", },
    "circle-start": {"main.py": "", "down/loop": "-> ../../circle-start"},
    "around": {"main.py": "", "sub/lib": "-> ../../around-lib"},
    "hidden-target": {"main.py": "", "x": "-> ../.hidden/main.py"},
    "hidden-folder": {"main.py": "", "x": "-> ../.hidden"},
    "top": {"main.py": "", "x": "-> ../.."},
}  # fmt: skip
BESIDE: Files = {
    "common/tool.py": "tool\n",
    "common/inner/deep.txt": "deep\n",
    "common/back": "-> inner",
    "around-lib/again": "-> ../around-lib",
}
"""What pipelines share: no pipelines themselves."""


def write(root: Path, files: Files) -> None:
    for name, content in files.items():
        path = root / name.rstrip("!") if name else root
        path.parent.mkdir(parents=True, exist_ok=True)
        if content.startswith("-> "):
            path.symlink_to(content.removeprefix("-> "))
        else:
            path.write_text(content)
            path.chmod(0o755 if name.endswith("!") else 0o644)


@pytest.fixture
def repository(git_repository: GitRepository) -> GitRepository:
    for name, files in PIPELINES.items():
        write(git_repository.work / name, files)
    write(git_repository.work, BESIDE)
    git_repository.commit_and_push()
    return git_repository


async def test_the_same_content_is_the_same_pipeline(repository: GitRepository, tmp_path: Path) -> None:
    shutil.rmtree(repository.work / ".git")
    kept = Checkouts(tmp_path / "kept", timedelta(0))
    local = PipelineFolder(repository.work, kept, now_ns=later)
    mirrors = mirrors_in(tmp_path)

    in_folder = {found.name: found for found in await local.scan()}
    in_git = await fetched(mirrors, repository.file_url)

    assert in_git.keys() == in_folder.keys()
    for name, found in in_git.items():
        expected = in_folder[name]
        # A link to what is not in the repository can't be told from one that leads out of it.
        if name not in ("out", "dangling-up"):
            assert _described(found) == _described(expected), name
        assert (found.revision is None) == (expected.revision is None), name
        assert (found.problem is None) == (expected.problem is None), name
        if found.revision is not None and expected.revision is not None:
            copy = await local.checkout(name, expected.revision)
            (tmp_path / "laid-out").mkdir(exist_ok=True)
            await mirrors.lay_out(name, found.revision, tmp_path / "laid-out" / name, [ID])
            assert _laid_out(tmp_path / "laid-out" / name) == _laid_out(copy), name


def _described(found: FoundPipeline) -> FoundPipeline:
    return replace(found, path=Path(found.name), revision=None, repository=None)


def _laid_out(folder: Path) -> dict[str, object]:
    """Return what there is: modes, links, content."""
    found: dict[str, object] = {}
    for parent, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = Path(parent, name)
            status = path.lstat()
            content = (
                os.readlink(path) if path.is_symlink() else path.read_bytes() if path.is_file() else None
            )
            mode = 0 if path.is_symlink() else status.st_mode
            found[str(path.relative_to(folder))] = (mode, content)
    return found


async def test_an_unrelated_push_changes_no_revision(repository: GitRepository, tmp_path: Path) -> None:
    mirrors = mirrors_in(tmp_path)
    before = await fetched(mirrors, repository.file_url)
    repository.write("plain/main.py", "changed\n")
    repository.write("unrelated.txt", "x")
    repository.commit_and_push()

    after = await fetched(mirrors, repository.file_url)

    changed = {name for name, found in after.items() if found.revision != before[name].revision}
    assert changed == {"plain", "alias", "through"}
    assert {name for name, found in after.items() if found != before[name]} == changed
    assert {found.commit for found in after.values()} == {repository.head}


async def test_what_is_shared_changes_the_pipelines_that_link_to_it(
    repository: GitRepository, tmp_path: Path
) -> None:
    mirrors = mirrors_in(tmp_path)
    before = await fetched(mirrors, repository.file_url)
    repository.write("common/tool.py", "another tool\n")
    repository.commit_and_push()

    after = await fetched(mirrors, repository.file_url)
    await mirrors.lay_out("shared", str(before["shared"].revision), tmp_path / "old", [ID])
    await mirrors.lay_out("shared", str(after["shared"].revision), tmp_path / "new", [ID])

    assert {name for name, found in after.items() if found != before[name]} == {"shared"}
    assert contents(tmp_path / "old")["one.py"] == "tool\n"
    assert contents(tmp_path / "new")["one.py"] == "another tool\n"
    assert contents(tmp_path / "new")["lib/tool.py"] == "another tool\n"


async def test_a_renamed_folder_is_another_pipeline_of_the_same_revision(
    repository: GitRepository, tmp_path: Path
) -> None:
    mirrors = mirrors_in(tmp_path)
    before = await fetched(mirrors, repository.file_url)
    repository.move("links", "renamed")
    repository.commit_and_push()

    after = await fetched(mirrors, repository.file_url)

    assert "links" not in after
    # Its link `round` leads through its own name, and now to nothing.
    assert "does not exist" in (after["renamed"].problem or "")
    repository.move("plain", "moved")
    repository.commit_and_push()
    assert (await fetched(mirrors, repository.file_url))["moved"].revision == before["plain"].revision


async def test_pipelines_lie_below_the_subdir(git_repository: GitRepository, tmp_path: Path) -> None:
    write(git_repository.work, {"main.py": "", "other/main.py": "", "lib/tool.py": "tool\n"})
    write(git_repository.work / "jobs" / "daily", {"report/main.py": "", "report/lib": "-> ../../../lib"})
    git_repository.commit_and_push()
    mirrors = mirrors_in(tmp_path)

    (found,) = (await fetched(mirrors, git_repository.file_url, "jobs/daily")).values()
    await mirrors.lay_out("report", str(found.revision), tmp_path / "copy", [ID])

    assert (found.name, found.path, found.repository) == ("report", Path("jobs/daily/report"), "main")
    assert contents(tmp_path / "copy") == {"main.py": "", "lib/tool.py": "tool\n"}


async def test_the_revision_of_a_plain_folder_is_gits_own_name_for_it(
    repository: GitRepository, tmp_path: Path
) -> None:
    found = await fetched(mirrors_in(tmp_path), repository.file_url)

    assert found["plain"].revision == f"tree-{repository.tree_of('plain')}"
    assert found["links"].revision != f"tree-{repository.tree_of('links')}"
    assert not (git_dir(tmp_path) / "index").exists()


async def test_a_snapshot_after_a_restart_is_the_same(repository: GitRepository, tmp_path: Path) -> None:
    before = await fetched(mirrors_in(tmp_path), repository.file_url)

    again = mirrors_in(tmp_path)
    after = await again.snapshot(remote(repository.file_url), repository.head, "main")

    assert {found.name: found for found in after} == before
    await again.lay_out("shared", str(before["shared"].revision), tmp_path / "copy", [ID])
    assert contents(tmp_path / "copy")["one.py"] == "tool\n"


async def test_unchanged_folders_are_not_read_again(repository: GitRepository, tmp_path: Path) -> None:
    mirrors: GitMirrors = mirrors_in(tmp_path)
    before = await fetched(mirrors, repository.file_url)
    repository.write("tiny/main.py", "")
    repository.commit_and_push()

    after = await fetched(mirrors, repository.file_url)

    manifests = (before["with-manifest"].manifest_text, after["with-manifest"].manifest_text)
    assert manifests[0] is manifests[1]
