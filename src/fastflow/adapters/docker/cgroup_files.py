"""Finds and reads the kernel's accounting of one container, where it runs on this very machine."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fastflow.domain.log import Sample

CGROUPS: Final = Path("/sys/fs/cgroup")
_LAYOUTS: Final = ("docker/{id}", "system.slice/docker-{id}.scope")
"""With the cgroupfs driver, and with systemd's."""


@dataclass(frozen=True, slots=True)
class CgroupFiles:
    """Three files of the kernel; reading them costs microseconds and never waits for a disk."""

    memory: Path
    memory_details: Path
    cpu: Path
    read_cpu_ns: Callable[[bytes], int]
    inactive_key: bytes

    def read(self) -> tuple[int, int]:
        """Return CPU time in nanoseconds and memory in bytes, without page cache that can be given back.

        Raises:
            OSError: the container has ended.
        """
        used = int(self.memory.read_bytes())
        inactive = _value(self.memory_details.read_bytes(), self.inactive_key)
        return self.read_cpu_ns(self.cpu.read_bytes()), max(used - inactive, 0)


class CgroupMeter:
    """Turns two readings into a sample."""

    def __init__(self, files: CgroupFiles) -> None:
        self._files = files
        self._cpu_ns, _ = files.read()
        self._at_ns = time.monotonic_ns()

    def sample(self) -> Sample:
        """Return the use since the last call.

        Raises:
            OSError: the container has ended.
        """
        cpu_ns, memory_bytes = self._files.read()
        at_ns = time.monotonic_ns()
        percent = 100 * (cpu_ns - self._cpu_ns) / max(at_ns - self._at_ns, 1)
        self._cpu_ns, self._at_ns = cpu_ns, at_ns
        return Sample(time.time_ns(), max(percent, 0.0), memory_bytes)


def find_cgroup_files(container: str, root: Path = CGROUPS) -> CgroupFiles | None:
    """Return the files of that container; None where they are not on this machine, or not any more."""
    for layout in _LAYOUTS:
        path = layout.format(id=container)
        for files in (_version_2(root / path), _version_1(root, path)):
            if files.memory.exists() and files.cpu.exists():
                return files
    return None


def _version_2(directory: Path) -> CgroupFiles:
    return CgroupFiles(
        memory=directory / "memory.current",
        memory_details=directory / "memory.stat",
        cpu=directory / "cpu.stat",
        read_cpu_ns=lambda content: _value(content, b"usage_usec") * 1000,
        inactive_key=b"inactive_file",
    )


def _version_1(root: Path, path: str) -> CgroupFiles:
    return CgroupFiles(
        memory=root / "memory" / path / "memory.usage_in_bytes",
        memory_details=root / "memory" / path / "memory.stat",
        cpu=root / "cpuacct" / path / "cpuacct.usage",
        read_cpu_ns=int,
        inactive_key=b"total_inactive_file",
    )


def _value(content: bytes, key: bytes) -> int:
    for line in content.splitlines():
        name, _, value = line.partition(b" ")
        if name == key:
            return int(value)
    return 0
