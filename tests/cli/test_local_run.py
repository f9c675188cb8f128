"""`fastflow run`: a pipeline here, without a server."""

import json
import os
import signal
import subprocess
import sys
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


SHOWS_SECRETS = """\
import json, os, subprocess, sys
path = os.environ.get("CERT_FILE")
read = [sys.executable, "-c", "import os; print(open(os.environ['CERT_FILE']).read(), end='')"]
print(json.dumps([os.environ.get("TOKEN"), os.environ.get("CERT"), path and open(path).read()]))
if path:
    print(subprocess.run(read, capture_output=True, text=True).stdout)
"""
LISTS_SECRETS = '{"default_env": {"TOKEN": "default"}, "secrets": ["TOKEN", {"key": "CERT", "as": "file"}]}'


@pytest.fixture
def secretive(pipeline: Path) -> Path:
    """A pipeline with a secret of either kind."""
    (pipeline / "main.py").write_text(SHOWS_SECRETS)
    (pipeline / "pipeline.json").write_text(LISTS_SECRETS)
    return pipeline


@pytest.mark.skipif(sys.platform != "linux", reason="a file in memory needs Linux")
def test_the_callers_variables_stand_in_for_secrets_also_for_those_in_files(
    secretive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", "mine")
    monkeypatch.setenv("CERT", "two\nlines")
    ended = _run(str(secretive))
    first, *rest = ended.stdout.splitlines()
    assert json.loads(first) == ["mine", None, "two\nlines"]
    assert rest == ["two", "lines"]  # a child of the pipeline's reads it as well
    assert "warning" not in ended.stderr


def test_a_file_of_the_callers_stands_in_for_a_secret(secretive: Path, tmp_path: Path) -> None:
    (tmp_path / "cert.pem").write_text("from a file")
    ended = _run(str(secretive), "-e", f"CERT_FILE={tmp_path / 'cert.pem'}", "-e", "TOKEN=given")
    assert json.loads(ended.stdout.splitlines()[0]) == ["given", None, "from a file"]
    assert "warning" not in ended.stderr


def test_a_secret_that_is_not_set_here_is_hinted_at(secretive: Path) -> None:
    (secretive / "pipeline.json").write_text('{"secrets": ["TOKEN", {"key": "CERT", "as": "file"}]}')
    ended = _run(str(secretive))
    assert ended.returncode == 0
    assert json.loads(ended.stdout) == [None, None, None]
    hints = [line for line in ended.stderr.splitlines() if line.startswith("warning: secret")]
    assert len(hints) == 2
    assert "`export TOKEN=…`" in hints[0]
    assert "`export CERT_FILE=…`" in hints[1]
