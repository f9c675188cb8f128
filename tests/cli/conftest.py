"""Fixtures that call the console as users do, in this process or as a program of its own."""

import http.server
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from fastflow.cli.app import main
from tests.cli.live_server import PATIENCE_SECONDS, LiveServer


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        """What it printed, read as JSON."""
        return json.loads(self.stdout)


Console = Callable[..., Ended]


class Background:
    """A command that runs beside the test."""

    def __init__(self, arguments: list[str], output: Callable[[], Any]) -> None:
        self._output = output
        self._exit_code: int | None = None
        self._thread = threading.Thread(target=self._run, args=(arguments,), name="console")
        self._thread.start()

    def join(self) -> Ended:
        """Wait for its end."""
        self._thread.join(PATIENCE_SECONDS)
        assert self._exit_code is not None, "the command did not end"
        captured = self._output()
        return Ended(self._exit_code, captured.out, captured.err)

    def _run(self, arguments: list[str]) -> None:
        self._exit_code = main(arguments)


@pytest.fixture(autouse=True)
def event_loop_is_never_blocked() -> None:
    """Not watched here: FastAPI looks at a route's source file when it is first asked for.

    The rings of the API and the orchestrator watch the same code; the console's own loop may block.
    """


@pytest.fixture(autouse=True)
def profiles_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the console of the test remembers who is signed in: nobody is at first."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for variable in ("FASTFLOW_TOKEN", "FASTFLOW_PROFILE"):
        monkeypatch.delenv(variable, raising=False)
    return tmp_path / "config" / "fastflow" / "profiles.json"


@pytest.fixture
def live_server(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LiveServer]:
    """A server that the console finds by FASTFLOW_SERVER."""
    server = LiveServer(sqlite_url, tmp_path)
    monkeypatch.setenv("FASTFLOW_SERVER", server.address)
    with capture_logs():  # what a real server writes goes to its own terminal
        yield server
        server.close()


@pytest.fixture
def other_server() -> Iterator[str]:
    """The address of a web server that is none of ours."""
    server = http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def console(capsys: pytest.CaptureFixture[str]) -> Console:
    """Call the console and wait for its end."""

    def call(*arguments: str) -> Ended:
        capsys.readouterr()
        exit_code = main(list(arguments))
        captured = capsys.readouterr()
        return Ended(exit_code, captured.out, captured.err)

    return call


@pytest.fixture
def begin(capsys: pytest.CaptureFixture[str]) -> Callable[..., Background]:
    """Start a command that goes on while the test does; its output is that of all commands meanwhile."""

    def start(*arguments: str) -> Background:
        return Background(list(arguments), capsys.readouterr)

    return start
