"""What tests of the process executor look at behind its back."""

import asyncio
import os
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from fastflow.adapters.process.folder import Started, read_started


async def entries(root: Path) -> list[str]:
    """List what lies in the executor's folder."""
    return await asyncio.to_thread(os.listdir, root)


async def shim_of(root: Path, reference: str) -> Started:
    """Return which process watches over an attempt."""
    started = await asyncio.to_thread(read_started, root / reference)
    assert started is not None
    return started


def files_containing(root: Path, text: bytes) -> list[Path]:
    """List the files below a folder that contain a text; the folder has some files."""
    files = [path for path in root.rglob("*") if path.is_file()]
    assert files
    return [path for path in files if text in path.read_bytes()]


@contextmanager
def small_disk(at: Path, size: str) -> Generator[None]:
    """Mount a small disk there. Needs root on Linux."""
    at.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(at)], check=True, timeout=30)
    try:
        yield
    finally:
        subprocess.run(["umount", str(at)], check=True, timeout=30)
