"""`fastflow run`: a pipeline here, without a server."""

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from fastflow.cli.exit_codes import ExitCode
from tests.cli.conftest import Console
from tests.cli.program import FASTFLOW, PATIENCE_SECONDS

MAIN = """\
import json, os, sys
print(json.dumps([os.environ["PARAM_DAY"], os.environ["MODE"], sys.argv[1:], sys.stdin.read(), os.getcwd()]))
print("trouble", file=sys.stderr)
sys.exit(int(os.environ.get("CODE", "0")))
"""


@pytest.fixture
def pipeline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A pipeline without requirements; what local runs keep is kept below `tmp_path`."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "hello"
    folder.mkdir()
    (folder / "main.py").write_text(MAIN)
    (folder / "pipeline.json").write_text('{"default_env": {"MODE": "usual"}}')
    return folder


def _run(*arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*FASTFLOW, "run", *arguments],
        input=text,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


def test_it_gets_the_parameters_variables_arguments_and_streams_of_the_caller(pipeline: Path) -> None:
    ended = _run(str(pipeline), "-p", "day=monday", "--", "--flag", "x", text="typed")
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout) == ["monday", "usual", ["--flag", "x"], "typed", str(pipeline)]
    first, *_, last = ended.stderr.splitlines()
    assert first == f"+ cd {pipeline} && uv run --no-project main.py --flag x"
    assert last == "trouble"


def test_its_exit_code_is_passed_through(pipeline: Path) -> None:
    assert _run(str(pipeline / "main.py"), "-p", "day=1", "-e", "CODE=42").returncode == 42


def test_ctrl_c_reaches_the_pipeline(pipeline: Path) -> None:
    (pipeline / "main.py").write_text(
        "import time\n"
        "try:\n    print('ready', flush=True)\n    time.sleep(60)\n"
        "except KeyboardInterrupt:\n    print('tidied up')\n    raise SystemExit(5)\n"
    )
    with subprocess.Popen([*FASTFLOW, "run", str(pipeline)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        os.kill(process.pid, signal.SIGINT)
        assert process.stdout.read() == "tidied up\n"
        assert process.wait(PATIENCE_SECONDS) == 5


def test_a_manifest_with_errors_is_not_run(pipeline: Path, console: Console) -> None:
    (pipeline / "pipeline.json").write_text('{"timeout": "soon"}')
    ended = console("run", str(pipeline))
    assert ended.exit_code == ExitCode.REFUSED
    assert "pipeline.json:1:13" in ended.stderr
    assert "fastflow lint" in ended.stderr


def test_parameters_are_checked_as_the_server_does(pipeline: Path, console: Console) -> None:
    (pipeline / "pipeline.json").write_text('{"parameters": {"type": "object", "required": ["day"]}}')
    ended = console("run", str(pipeline))
    assert ended.exit_code == ExitCode.REFUSED
    assert "day" in ended.stderr


def test_a_folder_that_is_no_pipeline_is_not_found(tmp_path: Path, console: Console) -> None:
    assert console("run", str(tmp_path / "nothing")).exit_code == ExitCode.NOT_FOUND
