"""Pipelines in a folder: found and told apart by content, whatever lies there."""

import os
import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from fastflow.adapters.files.checkouts import Checkouts
from fastflow.adapters.files.pipeline_folder import PipelineFolder
from fastflow.domain.errors import NotFound, Unavailable
from fastflow.domain.pipeline_files import MOST_ENTRIES
from tests.adapters.pipelines import contents, found, later, pipeline, problem_of, revision_of


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "pipelines").mkdir()
    return tmp_path / "pipelines"


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "checkouts"


@pytest.fixture
def source(root: Path, kept: Path) -> PipelineFolder:
    return PipelineFolder(root, Checkouts(kept, timedelta(0)), now_ns=later)


async def test_folders_with_an_entry_point_are_pipelines(root: Path, source: PipelineFolder) -> None:
    pipeline(root, "report")
    (root / "notebook").mkdir()
    (root / "notebook" / "main.ipynb").write_text("{}")
    (root / "library").mkdir()
    (root / "library" / "helpers.py").write_text("")
    (root / "README.md").write_text("")
    pipeline(root, ".hidden")
    pipeline(root, "__pycache__")

    names = [pipeline.name for pipeline in await source.scan()]

    assert names == ["notebook", "report"]
    assert await source.look("library") is None
    assert await source.look("nothing") is None
    assert (await found(source, "report")).path == root / "report"


async def test_a_missing_folder_of_pipelines_is_said_plainly(root: Path, source: PipelineFolder) -> None:
    os.rmdir(root)

    with pytest.raises(Unavailable, match="Create it, or set PIPELINES_DIR"):
        await source.scan()
    with pytest.raises(Unavailable, match="no such folder"):
        await source.look("report")


@pytest.mark.parametrize(
    ("files", "manifest", "hint"),
    [
        ({}, None, None),
        ({"pipeline__json": '{"timeout": 1}'}, "pipeline.json", None),
        ({"report__json": '{"timeout": 1}'}, "report.json", None),
        ({"pipeline__json": "{}", "report__json": "{}"}, "pipeline.json", "report.json is not read"),
        ({"pipeline__json": "not json"}, "pipeline.json", None),
        ({"settings__json": '{"timeout": 1}'}, "settings.json", "Rename it to pipeline.json"),
        ({"settings__json": '{"timeout": 1}', "data__json": "[1]"}, "settings.json", "Rename it"),
        ({"settings__json": '{"timeout": 1, "colour": 2}'}, None, None),
        ({"a__json": '{"timeout": 1}', "b__json": '{"tags": []}'}, None, "a.json and b.json"),
    ],
)
async def test_the_manifest_is_found_by_its_name_or_its_fields(
    root: Path, source: PipelineFolder, files: dict[str, str], manifest: str | None, hint: str | None
) -> None:
    folder = pipeline(root, "report", **files)

    result = await found(source, "report")

    assert result.manifest_file == manifest
    assert result.manifest_text == ((folder / manifest).read_bytes() if manifest else None)
    assert (hint or "") in (result.hint or "")
    assert (result.hint is None) is (hint is None)


async def test_a_manifest_may_be_a_link_within_the_pipeline(root: Path, source: PipelineFolder) -> None:
    folder = pipeline(root, "report")
    (folder / "conf").mkdir()
    (folder / "conf" / "prod.json").write_text('{"timeout": 1}')
    (folder / "pipeline.json").symlink_to("conf/prod.json")

    assert (await found(source, "report")).manifest_text == b'{"timeout": 1}'


async def test_a_huge_manifest_is_only_begun_to_be_read(root: Path, source: PipelineFolder) -> None:
    pipeline(root, "report", pipeline__json="x" * 3 * 1024**2)

    text = (await found(source, "report")).manifest_text

    assert text is not None
    assert len(text) == 1024**2 + 1


async def test_the_revision_follows_the_content(root: Path, source: PipelineFolder) -> None:
    folder = pipeline(root, "report", notes__txt="a")
    seen = [await revision_of(source, "report")]

    (folder / "notes.txt").write_text("b")
    seen.append(await revision_of(source, "report"))
    (folder / "notes.txt").rename(folder / "other.txt")
    seen.append(await revision_of(source, "report"))
    (folder / "other.txt").chmod(0o755)
    seen.append(await revision_of(source, "report"))
    (folder / "link").symlink_to("other.txt")
    seen.append(await revision_of(source, "report"))

    assert len(set(seen)) == len(seen)
    assert all(len(revision) == 48 and revision.startswith("content-") for revision in seen)


