"""`fastflow up`: the whole server as a program, with local processes as attempts."""

import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fastflow.cli.exit_codes import ExitCode
from tests.cli.conftest import Console
from tests.cli.program import FASTFLOW, PATIENCE_SECONDS

Up = Callable[[], "subprocess.Popen[str]"]


@pytest.fixture
def port() -> int:
    """A port that is free now."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return trial.getsockname()[1]


@pytest.fixture
def up(tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[Up]:
    """Start the server and wait until it says that it is ready; what still runs at the end is killed."""
    monkeypatch.setenv("FASTFLOW_SERVER", f"http://127.0.0.1:{port}")
    pipeline = tmp_path / "pipelines" / "hello"
    pipeline.mkdir(parents=True)
    (pipeline / "main.py").write_text(
        "import sys\nprint('hello')\nprint('oh', file=sys.stderr)\nsys.exit(7)\n"
    )
    started: list[subprocess.Popen[str]] = []

    def start() -> "subprocess.Popen[str]":
        options = {"port": port, "data-dir": tmp_path / "data", "pipelines-dir": pipeline.parent}
        given = [text for name, value in options.items() for text in (f"--{name}", str(value))]
        process = subprocess.Popen(
            [*FASTFLOW, "up", "--executor", "process", *given], stderr=subprocess.PIPE, text=True
        )
        started.append(process)
        assert process.stderr is not None
        said = ""
        while "ready at" not in said:
            line = process.stderr.readline()
            assert line, f"ended with {process.wait()}: {said}"
            said += line
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=PATIENCE_SECONDS)


def test_a_run_on_a_real_server_is_followed_to_its_exit_code(up: Up, console: Console) -> None:
    up()
    ended = console("trigger", "hello", "--follow")
    assert ended.exit_code == 7
    assert ended.stdout == "hello\n"
    assert "oh\n" in ended.stderr


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_quietly_and_it_starts_again(up: Up, console: Console, signal_number: int) -> None:
    for _ in range(2):
        process = up()
        process.send_signal(signal_number)
        _, said = process.communicate(timeout=PATIENCE_SECONDS)
        assert "Traceback" not in said
        assert process.returncode in (0, ExitCode.INTERRUPTED, -signal_number)


def test_a_second_server_on_the_same_data_is_refused_with_the_remedy(
    up: Up, console: Console, tmp_path: Path, port: int
) -> None:
    up()
    second = subprocess.run(
        [*FASTFLOW, "up", "--executor", "process", "--data-dir", str(tmp_path / "data")],
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert second.returncode == ExitCode.REFUSED
    assert second.stderr.startswith("error: Another Fast-Flow server")


@pytest.mark.parametrize(
    ("name", "value", "arguments", "place"),
    [
        ("PORT", "many", [], "PORT=many"),
        ("FASTFLOW_MEM_HARD_LIMIT", "lots", [], "FASTFLOW_MEM_HARD_LIMIT=lots"),
        ("TIMEZONE", "Mars/Olympus", [], "TIMEZONE=Mars/Olympus"),
        ("HOST", "example.org", [], "HOST=example.org"),
        ("FASTFLOW_TRUSTED_PROXIES", "10.0.0.0/8,proxy", [], "FASTFLOW_TRUSTED_PROXIES=10.0.0.0/8,proxy"),
        ("PORT", "8000", ["--executor", "magic"], "--executor=magic"),
        ("PORT", "8000", ["--port", "0"], "--port=0"),
    ],
)
def test_a_setting_that_can_not_be_right_is_named_with_its_value(
    console: Console,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    value: str,
    arguments: list[str],
    place: str,
) -> None:
    monkeypatch.setenv(name, value)
    ended = console("up", *arguments)
    assert ended.exit_code == ExitCode.USAGE
    assert ended.stderr.startswith(f"error: {place}: ")
