"""Runs the commands that build environments as processes of this machine."""

import asyncio
import os
import platform
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path, PurePosixPath
from typing import Final

from uv import find_uv_bin

from fastflow.adapters.process.certificates import certificate_variables
from fastflow.domain.environment import NETWORK_VARIABLES
from fastflow.domain.environment_ports import Completed
from fastflow.domain.errors import Unavailable

LARGEST_STDOUT_BYTES: Final = 64 * 1024**2
LARGEST_STDERR_BYTES: Final = 256 * 1024
"""Of a longer one the end is kept: there stands the error."""
_CHUNK_BYTES: Final = 64 * 1024

_READABLE_BY_ALL: Final = ("/bin/sh", "-c", 'umask 022; exec "$@"', "sh")
"""What is built is read by attempts of any user. A shell says so, as uvloop takes no `umask`."""
_NOT_STARTED: Final = (126, 127)
"""What a shell exits with where a command can't be executed, or does not exist (POSIX, 2.8.2)."""


class ProcessToolbox:
    """The `Toolbox` without isolation, for the process executor and for runs on a laptop.

    Commands get a clean environment: the store's directories, proxies, index settings and certificates,
    nothing else of the server's own. `home` is where uv looks for its user configuration; by default an
    empty directory of the store.
    """

    def __init__(self, store: Path, *, home: Path | None = None, ca_bundle: Path | None = None) -> None:
        self._store = store.absolute()
        self._home = home or self._store / "home"
        self._ca_bundle = ca_bundle

    @property
    def store(self) -> PurePosixPath:
        """The store's path on this machine: environments lie at the same place for everyone."""
        return PurePosixPath(self._store)

    @property
    def is_mounted(self) -> bool:
        """False: processes see the whole machine."""
        return False

    @property
    def platform_key(self) -> str:
        """Operating system, processor and C library, such as `linux-x86_64-glibc2.36`."""
        return f"{sys.platform}-{platform.machine()}-{''.join(platform.libc_ver())}"

    async def run(
        self,
        arguments: Sequence[str],
        *,
        checkout: Path | None,
        time_limit: timedelta,
        stdin: bytes = b"",
    ) -> Completed:
        """Run a command in the checkout, or else in the store; its process group ends with this call.

        Raises:
            Unavailable: `toolbox_unavailable`, `toolbox_timeout`, `toolbox_output`.
        """
        try:
            uv = await asyncio.to_thread(self._make_ready)
            command = [uv if arguments[0] == "uv" else arguments[0], *arguments[1:]]
            process = await asyncio.create_subprocess_exec(
                *_READABLE_BY_ALL,
                *command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                cwd=checkout or self._store,
                env=self._variables(),
                start_new_session=True,
            )
        except OSError as error:
            raise Unavailable("toolbox_unavailable", f"{arguments[0]} can't be started: {error}") from error
        try:
            async with asyncio.timeout(time_limit.total_seconds()):
                completed = await _communicate(process, stdin)
        except TimeoutError as error:
            limit = f"{time_limit.total_seconds():.0f} s"
            raise Unavailable(
                "toolbox_timeout", f"{' '.join(arguments[:3])} did not end within {limit}"
            ) from error
        finally:
            await _end(process)
        if completed.exit_code in _NOT_STARTED:
            words = completed.stderr.decode(errors="replace").strip()
            raise Unavailable("toolbox_unavailable", f"{arguments[0]} can't be started: {words}")
        return completed

    def _make_ready(self) -> str:
        """Make the directories; return where uv is."""
        self._store.mkdir(parents=True, exist_ok=True)
        self._home.mkdir(mode=0o700, exist_ok=True)
        (self._store / "tmp").mkdir(mode=0o700, exist_ok=True)
        return find_uv_bin()

    def _variables(self) -> dict[str, str]:
        return {
            **{name: os.environ[name] for name in NETWORK_VARIABLES if name in os.environ},
            **certificate_variables(self._ca_bundle),
            "PATH": _search_path(),
            "HOME": str(self._home),
            "TMPDIR": str(self._store / "tmp"),  # uv leaves lock files in it
            "LANG": "C.UTF-8",
            "NO_COLOR": "1",
            "UV_CACHE_DIR": str(self._store / "cache"),
            "UV_PYTHON_INSTALL_DIR": str(self._store / "python"),
            "UV_LINK_MODE": "hardlink",
            "UV_NO_PROGRESS": "1",
        }


def _search_path() -> str:
    """Return a PATH whose `python3` is the server's interpreter, without the server's own packages."""
    own = Path(sys.prefix) / "bin"
    base = Path(sys.base_prefix) / "bin"
    others = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return os.pathsep.join(
        [str(base), *(entry for entry in others if entry and Path(entry) not in (own, base))]
    )


async def _communicate(process: asyncio.subprocess.Process, stdin: bytes) -> Completed:
    if process.stdin is None or process.stdout is None or process.stderr is None:
        raise RuntimeError("the command was started without its pipes")
    stdout, stderr, _, exit_code = await asyncio.gather(
        _read(process.stdout, LARGEST_STDOUT_BYTES + 1),
        _read(process.stderr, LARGEST_STDERR_BYTES),
        _write(process.stdin, stdin),
        process.wait(),
    )
    if len(stdout) > LARGEST_STDOUT_BYTES:
        raise Unavailable("toolbox_output", f"a command wrote more than {LARGEST_STDOUT_BYTES} bytes")
    return Completed(exit_code, stdout, stderr)


async def _read(stream: asyncio.StreamReader, limit_bytes: int) -> bytes:
    """Read to the end; return the last `limit_bytes`."""
    tail = bytearray()
    while chunk := await stream.read(_CHUNK_BYTES):
        tail += chunk
        del tail[:-limit_bytes]
    return bytes(tail)


async def _write(stream: asyncio.StreamWriter, content: bytes) -> None:
    try:
        if content and not stream.is_closing():  # uvloop has an error of its own for what has ended already
            stream.write(content)
            await stream.drain()
        # Its closing is not awaited: asyncio fails where that is cancelled, and the process's end will do.
        stream.close()
    except (BrokenPipeError, ConnectionResetError):
        # The command ended without reading it all; its exit code says whether that was right.
        stream.close()


async def _end(process: asyncio.subprocess.Process) -> None:
    """Kill what is left of the process group, daemons of a build script too, and reap its leader."""
    with suppress(ProcessLookupError, PermissionError):  # macOS says the latter of a group of zombies
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
