"""The parent of one payload: records its output, keeps it within its memory, writes down how it ended.

Runs as `python -I -S` in a session of its own, so that neither the server's end nor Ctrl-C reaches it.
It imports the standard library and its siblings only. SIGTERM is passed on to the payload's process
group; SIGUSR1 kills everything below the shim.
"""

import contextlib
import errno
import fcntl
import json
import os
import resource
import select
import signal
import sys
import time
from types import FrameType
from typing import Final

from fastflow.adapters.process import payload, processes, secret_folder
from fastflow.adapters.process.folder import ENDED, ERRORS, OUTPUT, STARTED, Ended, Started, write_record
from fastflow.adapters.process.frames import STDERR, STDOUT
from fastflow.adapters.process.recorder import Recorder

READY: Final = b"started"
"""What a shim answers on stdout when its payload runs; anything else is the reason why it does not."""

_READ_BYTES: Final = 1024**2
_MEMORY_CHECK_SECONDS: Final = 0.05
_DISK_RETRY_SECONDS: Final = 0.2
_DRAIN_SECONDS: Final = 5.0
"""How long a process that can't be killed may keep the output open after the payload's end."""
_KILL_ROUND_SECONDS: Final = 0.002
_MAXRSS_BYTES: Final = 1 if sys.platform == "darwin" else 1024
"""Unit of `ru_maxrss` (getrusage(2)): bytes on macOS, KiB on Linux."""


