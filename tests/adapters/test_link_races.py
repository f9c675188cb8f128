"""Whoever swaps files for links while the server reads them has it read nothing from elsewhere.

Each test makes the swap before every single look at a file in turn, and swaps back soon, later or never.
"""

import os
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest

from fastflow.adapters.docker.inside import USAGE_FILE
from fastflow.adapters.docker.usage import read_usage
from fastflow.adapters.files.attempt_directory import route_in
from fastflow.adapters.files.beneath import Changed
from fastflow.adapters.files.pipeline_tree import list_entries
from fastflow.adapters.files.revision import content_revision
from fastflow.domain.pipeline_files import Refused
from tests.adapters.system_calls import acting_before

OUTSIDE = "not for pipelines"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A repository with a pipeline, and what must not get into it."""
    (tmp_path / "root" / ".git").mkdir(parents=True)
    for folder in (tmp_path / "root" / ".git", tmp_path / "outside", tmp_path / "outside" / "deep"):
        folder.mkdir(exist_ok=True)
        for name in ("a.txt", "main.py", "pipeline.json"):
            (folder / name).write_text(OUTSIDE)
    report = tmp_path / "root" / "report"
    (report / "src" / "deep").mkdir(parents=True)
    (report / "main.py").write_text("print()")
    (report / "pipeline.json").write_text("{}")
    (report / "src" / "a.txt").write_text("a")
    (report / "src" / "deep" / "a.txt").write_text("a")
    (report / "inner").symlink_to("src/a.txt")
    (tmp_path / "root" / "shared").mkdir()
    (tmp_path / "root" / "shared" / "a.txt").write_text("a")
    (report / "lib").symlink_to("../shared")
    (report / "tool").symlink_to("../shared/a.txt")
    return tmp_path


class Swap:
    """Takes something away and puts a link in its place; and back."""

    def __init__(self, path: Path, target: Path) -> None:
        self._path = path
        self._target = target
        self._aside = path.parent.parent / f".{path.name}-aside"

    def there(self) -> None:
        self._path.rename(self._aside)
        self._path.symlink_to(self._target)

    def back(self) -> None:
        if self._path.is_symlink() and os.path.lexists(self._aside):
            self._path.unlink()
            self._aside.rename(self._path)


def take_in(root: Path) -> list[bytes]:
    """Read the pipeline as the server does; return the content of its files, whatever became of it."""
    taken: list[bytes] = []
    try:
        content_revision(list_entries(root, "report"), lambda entry, content: taken.append(content))
    except (Refused, Changed, OSError):
        return taken  # said of the pipeline, or tried again
    return taken


@pytest.mark.parametrize(
    ("swapped", "target"),
    [("report", "outside"), ("report", "root/.git"), ("report/src", "outside"), ("shared", "outside")],
)
def test_a_folder_that_becomes_a_link_leads_nowhere(place: Path, swapped: str, target: str) -> None:
    swap = Swap(place / "root" / swapped, place / target)
    _try_all(swap, lambda: take_in(place / "root"))


@pytest.mark.parametrize("swapped", ["pipeline.json", "src/a.txt", "tool"])
def test_a_file_that_becomes_a_link_leads_nowhere(place: Path, swapped: str) -> None:
    swap = Swap(place / "root" / "report" / swapped, place / "outside" / "a.txt")
    _try_all(swap, lambda: take_in(place / "root"))


def _try_all(swap: Swap, reading: Callable[[], list[bytes]]) -> None:
    with acting_before({}) as calls:
        assert reading(), "undisturbed it can be read"
    for there, back_after in product(range(len(calls)), (1, 4, len(calls))):
        with acting_before({there: swap.there, there + back_after: swap.back}):
            taken = reading()
        swap.back()
        assert not [text for text in taken if OUTSIDE.encode() in text], (there, back_after, calls[there])


@pytest.mark.parametrize("target", ["../.git", "../.git/objects"])
def test_a_link_to_a_hidden_folder_is_refused(place: Path, target: str) -> None:
    (place / "root" / ".git" / "objects").mkdir()
    (place / "root" / "report" / "hidden").symlink_to(target)
    with pytest.raises(Refused, match="hidden folder"):
        list_entries(place / "root", "report")


def test_a_route_file_that_becomes_a_link_leads_nowhere(place: Path) -> None:
    directory = place / "attempts" / "run.1"
    directory.mkdir(parents=True)
    (directory / "route").write_text("left")
    swap = Swap(directory / "route", place / "outside" / "a.txt")
    _try_all(swap, lambda: [(route_in(directory).route or "").encode()])


def test_the_usage_file_that_becomes_a_link_leads_nowhere(place: Path) -> None:
    (place / "outside" / "a.txt").write_text("memory.peak 4711\n")
    directory = place / "attempts" / "run.1"
    directory.mkdir(parents=True)
    (directory / USAGE_FILE).write_text("memory.peak 1\n")
    swap = Swap(directory / USAGE_FILE, place / "outside" / "a.txt")
    with acting_before({}) as calls:
        assert read_usage(directory).peak_memory_bytes == 1
    for there in range(len(calls)):
        with acting_before({there: swap.there}):
            assert read_usage(directory).peak_memory_bytes in {1, None}
        swap.back()
