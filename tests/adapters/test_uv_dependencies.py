"""What a checkout asks for, read from whatever file says so."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastflow.adapters.uv.dependencies import Dependencies, read_dependencies
from fastflow.adapters.uv.python_requirement import Version, meets
from fastflow.adapters.uv.script_metadata import read_script_metadata
from fastflow.domain.environment import DependencySource, EnvironmentFailed

SCRIPT = '# /// script\n# requires-python = ">=3.11"\n# dependencies = ["six"]\n# ///\nprint(1)\n'
PROJECT = '[project]\nname = "report"\nversion = "1"\nrequires-python = ">=3.12"\n'


def write(folder: Path, **files: str) -> Path:
    for name, content in files.items():
        (folder / name.replace("_", ".")).write_text(content)
    return folder


def test_a_script_without_anything_needs_nothing(tmp_path: Path) -> None:
    assert read_dependencies(write(tmp_path, main_py="print(1)")) == Dependencies(DependencySource.NONE)


def test_the_project_comes_before_requirements_and_those_before_the_script(tmp_path: Path) -> None:
    write(tmp_path, main_py=SCRIPT)
    assert read_dependencies(tmp_path).source is DependencySource.SCRIPT
    write(tmp_path, requirements_txt="six\n")
    assert read_dependencies(tmp_path).source is DependencySource.REQUIREMENTS
    write(tmp_path, pyproject_toml=PROJECT)
    found = read_dependencies(tmp_path)
    assert found.source is DependencySource.PROJECT
    assert found.requires_python == ">=3.12"
    assert "uv lock" in found.hint
    assert "requirements.txt is not used" in found.hint
    assert "script` block of main.py is not used" in found.hint


def test_a_lockfile_beside_the_project_needs_no_advice(tmp_path: Path) -> None:
    found = read_dependencies(write(tmp_path, main_py="", pyproject_toml=PROJECT, uv_lock="version = 1\n"))
    assert found.is_locked
    assert found.hint == ""


def test_a_pyproject_that_only_configures_tools_is_no_source(tmp_path: Path) -> None:
    write(tmp_path, main_py="", pyproject_toml="[tool.ruff]\nline-length = 99\n", requirements_txt="six\n")
    assert read_dependencies(tmp_path).source is DependencySource.REQUIREMENTS


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"pyproject_toml": "[project"}, "not valid TOML"),
        ({"main_py": "# /// script\n# dependencies = [\n# ///\n"}, "not valid TOML"),
        ({"main_py": "# /// script\n# dependencies = 'six'\n# ///\n"}, "must be a list"),
        ({"main_py": "# /// script\n# requires-python = 3.12\n# ///\n"}, "must be text"),
        ({"main_py": SCRIPT + SCRIPT}, "more than one"),
        ({"requirements_txt": "-r ../outside.txt\n"}, "outside the pipeline's folder"),
        ({"requirements_txt": "-c /etc/hostname\n"}, "outside the pipeline's folder"),
        ({"requirements_txt": "-rmissing.txt\n"}, "missing.txt can't be read"),
        ({"requirements_txt": "-r https://example.org/r.txt\n"}, "must lie in its own folder"),
        ({"requirements_txt": "#" * 2_000_000}, "larger than"),
    ],
)
def test_what_can_not_be_understood_is_said_plainly(
    tmp_path: Path, files: dict[str, str], words: str
) -> None:
    with pytest.raises(EnvironmentFailed, match=words):
        read_dependencies(write(tmp_path, **files))


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("six\n")
    folder = tmp_path / "report"
    folder.mkdir()
    write(folder, requirements_txt="-r more.txt\n").joinpath("more.txt").symlink_to(tmp_path / "secret.txt")

    with pytest.raises(EnvironmentFailed, match="outside"):
        read_dependencies(folder)


def test_a_change_in_a_referenced_file_changes_the_digest(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    write(tmp_path, requirements_txt="--requirement=more/a.txt # the rest\nsix\n")
    write(tmp_path / "more", a_txt="--constraint \\\n  b.txt\n", b_txt="idna<3\n")
    before = read_dependencies(tmp_path).digest
    assert read_dependencies(tmp_path).digest == before

    write(tmp_path / "more", b_txt="idna<4\n")

    assert read_dependencies(tmp_path).digest != before


def test_files_that_refer_to_each_other_are_read_once(tmp_path: Path) -> None:
    write(tmp_path, requirements_txt="-r other.txt\n", other_txt="-r requirements.txt\nsix\n")
    assert read_dependencies(tmp_path).source is DependencySource.REQUIREMENTS


def test_only_the_metadata_of_a_script_count(tmp_path: Path) -> None:
    before = read_dependencies(write(tmp_path, main_py=SCRIPT)).digest
    assert read_dependencies(write(tmp_path, main_py=SCRIPT + "print(2)\n")).digest == before
    assert read_dependencies(write(tmp_path, main_py=SCRIPT.replace("six", "idna"))).digest != before


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_metadata_are_found_with_any_newline(newline: str) -> None:
    metadata = read_script_metadata(("\ufeffimport os\n\n" + SCRIPT).replace("\n", newline).encode())
    assert metadata is not None
    assert metadata.requires_python == ">=3.11"


def test_where_packages_come_from_is_taken_along(tmp_path: Path) -> None:
    write(
        tmp_path, requirements_txt="-r a.txt\n--only-binary :all:\nsix\n", a_txt="-i https://a/simple # own\n"
    )
    assert read_dependencies(tmp_path).install_options == ["--only-binary :all:", "-i https://a/simple"]

    index = '# [[tool.uv.index]]\n# name = "own"\n# url = "https://own/simple"\n'
    script = SCRIPT.replace("# ///\nprint", f"{index}{index}# default = true\n# ///\nprint")
    metadata = read_script_metadata(script.encode())
    assert metadata is not None
    assert metadata.install_options == [
        "--extra-index-url https://own/simple",
        "--index-url https://own/simple",
    ]


@given(st.text(alphabet="#/ script\n='[]\"ax.", max_size=80))
def test_no_script_makes_the_reader_crash(text: str) -> None:
    with suppress(EnvironmentFailed):
        read_script_metadata(("# /// script\n" + text + "\n# ///\n").encode())


@pytest.mark.parametrize(
    ("version", "requirement", "is_met"),
    [
        ((3, 11, 2), "", True),
        ((3, 11, 2), ">=3.11", True),
        ((3, 11, 2), ">=3.12", False),
        ((3, 12, 0), ">=3.11,<3.13", True),
        ((3, 13, 0), ">=3.11, <3.13", False),
        ((3, 11, 9), "==3.11.*", True),
        ((3, 12, 0), "==3.11.*", False),
        ((3, 11, 9), "==3.11", False),
        ((3, 11, 9), "!=3.11.*", False),
        ((3, 11, 9), "~=3.11", True),
        ((3, 12, 0), "~=3.11.2", False),
        ((3, 11, 4), "~=3.11.2", True),
        ((4, 0, 0), "~=3.11", False),
        ((3, 11, 0), ">3.11", False),
        ((3, 11, 1), ">3.11", True),
        ((3, 11, 0), "<=3.11", True),
        ((3, 11, 0), "<4.0a0", True),
    ],
)
def test_a_version_meets_a_requirement(version: Version, requirement: str, is_met: bool) -> None:
    assert meets(version, requirement) is is_met


@pytest.mark.parametrize("requirement", ["3.12", "^3.11", ">=three", "latest"])
def test_a_requirement_that_is_none_is_refused(requirement: str) -> None:
    with pytest.raises(EnvironmentFailed, match="not a version specifier"):
        meets((3, 11, 0), requirement)
