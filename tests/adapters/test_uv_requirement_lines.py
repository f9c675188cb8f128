"""What a pipeline asks for, as a sync compares it."""

from pathlib import Path

import pytest

from fastflow.adapters.uv.requirement_lines import requirement_lines
from fastflow.domain.environment import EnvironmentFailed

SCRIPT = """# /// script
# requires-python = ">=3.11"
# dependencies = ["httpx>=0.27", "rich"]
# ///
print("hi")
"""
LOCK = """version = 1
[[package]]
name = "six"
version = "1.17.0"

[[package]]
name = "virtual"
"""


def checkout(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text)
    return folder


def test_requirements_are_listed_with_those_they_refer_to_and_without_options(tmp_path: Path) -> None:
    (tmp_path / "more.txt").write_text("attrs>=23\n")
    text = "# comment\nsix==1.17.0 \\\n  --hash=sha256:abc\n-r more.txt\n--index-url https://x.example\n"
    assert sorted(requirement_lines(checkout(tmp_path, requirements_txt=text))) == [
        "attrs>=23",
        "six==1.17.0",
    ]


def test_inline_metadata_and_projects_are_listed_too(tmp_path: Path) -> None:
    for name in ("script", "project", "locked"):
        (tmp_path / name).mkdir()
    assert requirement_lines(checkout(tmp_path / "script", main_py=SCRIPT)) == ["httpx>=0.27", "rich"]
    project = '[project]\nname = "p"\nversion = "1"\ndependencies = ["six"]\n'
    assert requirement_lines(checkout(tmp_path / "project", pyproject_toml=project)) == ["six"]
    locked = checkout(tmp_path / "locked", pyproject_toml=project, uv_lock=LOCK)
    assert requirement_lines(locked) == ["six==1.17.0"]


def test_a_pipeline_without_requirements_asks_for_nothing(tmp_path: Path) -> None:
    assert requirement_lines(checkout(tmp_path, main_py="print()")) == []


def test_what_is_not_toml_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFailed, match=r"pyproject\.toml is not valid TOML"):
        requirement_lines(checkout(tmp_path, pyproject_toml="[project"))


@pytest.mark.parametrize("lock", ["package = 3", "package = [1, 2]", '[[package]]\nversion = ["odd"]'])
def test_a_lockfile_of_an_odd_shape_is_no_reason_to_fail(tmp_path: Path, lock: str) -> None:
    project = '[project]\nname = "p"\nversion = "1"\n'
    requirement_lines(checkout(tmp_path, pyproject_toml=project, uv_lock=lock))
