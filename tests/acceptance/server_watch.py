"""Watches a server process from outside: how soon it answers, its memory, where a text is to be found."""

import os
import re
import threading
import time
import urllib.request
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Self

import psutil

from tests.server_process import ServerProcess

_EVERY_SECONDS: Final = 0.02
_SECONDS: Final = 30
_CHUNK_BYTES: Final = 1024 * 1024


class HealthProbe:
    """Asks `/health` again and again from a thread of its own."""

    def __init__(self, server: ServerProcess) -> None:
        self._url = f"{server.url}/health"
        self._seconds: list[float] = []
        self._failures: list[str] = []
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._ask, name="health-probe")

    @property
    def count(self) -> int:
        """How many answers came."""
        return len(self._seconds)

    @property
    def slowest(self) -> float:
        """The seconds of the slowest answer.

        Raises:
            AssertionError: there was none, or one was no answer.
        """
        assert not self._failures, self._failures
        return max(self._seconds)

    def _ask(self) -> None:
        while not self._stopping.wait(_EVERY_SECONDS):
            began = time.monotonic()
            try:
                with urllib.request.urlopen(self._url, timeout=_SECONDS) as answer:  # noqa: S310 - http
                    answer.read()
            except OSError as error:
                self._failures.append(str(error))
            self._seconds.append(time.monotonic() - began)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join(_SECONDS)


def memory_mib(server: ServerProcess, figure: str = "VmRSS") -> float:
    """Read a figure of the server's own process (proc(5)); `VmHWM` is the most that it ever had."""
    assert server.process is not None
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    found = re.search(rf"^{figure}:\s+(\d+) kB", status, re.MULTILINE)
    assert found is not None
    return int(found[1]) / 1024


def files_with(folder: Path, text: str) -> list[Path]:
    """Return the files below a folder that hold that text, whatever else is in them."""
    wanted = text.encode()
    # `os.walk` goes on where a live server has just removed a folder; `rglob` would not.
    files = (Path(place, name) for place, _, names in os.walk(folder) for name in names)
    return [path for path in files if path.is_file() and _has(path, wanted)]


@contextmanager
def spying_on(server: ServerProcess) -> Generator[set[str]]:
    """Collect the command lines and environments of all that the server starts."""
    assert server.process is not None
    seen: set[str] = set()
    stopping = threading.Event()
    root = psutil.Process(server.process.pid)

    def spy() -> None:
        while not stopping.is_set():
            for child in root.children(recursive=True):
                seen.update(_said_of(child.pid))

    thread = threading.Thread(target=spy, name="spy")
    thread.start()
    try:
        yield seen
    finally:
        stopping.set()
        thread.join(_SECONDS)


def _said_of(pid: int) -> Iterator[str]:
    for kind in ("cmdline", "environ"):
        try:
            yield Path(f"/proc/{pid}/{kind}").read_bytes().replace(b"\0", b"\n").decode(errors="replace")
        except OSError:
            return  # it has ended


def _has(path: Path, wanted: bytes) -> bool:
    before = b""
    try:
        with path.open("rb") as file:
            while piece := file.read(_CHUNK_BYTES):
                if wanted in before + piece:
                    return True
                before = piece[-len(wanted) :]
    except FileNotFoundError:
        return False  # a file that a live server has just removed
    return False
