"""An Engine of a test's own, which may be stopped and killed without harm to anybody else's."""

import http.client
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

_SECONDS = 60


class PrivateEngine:
    """A `dockerd` in network and mount namespaces of its own: what it sets up there ends with it.

    All methods block.
    """

    def __init__(self, *options: str) -> None:
        # Short, because a socket's path may have 108 characters.
        self.directory = Path(tempfile.mkdtemp(prefix="ff-engine-", dir="/tmp"))
        self.options = options
        """Of the daemon, from its next start on."""
        self._socket = self.directory / "sock"
        self._daemon: subprocess.Popen[bytes] | None = None
        self._namespaces = subprocess.Popen(
            ["unshare", "--net", "--mount", "--propagation=private", "--kill-child", "sleep", "infinity"]
        )
        self._wait_for(lambda: self._other_namespace("net") and self._other_namespace("mnt"))

    @property
    def address(self) -> str:
        return f"unix://{self._socket}"

    def start(self) -> None:
        """Start it, and return when it answers."""
        command = [
            *("nsenter", f"--target={self._namespaces.pid}", "--net", "--mount", "--wd=/", "dockerd"),
            *("--data-root", str(self.directory / "data"), "--exec-root", str(self.directory / "exec")),
            *("--pidfile", str(self.directory / "pid"), "--host", self.address, *self.options),
        ]
        with (self.directory / "log").open("ab") as log:
            self._daemon = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                # Where its containerd leaves a stack dump when it is slow to end.
                env={**os.environ, "TMPDIR": str(self.directory)},
            )
        self._wait_for(self._answers)

    def load(self, image: str, source: str) -> None:
        """Copy an image from another Engine."""
        with subprocess.Popen(["docker", "--host", source, "save", image], stdout=subprocess.PIPE) as saving:
            subprocess.run(
                ["docker", "--host", self.address, "load", "--quiet"],
                stdin=saving.stdout,
                stdout=subprocess.DEVNULL,
                timeout=2 * _SECONDS,
                check=True,
            )

    def end(self, number: signal.Signals) -> None:
        """End the daemon by that signal, and return when it is gone."""
        if self._daemon is not None:
            self._daemon.send_signal(number)
            self._daemon.wait(timeout=_SECONDS)
            self._daemon = None
            # A killed daemon leaves its containerd, which keeps the next one from starting; so does its
            # process id while nobody has reaped it.
            for pid in self._processes("containerd"):
                os.kill(pid, signal.SIGKILL)
            self._wait_for(lambda: not self._processes("containerd"))
            (self.directory / "exec" / "containerd" / "containerd.pid").unlink(missing_ok=True)

    def close(self) -> None:
        """Leave nothing of it."""
        self.end(signal.SIGTERM)
        self._namespaces.kill()
        self._namespaces.wait()
        for pid in self._processes("containerd-shim-runc-v2"):
            os.kill(pid, signal.SIGKILL)
        self._wait_for(lambda: not self._processes("containerd-shim-runc-v2"))
        shutil.rmtree(self.directory)

    def _processes(self, program: str) -> list[int]:
        """Find what a killed daemon leaves: its containerd and its shims."""
        found: list[int] = []
        for entry in os.listdir("/proc"):
            if entry.isdecimal():
                try:
                    line = Path(f"/proc/{entry}/cmdline").read_bytes()
                except (FileNotFoundError, ProcessLookupError):
                    continue
                name = os.path.basename(line.partition(b"\0")[0])
                if os.fsencode(self.directory) in line and name == program.encode():
                    found.append(int(entry))
        return found

    def _other_namespace(self, kind: str) -> bool:
        return os.readlink(f"/proc/{self._namespaces.pid}/ns/{kind}") != os.readlink(f"/proc/self/ns/{kind}")

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("localhost", timeout=5)
        try:
            connection.sock = socket.socket(socket.AF_UNIX)
            connection.sock.connect(str(self._socket))
            connection.request("GET", "/_ping")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def _wait_for(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _SECONDS
        while not condition():
            if time.monotonic() > deadline:
                log = self.directory / "log"
                raise TimeoutError(log.read_text() if log.exists() else "no log")
            time.sleep(0.05)
