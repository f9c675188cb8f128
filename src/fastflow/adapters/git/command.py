"""Runs git, bounded in time and output; nothing that it started outlives it."""

import asyncio
import os
import re
import shutil
import signal
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from fastflow.adapters.git.invocation import Access, Config, environment
from fastflow.domain.errors import Unavailable

LARGEST_STDOUT_BYTES: Final = 16 * 1024**2
LARGEST_STDERR_BYTES: Final = 64 * 1024
"""Of a longer one the end is kept: there stands the error."""
_CHUNK_BYTES: Final = 64 * 1024
_VERSION: Final = re.compile(r"git version (\d+)\.(\d+)")
_OLDEST: Final = (2, 32)
"""The first with GIT_CONFIG_GLOBAL."""
PINNING: Final = (2, 37)
"""The first with http.curloptResolve."""
_GIT_MISSING: Final = "Install it where the server runs, such as with 'apt install git openssh-client'."
SSH_MISSING: Final = (
    "ssh is not installed. Install it where the server runs, such as with 'apt install openssh-client'."
)
_CLOSING_SECONDS: Final = 5
"""For a pipe that something holds open which is not of the process group any more."""
_CHECK_LIMIT: Final = timedelta(seconds=30)

Guard = Callable[[], Awaitable[None]]
"""Runs beside a command; when it raises, the command is killed."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    exit_code: int
    stdout: bytes
    stderr: str
    """Without secrets."""


class GitCommand:
    """The git command line."""

    def __init__(self, git: str, home: Path, ca_bundle: Path | None) -> None:
        self._git = git
        self._home = home
        self._ca_bundle = ca_bundle
        self._program = ""
        self._version = (0, 0)

    async def run(
        self,
        arguments: Sequence[str],
        time_limit: timedelta,
        *,
        access: Access | None = None,
        stdin: bytes = b"",
        guard: Guard | None = None,
    ) -> Ended:
        """Run `git ARGUMENTS`. Its process group ends with this call, however that ends.

        Raises:
            Unavailable: `git_missing`, `git_too_old`, `git_timeout`, `git_failed` (it says too much).
        """
        await self.version()
        return await self._run([self._program, *arguments], time_limit, access, stdin, guard)

    async def run_other(self, program: str, arguments: Sequence[str], time_limit: timedelta) -> Ended:
        """Run a program beside git, such as ssh-keyscan.

        Raises:
            Unavailable: `ssh_missing`, `git_timeout`, `git_failed`.
        """
        found = await asyncio.to_thread(self._find, program)
        if found is None:
            raise Unavailable("ssh_missing", SSH_MISSING)
        return await self._run([found, *arguments], time_limit, None, b"", None)

    async def invocation(self, arguments: Sequence[str]) -> tuple[list[str], dict[str, str]]:
        """Return the command line and the environment of a command that needs no network.

        Raises:
            Unavailable: `git_missing`, `git_too_old`.
        """
        await self.version()
        return [self._program, *arguments], self._environment((), None)

    async def version(self) -> tuple[int, int]:
        """Return git's version, asked for once.

        Raises:
            Unavailable: `git_missing`, `git_too_old`.
        """
        if not self._program:
            program = await asyncio.to_thread(self._find, self._git)
            if program is None:
                raise Unavailable("git_missing", f"{self._git} is not installed. {_GIT_MISSING}")
            ended = await self._run([program, "version"], _CHECK_LIMIT, None, b"", None)
            match = _VERSION.match(ended.stdout.decode(errors="replace"))
            self._version = (int(match[1]), int(match[2])) if match else (0, 0)
            require(self._version, _OLDEST, "repositories can be fetched")
            self._program = program
        return self._version

    def _find(self, program: str) -> str | None:
        try:
            self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise Unavailable("disk_failed", f"{self._home} can't be made: {error.strerror}.") from error
        return shutil.which(program)

    def _environment(self, config: Config, access: Access | None) -> dict[str, str]:
        return environment(self._home, self._ca_bundle, config, access)

    async def _run(
        self,
        command: Sequence[str],
        time_limit: timedelta,
        access: Access | None,
        stdin: bytes,
        guard: Guard | None,
    ) -> Ended:
        # A git that lost its server goes on until nothing has come for that long.
        patience: Config = (("http.lowSpeedTime", str(max(1, int(time_limit.total_seconds())))),)
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.PIPE if stdin else asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                cwd=self._home,
                env=self._environment(patience, access),
                start_new_session=True,
                pass_fds=access.descriptors if access else (),
            )
        except OSError as error:
            raise Unavailable("git_failed", f"{command[0]} can't be started: {error.strerror}.") from error
        try:
            async with asyncio.timeout(time_limit.total_seconds()):
                ended = await _guarded(_communicate(process, stdin), guard)
        except TimeoutError as error:
            raise Unavailable(
                "git_timeout",
                f"git did not end within {time_limit.total_seconds():.0f} s. Check the Git host and the "
                "network, or set GIT_TIMEOUT_SECONDS higher.",
            ) from error
        finally:
            await _end(process)
        return _without(ended, access.secrets if access else ())


def require(version: tuple[int, int], oldest: tuple[int, int], so_that: str) -> None:
    """Refuse a git that is too old for something.

    Raises:
        Unavailable: `git_too_old`.
    """
    if version < oldest:
        raise Unavailable(
            "git_too_old",
            f"Git {oldest[0]}.{oldest[1]} or newer is needed so that {so_that}; "
            f"this is {version[0]}.{version[1]}. Install a newer one.",
        )


async def _guarded(work: Awaitable[Ended], guard: Guard | None) -> Ended:
    if guard is None:
        return await work
    working = asyncio.ensure_future(work)
    watching = asyncio.ensure_future(guard())
    try:
        await asyncio.wait({working, watching}, return_when=asyncio.FIRST_COMPLETED)
        if watching.done():
            await watching
        return await working
    finally:
        for task in (working, watching):
            task.cancel()
        await asyncio.gather(working, watching, return_exceptions=True)


async def _communicate(process: asyncio.subprocess.Process, stdin: bytes) -> Ended:
    if process.stdout is None or process.stderr is None:
        raise RuntimeError("git was started without its pipes")
    reading = asyncio.ensure_future(_read_all(process.stdout))
    listening = asyncio.ensure_future(_read_end(process.stderr))
    writing = asyncio.ensure_future(_write(process.stdin, stdin))
    try:
        stdout, stderr, _, exit_code = await asyncio.gather(reading, listening, writing, process.wait())
    finally:
        for task in (reading, listening, writing):
            task.cancel()
        await asyncio.gather(reading, listening, writing, return_exceptions=True)
    return Ended(exit_code, stdout, stderr.decode(errors="replace"))


async def _read_all(stream: asyncio.StreamReader) -> bytes:
    found = bytearray()
    while chunk := await stream.read(_CHUNK_BYTES):
        found += chunk
        if len(found) > LARGEST_STDOUT_BYTES:
            raise Unavailable("git_failed", "The Git host sent more than it can have to say.")
    return bytes(found)


async def _read_end(stream: asyncio.StreamReader) -> bytes:
    tail = bytearray()
    while chunk := await stream.read(_CHUNK_BYTES):
        tail += chunk
        del tail[:-LARGEST_STDERR_BYTES]
    return bytes(tail)


async def _write(stream: asyncio.StreamWriter | None, content: bytes) -> None:
    if stream is None:
        return
    try:
        stream.write(content)
        await stream.drain()
        # Its closing is not awaited: asyncio fails where that is cancelled, and the process's end will do.
        stream.close()
    except (BrokenPipeError, ConnectionResetError, RuntimeError):
        # It ended without reading it all (uvloop says so by a RuntimeError); its exit code says whether
        # that was right.
        stream.close()


async def _end(process: asyncio.subprocess.Process) -> None:
    """Kill what is left of the process group, and reap its leader."""
    with suppress(ProcessLookupError, PermissionError):  # macOS says the latter of a group of zombies
        os.killpg(process.pid, signal.SIGKILL)
    # asyncio counts a process as ended when its pipes have been read to their ends, and says so late
    # where somebody holds one of them who has left the group.
    streams = [stream for stream in (process.stdout, process.stderr) if stream is not None]
    with suppress(TimeoutError):
        async with asyncio.timeout(_CLOSING_SECONDS):
            await asyncio.gather(*(_read_end(stream) for stream in streams), process.wait())


def _without(ended: Ended, secrets: Sequence[str]) -> Ended:
    stderr = ended.stderr
    for secret in secrets:
        stderr = stderr.replace(secret, "***")
    return Ended(ended.exit_code, ended.stdout, stderr)