async def test_the_revision_follows_nothing_else(root: Path, source: PipelineFolder) -> None:
    folder = pipeline(root, "report")
    twin = pipeline(root, "twin")
    before = await revision_of(source, "report")

    for ignored in (".git", ".venv", "__pycache__", "node_modules"):
        (folder / ignored).mkdir()
        (folder / ignored / "file").write_text("x")
    os.utime(folder / "main.py", (1, 1))
    (folder / "main.py").chmod(0o600)

    assert await revision_of(source, "report") == before
    assert await revision_of(source, "twin") == before
    (twin / ".env").write_text("hidden files count")
    assert await revision_of(source, "twin") != before


async def test_an_unchanged_pipeline_is_not_read_again(root: Path, source: PipelineFolder) -> None:
    folder = pipeline(root, "report")
    first = await found(source, "report")
    before = os.stat(folder / "main.py")

    assert await found(source, "report") is first
    assert (await source.scan())[0] is first

    (folder / "main.py").write_text("print('HELLO')\n")
    os.utime(folder / "main.py", ns=(before.st_atime_ns, before.st_mtime_ns))  # what only ctime shows
    assert (await found(source, "report")).revision != first.revision


async def test_what_changed_a_moment_ago_is_read_again(root: Path, kept: Path) -> None:
    source = PipelineFolder(root, Checkouts(kept))
    pipeline(root, "report")
    first = await found(source, "report")

    again = await found(source, "report")

    assert again == first
    assert again is not first


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("müll", "müll"),
        ("a b", "a b"),
        ("-rf", "-rf"),
        ("_x", "_x"),
        ("a\nb", "a\\nb"),
        ("\u202egnp", "\\u202egnp"),
        ("\uff46ull", "\uff46ull"),
        ("x" * 65, "x" * 65),
        ("bad\udcff", "bad\\udcff"),
    ],
)
async def test_a_folder_with_an_odd_name_is_reported_and_not_run(
    root: Path, source: PipelineFolder, name: str, shown: str
) -> None:
    pipeline(root, name)

    problem = await problem_of(source, shown)

    assert "rename it" in problem
    shown.encode()


@pytest.mark.parametrize("name", ["..", ".", "", "../report", "report/", "/etc", "report\0", "a/../report"])
async def test_a_name_that_is_a_path_leads_nowhere(root: Path, source: PipelineFolder, name: str) -> None:
    pipeline(root, "report")

    assert await source.look(name) is None
    with pytest.raises(NotFound):
        await source.checkout(name, await revision_of(source, "report"))


async def test_a_main_py_that_is_a_folder_is_a_problem(root: Path, source: PipelineFolder) -> None:
    (root / "report" / "main.py").mkdir(parents=True)

    assert await problem_of(source, "report") == "main.py is a folder. It has to be a file."


@pytest.mark.parametrize(
    "target", ["/etc/passwd", "../../outside.txt", "../../outside", "..", "../.git/config"]
)
@pytest.mark.parametrize("name", ["main.py", "notes.txt", "src/deep"])
async def test_links_out_of_the_repository_are_refused(
    root: Path, source: PipelineFolder, name: str, target: str
) -> None:
    (root.parent / "outside").mkdir()
    (root.parent / "outside.txt").write_text("secret")
    (root / ".git").mkdir()
    (root / ".git" / "config").write_text("token")
    folder = pipeline(root, "report")
    (folder / name).unlink(missing_ok=True)
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).symlink_to(os.path.join(root / "report", target))

    assert await problem_of(source, "report")


@pytest.mark.parametrize("target", ["/nowhere", "../nowhere", "loop"])
async def test_a_main_py_that_links_to_nothing_is_a_problem(
    root: Path, source: PipelineFolder, target: str
) -> None:
    folder = pipeline(root, "report")
    (folder / "loop").symlink_to("loop")
    (folder / "main.py").unlink()
    (folder / "main.py").symlink_to(target)

    assert "link to nothing" in await problem_of(source, "report")


