"""Reads what an attempt used from the file that its init left; the pipeline may have written it."""

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fastflow.adapters.docker.inside import USAGE_FILE

_LARGEST_BYTES: Final = 16 * 1024
_LINE: Final = re.compile(r"(?P<file>[a-z_./]{1,64}) (?P<words>[a-z_0-9 ]{1,64})")
_NUMBER: Final = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Usage:
    """What is known at the end of an attempt; None where it is not."""

    peak_memory_bytes: int | None = None
    cpu_seconds: float | None = None
    has_been_killed_for_memory: bool = False
    was_asked_to_end: bool = False
    """A signal (SIGTERM and the like) reached it before its end."""


def read_usage(directory: Path | None) -> Usage:
    """Return what the init wrote; nothing known where there is no such file. Blocks on a small file."""
    if directory is None:
        return Usage()
    try:
        # Neither a link out of the directory nor a pipe that nobody writes to gets us.
        descriptor = os.open(directory / USAGE_FILE, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return Usage()
    try:
        is_file = stat.S_ISREG(os.fstat(descriptor).st_mode)
        return parse_usage(os.read(descriptor, _LARGEST_BYTES)) if is_file else Usage()
    finally:
        os.close(descriptor)


def parse_usage(content: bytes) -> Usage:
    """Read `file key value` lines; whatever does not look like one is left out."""
    numbers = dict(_numbers(content.decode("ascii", errors="replace")))
    micros, nanos = numbers.get("cpu.stat usage_usec"), numbers.get("cpuacct/cpuacct.usage")
    kills = numbers.get("memory.events oom_kill", numbers.get("memory/memory.oom_control oom_kill", 0))
    return Usage(
        peak_memory_bytes=numbers.get("memory.peak", numbers.get("memory/memory.max_usage_in_bytes")),
        cpu_seconds=micros / 1e6 if micros is not None else nanos / 1e9 if nanos is not None else None,
        has_been_killed_for_memory=kills > 0,
        was_asked_to_end=numbers.get("asked_to_end value", 0) > 0,
    )


def _numbers(text: str) -> list[tuple[str, int]]:
    """Return each value under its file, or under file and key where the file has several."""
    numbers: list[tuple[str, int]] = []
    for line in text.splitlines():
        match = _LINE.fullmatch(line.rstrip())
        if match is None:
            continue
        *key, value = match["words"].split()
        if _NUMBER.fullmatch(value):
            numbers.append((" ".join([match["file"], *key]), int(value)))
    return numbers