class Shim:
    """One payload from its start to its end."""

    def __init__(self, directory: str, order: payload.Order) -> None:
        self._directory = directory
        self._order = order
        self._recorder = Recorder(f"{directory}/{OUTPUT}")
        self._streams: dict[int, int] = {}
        self._signals = self._catch_signals()
        self._payload = 0
        self._exit_code: int | None = None
        self._drain_until = 0.0
        self._was_out_of_memory = False
        self._peak_memory = 0

    def start(self) -> None:
        """Start the payload; from here on the attempt counts as executed.

        Raises:
            ChildProcessError: it can't be executed.
        """
        payload.adopt_orphans()
        itself = processes.look(os.getpid())
        if itself is None:
            raise ChildProcessError("the shim can't see itself in the process table")
        record = Started(itself.pid, itself.start, processes.boot_id())
        write_record(f"{self._directory}/{STARTED}", record)
        self._write_secrets()
        stdout, to_stdout = _pipe()
        stderr, to_stderr = _pipe()
        self._payload = payload.spawn(self._order, to_stdout, to_stderr)
        os.close(to_stdout)
        os.close(to_stderr)
        self._streams = {stdout: STDOUT, stderr: STDERR}

    def run(self) -> None:
        """Serve the payload until it has ended and its output is complete, then write the ending."""
        try:
            while self._exit_code is None or self._streams or self._recorder.is_blocked:
                self._serve()
        finally:
            self._kill_all()
            self._remove_secrets()
        self._write_ending()

    def _write_secrets(self) -> None:
        files = self._order["secret_files"]
        if not files:
            return
        try:
            secret_folder.write(self._directory, files)
        except OSError as error:
            raise ChildProcessError(f"the files of its secrets: {error}") from error

    def _remove_secrets(self) -> None:
        """Remove them as early as possible; what is left goes with the attempt's folder."""
        try:
            secret_folder.remove(self._directory)
        except OSError as error:
            print(f"the files of its secrets: {error}", file=sys.stderr)

    def _serve(self) -> None:
        sources = [self._signals] if self._recorder.is_blocked else [self._signals, *self._streams]
        ready, _, _ = select.select(sources, [], [], self._patience())
        for source in ready:
            if source != self._signals:
                self._record(source)
        if self._signals in ready:
            for number in os.read(self._signals, 4096):
                self._on_signal(number)
        self._recorder.flush()
        if self._exit_code is None:
            self._check_memory()
        elif time.monotonic() > self._drain_until:
            self._streams.clear()

    def _patience(self) -> float | None:
        if self._recorder.is_blocked:
            return _DISK_RETRY_SECONDS
        if self._exit_code is not None:
            return max(self._drain_until - time.monotonic(), 0)
        return _MEMORY_CHECK_SECONDS if self._order["memory_bytes"] is not None else None

    def _record(self, source: int) -> None:
        if self._recorder.is_blocked:
            return
        data = os.read(source, _READ_BYTES)
        if data:
            self._recorder.record(self._streams[source], data)
        else:
            del self._streams[source]
            os.close(source)

    def _on_signal(self, number: int) -> None:
        if number == signal.SIGCHLD:
            self._reap()
        elif number == signal.SIGUSR1:
            self._kill_all()
        elif self._exit_code is None:
            os.killpg(self._payload, signal.SIGTERM)

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid == self._payload and self._exit_code is None:
                code = os.waitstatus_to_exitcode(status)
                self._exit_code = code if code >= 0 else 128 - code
                # As in a container: the end of the first process is the end of all.
                self._kill_all()
                self._drain_until = time.monotonic() + _DRAIN_SECONDS

    def _kill_all(self) -> None:
        """Kill until nothing is left; what has just been forked needs another round."""
        give_up = time.monotonic() + _DRAIN_SECONDS
        while time.monotonic() < give_up:
            alive = [process for process in processes.members(os.getpid()) if not process.is_zombie]
            for process in alive:
                _kill(process.pid)
            self._reap()
            if not alive:
                return
            time.sleep(_KILL_ROUND_SECONDS)

    def _check_memory(self) -> None:
        limit = self._order["memory_bytes"]
        if limit is None:
            return
        used = sum(process.memory_bytes for process in processes.members(os.getpid()))
        self._peak_memory = max(self._peak_memory, used)
        if used > limit:
            self._was_out_of_memory = True
            self._kill_all()

    def _write_ending(self) -> None:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        ended = Ended(
            exit_code=self._exit_code or 0,
            was_out_of_memory=self._was_out_of_memory,
            peak_memory_bytes=max(self._peak_memory, usage.ru_maxrss * _MAXRSS_BYTES),
            cpu_seconds=usage.ru_utime + usage.ru_stime,
        )
        while True:
            try:
                write_record(f"{self._directory}/{ENDED}", ended)
            except OSError as error:
                if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                    raise
                time.sleep(_DISK_RETRY_SECONDS)
            else:
                return

    @staticmethod
    def _catch_signals() -> int:
        caught, wake = os.pipe()
        os.set_blocking(wake, False)
        signal.set_wakeup_fd(wake)
        for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGUSR1):
            signal.signal(number, _note)
        return caught


def main(directory: str) -> None:
    """Read the order from stdin, detach, and serve the payload to its end."""
    # A server that dies while it writes leaves half an order: this raises, nothing is started.
    order: payload.Order = json.loads(sys.stdin.buffer.read())
    if os.fork():
        # The parent's end is what the server waits for; the shim belongs to nobody from here on.
        os._exit(0)
    os.setsid()
    errors = os.open(f"{directory}/{ERRORS}", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(errors, 2)
    shim = Shim(directory, order)
    try:
        shim.start()
    except ChildProcessError as error:
        _tell(str(error).encode())
        return
    _tell(READY)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.chdir("/")
    shim.run()


def _tell(answer: bytes) -> None:
    """Answer the server; one that was killed meanwhile has closed the pipe, and the payload goes on."""
    with contextlib.suppress(BrokenPipeError):
        os.write(1, answer)


def _pipe() -> tuple[int, int]:
    reader, writer = os.pipe()
    if sys.platform == "linux":
        try:
            fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, _READ_BYTES)
        except OSError as error:
            # Beyond the user's share of pipe memory: a smaller pipe works as well.
            if error.errno not in (errno.EPERM, errno.EBUSY):
                raise
    return reader, writer


def _note(number: int, frame: FrameType | None) -> None:
    """Do nothing: the number arrives through the pipe, which takes a handler to happen."""
    del number, frame


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
