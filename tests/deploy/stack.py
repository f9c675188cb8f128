"""The stack of deploy/compose.yaml, typed at as its operator would."""

import json
import os
import re
import secrets
import shutil
import subprocess
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.server_process import FASTFLOW, free_port

PASSWORD = "correct-horse-battery"  # noqa: S105 - of a server that is gone in a minute
_PATIENCE_SECONDS = 90
_COMMAND_SECONDS = 180


@dataclass
class Stack:
    """One installation by Compose, in a folder of its own."""

    folder: Path
    compose: str
    name: str
    port: int

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def add(self, pipeline: str, code: str, manifest: dict[str, Any] | None = None) -> None:
        """Write a pipeline."""
        place = self.folder / "pipelines" / pipeline
        place.mkdir(parents=True)
        (place / "main.py").write_text(code)
        (place / "pipeline.json").write_text(json.dumps(manifest or {}))

    def configure(self, image: str) -> None:
        """Write `.env` as its comments say."""
        told = {
            "FASTFLOW_IMAGE": image,
            "FASTFLOW_DATA": self.data,
            "FASTFLOW_PIPELINES": self.folder / "pipelines",
            "FASTFLOW_PUBLISH": f"127.0.0.1:{self.port}",
            "FASTFLOW_SERVER_CONTAINER": self.name,
        }
        text = (self.folder / ".env.example").read_text()
        for name, value in told.items():
            text, count = re.subn(rf"(?m)^#{name}=.*$", f"{name}={value}", text)
            assert count == 1, f"{name} is not in .env.example"
        (self.folder / ".env").write_text(text)

    def compose_with(self, *arguments: str) -> str:
        """Type a command of Compose; return what it prints."""
        return self._run([self.compose, "--project-name", self.name, *arguments])

    def up(self, image: str) -> None:
        """Bring it up, or up to date; return when the server is ready."""
        self.configure(image)
        self.compose_with("up", "-d")

        def is_healthy() -> bool:
            state = self.inspect(self.name)["State"]
            return state["Health"]["Status"] == "healthy" if "Health" in state else False

        self.until(is_healthy)

    def inspect(self, container: str) -> Any:
        """Return what Docker knows of a container."""
        return json.loads(self._run(["docker", "inspect", container]))[0]

    def console(self, *arguments: str, typed: str = "") -> str:
        """Type a command of the console on the host, signed in as the administrator."""
        return self._run([FASTFLOW, *arguments], typed)

    def set_up(self) -> None:
        """Make the first administrator with the token of the log."""
        (token,) = set(re.findall(r"setup_[A-Za-z0-9_-]+", self.compose_with("logs", "--no-color", "server")))
        self.console("setup", "--name", "admin", typed=f"{token}\n{PASSWORD}\n")

    def run(self, run_id: str) -> Any:
        """Return a run."""
        return json.loads(self.console("show", run_id, "--json"))

    def log(self, run_id: str) -> str:
        """Return a run's log."""
        return self.console("logs", run_id)

    def until(self, condition: Callable[[], object]) -> None:
        """Look again and again until it is so."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not condition():
            assert time.monotonic() < deadline, self.compose_with("logs", "--no-color", "--tail", "50")
            time.sleep(0.2)

    def destroy(self) -> None:
        """Take everything away, data too."""
        self.compose_with("down", "--volumes")
        shutil.rmtree(self.data, ignore_errors=True)

    def _run(self, command: list[str], typed: str = "") -> str:
        variables = {
            "HOME": str(self.folder / "home"),
            "FASTFLOW_SERVER": f"http://127.0.0.1:{self.port}",
            "PATH": os.environ["PATH"],
        }
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=variables,
            input=typed,
            capture_output=True,
            text=True,
            timeout=_COMMAND_SECONDS,
            check=False,
        )
        assert done.returncode == 0, f"{command}: {done.stdout}\n{done.stderr}"
        return done.stdout


@contextmanager
def stack_in(folder: Path, shipped: Path, compose: str) -> Generator[Stack]:
    """Give one, of the files that are shipped."""
    for name in ("compose.yaml", ".env.example"):
        shutil.copy(shipped / name, folder)
    (folder / "home").mkdir()
    (folder / "pipelines").mkdir()
    stack = Stack(folder, compose, f"ff-{secrets.token_hex(4)}", free_port())
    try:
        yield stack
    finally:
        if (folder / ".env").exists():
            installation = stack.data / "installation-id"
            mine = installation.read_text().strip() if installation.exists() else ""
            stack.destroy()
            if mine:
                _remove_runs(mine)


def _remove_runs(installation: str) -> None:
    wanted = f"label=fastflow.installation={installation}"
    listed = subprocess.run(
        ["docker", "ps", "--all", "--quiet", "--filter", wanted], capture_output=True, text=True, check=True
    )
    if found := listed.stdout.split():
        subprocess.run(["docker", "rm", "--force", "--volumes", *found], capture_output=True, check=True)
