"""Remembers when what a pipeline asks for was locked first, whatever interpreter or image it was locked for.

So another image, or another Python, locks to the packages of that day and not to those of today: packages
change when the requirements do, or on request.
"""

import os
from datetime import UTC, datetime
from pathlib import Path

from fastflow.adapters.uv.whole_file import write_whole


class LockTimes:
    """A file each below `place`, by the hash of what is asked for. All methods block on files."""

    def __init__(self, place: Path) -> None:
        self._place = place

    def read(self, key: str) -> datetime | None:
        """Return the time, and mark it as used; None: it was never locked."""
        path = self._place / key
        try:
            found = datetime.fromisoformat(path.read_text(encoding="ascii"))
        except (FileNotFoundError, ValueError):
            return None
        os.utime(path)
        return found

    def write(self, key: str, at: datetime) -> None:
        """Remember it."""
        write_whole(self._place / key, at.astimezone(UTC).isoformat(timespec="seconds").encode())