async def test_a_pipeline_that_is_a_link_out_is_refused(root: Path, source: PipelineFolder) -> None:
    pipeline(root.parent, "outside")
    (root / "report").symlink_to(root.parent / "outside")

    assert "leads out of the repository" in await problem_of(source, "report")


async def test_links_within_a_pipeline_stay_links(root: Path, source: PipelineFolder) -> None:
    folder = pipeline(root, "report")
    (folder / "src").mkdir()
    (folder / "src" / "a.txt").write_text("a")
    (folder / "b.txt").symlink_to("src/a.txt")
    (folder / "absolute").symlink_to(folder / "src")
    (folder / "src" / "around.txt").symlink_to("../../report/src/a.txt")
    (folder / "dangling").symlink_to("later.txt")

    copy = await source.checkout("report", await revision_of(source, "report"))

    links = {path.name: os.readlink(path) for path in copy.rglob("*") if path.is_symlink()}
    assert links == {
        "b.txt": "src/a.txt",
        "absolute": "src",
        "around.txt": "a.txt",
        "dangling": "later.txt",
    }
    assert (copy / "b.txt").read_text() == "a"


async def test_what_other_folders_share_is_copied(root: Path, source: PipelineFolder) -> None:
    (root / "shared" / "deep").mkdir(parents=True)
    (root / "shared" / "deep" / "tool.py").write_text("tool")
    folder = pipeline(root, "report")
    (folder / "lib").symlink_to("../shared")
    (folder / "tool.py").symlink_to("../shared/deep/tool.py")
    before = await revision_of(source, "report")

    copy = await source.checkout("report", before)

    assert contents(copy) == {"main.py": "print('hello')\n", "lib/deep/tool.py": "tool", "tool.py": "tool"}
    assert not any(path.is_symlink() for path in copy.rglob("*"))
    (root / "shared" / "deep" / "tool.py").write_text("changed")
    assert await revision_of(source, "report") != before


async def test_links_that_lead_around_in_circles_are_refused(root: Path, source: PipelineFolder) -> None:
    folder = pipeline(root, "report")
    (root / "shared").mkdir()
    (folder / "lib").symlink_to("../shared")
    (root / "shared" / "back").symlink_to("../shared")

    assert "lies in itself" in await problem_of(source, "report")


@pytest.fixture
def open_socket(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX) as opened:
        yield opened


async def test_pipes_and_sockets_are_refused_without_waiting_for_them(
    root: Path, source: PipelineFolder, open_socket: socket.socket
) -> None:
    os.mkfifo(pipeline(root, "pipe") / "data")
    folder = pipeline(root, "main_pipe")
    (folder / "main.py").unlink()
    os.mkfifo(folder / "main.py")
    open_socket.bind(str(pipeline(root, "socket") / "s"))

    for name in ("pipe", "main_pipe", "socket"):
        assert "a pipe, a socket or a device" in await problem_of(source, name)


async def test_too_many_files_are_refused_after_bounded_work(root: Path, source: PipelineFolder) -> None:
    folder = pipeline(root, "report")
    for number in range(MOST_ENTRIES):
        (folder / f"f{number}").touch()

    assert "more than 10,000 files" in await problem_of(source, "report")


async def test_too_large_a_pipeline_is_refused_unread(root: Path, source: PipelineFolder) -> None:
    with (pipeline(root, "report") / "data.bin").open("wb") as file:
        file.truncate(10 * 1024**4)  # all hole: reading it would take hours

    assert "larger than 100 MiB" in await problem_of(source, "report")


async def test_too_deep_a_pipeline_is_refused(root: Path, source: PipelineFolder) -> None:
    (pipeline(root, "report") / "/".join(["d"] * 70)).mkdir(parents=True)

    assert "nested more than 64 deep" in await problem_of(source, "report")


async def test_thousands_of_pipelines_are_listed(root: Path, source: PipelineFolder) -> None:
    for number in range(3000):
        pipeline(root, f"p{number}")

    first = await source.scan()
    second = await source.scan()

    assert len(first) == 3000
    assert all(before is after for before, after in zip(first, second, strict=True))


async def test_a_pipeline_that_vanishes_is_forgotten(root: Path, source: PipelineFolder) -> None:
    folder = pipeline(root, "report")
    await source.scan()
    (folder / "main.py").unlink()

    assert await source.scan() == []
    assert await source.look("report") is None
