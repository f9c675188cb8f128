"""The product as a process of its own, to be used, killed and started again."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from fastflow.domain.execution import SPARE_DIRECTORY

PATIENCE_SECONDS: Final = 60
_LOOK_EVERY_SECONDS: Final = 0.05
TERMINAL: Final = frozenset({"SUCCESS", "FAILED", "CANCELLED", "SKIPPED"})
FASTFLOW: Final = str(Path(sys.executable).with_name("fastflow"))
"""The console as it is installed."""


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class ServerProcess:
    """One installation; the process may come and go."""

    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict[str, str])
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        return Path(self.settings.get("FASTFLOW_DATA_DIR", str(self.folder / "data")))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def add(self, pipeline: str, code: str, manifest: Mapping[str, object] | None = None) -> None:
        """Write a pipeline."""
        folder = self.folder / "pipelines" / pipeline
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "main.py").write_text(code)
        if manifest is not None:
            (folder / "pipeline.json").write_text(json.dumps(manifest))

    def start(self) -> None:
        """Start the process; it need not be ready yet."""
        environment = os.environ | {
            "FASTFLOW_DATA_DIR": str(self.data),
            "FASTFLOW_PIPELINES_DIR": str(self.folder / "pipelines"),
            "FASTFLOW_PORT": str(self.port),
            **self.settings,
        }
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [FASTFLOW, "up"],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def kill(self) -> None:
        """Kill -9."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        self.process = None

    def terminate(self) -> float:
        """Send SIGTERM; return the seconds until it was gone."""
        assert self.process is not None
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(PATIENCE_SECONDS) == 0, self.log()
        self.process = None
        return time.monotonic() - began

    def log(self) -> str:
        """Return what it has printed."""
        return (self.folder / "server.log").read_text(errors="replace")

    def call(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        """Call the API; return the JSON (errors too)."""
        request = urllib.request.Request(  # noqa: S310 - always http
            self.url + path,
            method=method,
            data=json.dumps(body).encode() if body is not None else None,
            headers={"Content-Type": "application/json", **headers},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                return json.load(answer)
        except urllib.error.HTTPError as error:
            return json.load(error)

    def get(self, path: str) -> Any:
        return self.call("GET", path)

    def raw_log(self, run_id: str) -> bytes:
        """Download a run's log."""
        with urllib.request.urlopen(f"{self.url}/api/runs/{run_id}/logs/raw", timeout=60) as answer:  # noqa: S310
            return bytes(answer.read())

    def run(self, pipeline: str, body: object = None) -> str:
        """Start a run as `curl -X POST` would; return its id."""
        run = self.call("POST", f"/api/pipelines/{pipeline}/run", body)
        assert "id" in run, run
        return str(run["id"])

    def trigger(self, pipeline: str, key: str) -> str:
        """Start a run, as often as needed until a server has taken it; the key makes it one."""
        while True:
            try:
                run = self.call("POST", f"/api/pipelines/{pipeline}/run", {}, **{"Idempotency-Key": key})
            except OSError:
                time.sleep(_LOOK_EVERY_SECONDS)
                continue
            assert "id" in run, run
            return str(run["id"])

    def until_ready(self) -> None:
        """Block until runs can be started."""

        def ready() -> bool:
            assert self.process is not None
            assert self.process.poll() is None, self.log()
            try:
                return bool(self.get("/ready").get("is_ready"))
            except OSError:
                return False

        self.until(ready)

    def until_status(self, run_id: str, *statuses: str) -> Any:
        """Block until the run has one of those statuses; return it."""
        seen: list[Any] = []

        def there() -> bool:
            seen[:] = [self.get(f"/api/runs/{run_id}")]
            return seen[0]["status"] in statuses

        self.until(there)
        return seen[0]

    def until(self, condition: Any, patience_seconds: float = PATIENCE_SECONDS) -> None:
        """Look again and again until it is so; another process offers no event to wait for."""
        deadline = time.monotonic() + patience_seconds
        while not condition():
            assert time.monotonic() < deadline, f"never happened; the server says:\n{self.log()[-4000:]}"
            time.sleep(_LOOK_EVERY_SECONDS)

    def slots_in_use(self) -> float:
        """Read the gauge that Prometheus reads."""
        with urllib.request.urlopen(self.url + "/metrics", timeout=10) as answer:  # noqa: S310
            text: str = answer.read().decode()
        return float(next(x.split()[1] for x in text.splitlines() if x.startswith("fastflow_slots_in_use ")))


MakeServer = Callable[[Mapping[str, str]], ServerProcess]


@contextmanager
def servers_on(folder: Path) -> Generator[MakeServer]:
    """Give a maker of servers on that folder; they and their containers are gone at the end.

    They are killed: however a test ends, nothing waits for them.
    """
    made: list[ServerProcess] = []

    def make(settings: Mapping[str, str]) -> ServerProcess:
        server = ServerProcess(folder, settings)
        made.append(server)
        return server

    try:
        yield make
    finally:
        for server in made:
            if server.process is not None:
                server.kill()
            remove_all_of(server)


def containers_of(server: ServerProcess) -> list[str]:
    """Return the containers of that installation, of whatever state, in which something of a pipeline is."""
    return [container for container, kind in labelled(server) if kind not in ("namespace", "standby")]


def attempt_directories(server: ServerProcess) -> list[Path]:
    """Return the directories of attempts, not those that wait for one."""
    return [
        each for each in (server.data / "attempts").iterdir() if not each.name.startswith(SPARE_DIRECTORY)
    ]


def remove_all_of(server: ServerProcess) -> None:
    """Remove every container of an installation whose server is gone.

    It is looked twice: the Engine finishes what it was asked for, although nobody waits for it any more.
    """
    empty = 0
    while empty < 2:
        if left := [container for container, _ in labelled(server)]:
            subprocess.run(["docker", "rm", "-fv", *left], check=False, capture_output=True, timeout=60)
            empty = 0
        else:
            empty += 1


def labelled(server: ServerProcess) -> list[tuple[str, str]]:
    """Return id and kind of every container."""
    if not (server.data / "installation-id").exists():
        return []
    installation = (server.data / "installation-id").read_text().strip()
    listed = subprocess.run(
        [
            *("docker", "ps", "-a", "--filter", f"label=fastflow.installation={installation}"),
            *("--format", '{{.ID}} {{.Label "fastflow.kind"}}'),
        ],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    pairs = (line.split() for line in listed.stdout.splitlines())
    return [(container, kind) for container, kind in pairs]


class StartsWitness:
    """Listens to the Engine's own events: how often was a container started for each run?

    The Engine remembers only its last 256 events, so they are written down as they come.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "starts"
        with self._file.open("wb") as file:
            self._listener = subprocess.Popen(
                [
                    *("docker", "events", "--filter", "event=start", "--filter", "label=fastflow.run"),
                    *("--format", '{{index .Actor.Attributes "fastflow.run"}}'),
                ],
                stdout=file,
            )

    def starts(self, runs: Sequence[str]) -> dict[str, int]:
        """Return the number of starts of each of those runs."""
        seen = self._file.read_text().split()
        return {run_id: seen.count(run_id) for run_id in runs}

    def close(self) -> None:
        """Stop listening."""
        self._listener.kill()
        self._listener.wait()
