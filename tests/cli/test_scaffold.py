"""`fastflow new`, and that what it makes passes `lint` and runs."""

from pathlib import Path

import pytest

from fastflow.cli.exit_codes import ExitCode
from tests.cli.conftest import Console


def test_a_new_pipeline_has_no_problem_and_nothing_is_said_twice(console: Console, tmp_path: Path) -> None:
    made = console("new", "report", "--dir", str(tmp_path))
    assert made.exit_code == 0
    assert f"fastflow up --pipelines-dir {tmp_path}" in made.stdout
    checked = console("lint", str(tmp_path), "--json")
    assert checked.exit_code == 0
    (pipeline,) = checked.json["pipelines"]
    assert pipeline["problems"] == []
    assert pipeline["hint"] is None


def test_the_usual_folder_is_that_of_the_server(
    console: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIPELINES_DIR", str(tmp_path / "usual"))
    made = console("new", "report")
    assert (tmp_path / "usual" / "report" / "main.py").is_file()
    assert "fastflow up\n" in made.stdout


def test_what_exists_is_never_overwritten(console: Console, tmp_path: Path) -> None:
    own = tmp_path / "report"
    own.mkdir()
    ended = console("new", "report", "--dir", str(tmp_path))
    assert ended.exit_code == ExitCode.FAILED
    assert "left as it is" in ended.stderr
    assert list(own.iterdir()) == []


@pytest.mark.parametrize("name", ["../up", ".hidden", "a b", "ümlaut", "x" * 65])
def test_a_name_that_no_pipeline_may_have_is_refused(console: Console, tmp_path: Path, name: str) -> None:
    ended = console("new", name, "--dir", str(tmp_path))
    assert ended.exit_code == ExitCode.USAGE
    assert list(tmp_path.iterdir()) == []
