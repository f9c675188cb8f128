"""Runs uv in a toolbox and tells the pipeline's mistakes from the platform's troubles."""

import re
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

from fastflow.domain.environment import EnvironmentFailed
from fastflow.domain.environment_ports import Completed, Toolbox
from fastflow.domain.errors import FastFlowError, Unavailable

LONGEST_MESSAGE: Final = 8_000
"""Characters of uv's message that are kept, from the end."""
_ESCAPE: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_PROGRESS: Final = re.compile(
    r"^(?:Using (?:CPython|Python) |Resolved \d|Prepared \d|Downloading |Building |Creating virtual env)"
)

# uv has one exit code for both kinds, so its words decide. They are those of its HTTP client (reqwest,
# hyper) and of the operating system, seen with uv 0.13 on dead proxies, dead names and foreign certificates.
_UNREACHABLE: Final = re.compile(
    r"error sending request|client error \(Connect\)|dns error|operation timed out|connection (?:reset"
    r"|closed)|invalid peer certificate|server error \(5\d\d|429 Too Many|Network is unreachable"
    r"|error decoding response|Could not resolve host|Failed to connect to"
    r"|unable to access '[^'\n]*'[^'\n]*Connection",
    re.IGNORECASE,
)
_DISK_FULL: Final = re.compile(r"No space left on device|Disk quota exceeded|os error (?:28|122)\b")
_DISK_FAILED: Final = re.compile(
    r"Read-only file system|Permission denied \(os error 13\)|Input/output error"
)
_KILLED: Final = frozenset({-9, 137})


async def run_uv(
    toolbox: Toolbox,
    arguments: Sequence[str],
    *,
    time_limit: timedelta,
    checkout: Path | None = None,
    stdin: bytes = b"",
) -> bytes:
    """Run `uv` with these arguments; return what it wrote to stdout.

    Raises:
        EnvironmentFailed: what the pipeline asks for can't be had; uv's own message.
        Unavailable: `index_unreachable`, `disk_full`, `disk_failed`, `toolbox_killed`, or the toolbox's own.
    """
    completed = await toolbox.run(["uv", *arguments], checkout=checkout, time_limit=time_limit, stdin=stdin)
    if completed.exit_code != 0:
        raise failure_of(completed)
    return completed.stdout


def failure_of(completed: Completed) -> FastFlowError:
    """Return the exception that says why uv failed."""
    message = cleaned(completed.stderr) or f"uv ended with exit code {completed.exit_code}"
    if completed.exit_code in _KILLED:
        return Unavailable("toolbox_killed", f"uv was killed while it built the environment. {message}")
    # Exit code 1 is uv's considered verdict (no solution); whatever it quotes is not the cause.
    if completed.exit_code != 1 or "No solution found" not in message:
        if _DISK_FULL.search(message):
            return Unavailable("disk_full", f"The disk of the uv store is full. {message}")
        if _UNREACHABLE.search(message):
            return Unavailable(
                "index_unreachable",
                f"The package index, or where Python comes from, can't be reached. {message}",
            )
        if _DISK_FAILED.search(message):
            return Unavailable("disk_failed", f"The uv store can't be written. {message}")
    return EnvironmentFailed(message)


def cleaned(stderr: bytes) -> str:
    """Return uv's message without colours, progress and control characters, as people should read it."""
    text = _ESCAPE.sub("", stderr.decode(errors="replace")).replace("\r\n", "\n")
    lines = (_CONTROL.sub("", line.rsplit("\r", 1)[-1]).rstrip() for line in text.split("\n"))
    return "\n".join(line for line in lines if not _PROGRESS.match(line)).strip()[-LONGEST_MESSAGE:]
