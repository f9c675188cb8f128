"""`fastflow lint`: the server's own check, as compilers write it."""

from pathlib import Path

import pytest

from fastflow.cli.exit_codes import ExitCode
from tests.cli.conftest import Console


@pytest.fixture
def pipelines(tmp_path: Path) -> Path:
    """A folder with a pipeline that is fine, one with errors and one with a warning."""
    folder = tmp_path / "pipelines"
    manifests = {"fine": "{}", "wrong": '{\n  "timeout": "soon"\n}', "odd": '{"time_out": 5}'}
    for name, manifest in manifests.items():
        (folder / name).mkdir(parents=True)
        (folder / name / "main.py").write_text("print(1)\n")
        (folder / name / "pipeline.json").write_text(manifest)
    return folder


def test_each_problem_has_its_place_and_errors_end_with_code_1(console: Console, pipelines: Path) -> None:
    ended = console("lint", str(pipelines))
    assert ended.exit_code == ExitCode.FAILED
    lines = ended.stdout.splitlines()
    assert any(line.startswith(f"{pipelines}/wrong/pipeline.json:2:14: error: timeout: ") for line in lines)
    assert any(line.startswith(f"{pipelines}/odd/pipeline.json:1:2: warning: time_out: ") for line in lines)
    assert not any("fine" in line for line in lines)
    assert ended.stderr == "3 checked, 1 with errors\n"


def test_warnings_alone_are_no_failure(console: Console, pipelines: Path) -> None:
    ended = console("lint", str(pipelines / "odd"), str(pipelines / "fine"))
    assert ended.exit_code == 0
    assert "warning" in ended.stdout


def test_here_is_the_usual_place(console: Console, pipelines: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(pipelines / "wrong")
    ended = console("lint")
    assert ended.exit_code == ExitCode.FAILED
    assert ended.stdout.startswith("pipeline.json:2:14: error: ")


def test_json_holds_every_pipeline_with_its_problems(console: Console, pipelines: Path) -> None:
    ended = console("lint", str(pipelines), "--json")
    assert ended.exit_code == ExitCode.FAILED
    found = {pipeline["name"]: pipeline for pipeline in ended.json["pipelines"]}
    assert {name: pipeline["is_valid"] for name, pipeline in found.items()} == {
        "fine": True,
        "odd": True,
        "wrong": False,
    }
    assert found["wrong"]["problems"][0]["line"] == 2


@pytest.mark.parametrize("place", ["empty", "nowhere"])
def test_a_place_without_a_pipeline_is_not_found(console: Console, tmp_path: Path, place: str) -> None:
    (tmp_path / "empty").mkdir()
    assert console("lint", str(tmp_path / place)).exit_code == ExitCode.NOT_FOUND
