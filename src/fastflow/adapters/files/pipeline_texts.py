"""Reads texts that lie in a pipeline's folder, for people."""

import asyncio
import codecs
import os
import stat
from pathlib import Path

from fastflow.domain.errors import Unavailable
from fastflow.domain.pipeline_texts import PipelineText


class FilePipelineTexts:
    """Fulfils `PipelineTexts`."""

    async def read(self, checkout: Path, name: str, limit_bytes: int) -> PipelineText | None:
        """Return the beginning of a file of that name, whatever its case: see `PipelineTexts.read`."""
        try:
            return await asyncio.to_thread(_read, checkout, name, limit_bytes)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Unavailable("disk_failed", f"{name} can't be read: {error.strerror}.") from error


def _read(checkout: Path, name: str, limit_bytes: int) -> PipelineText | None:
    alike = sorted(entry for entry in os.listdir(checkout) if entry.lower() == name.lower())
    if not alike:
        return None
    chosen = name if name in alike else alike[0]
    # A checkout holds no link that leads out of it; but it is made from what strangers wrote.
    path = (checkout / chosen).resolve()
    if not path.is_relative_to(checkout.resolve()):
        return None
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            content = file.read(limit_bytes + 1)
    finally:
        os.close(descriptor)
    is_truncated = len(content) > limit_bytes
    # Half a character at the cut is none; whatever else is not UTF-8 is shown as such.
    decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
    return PipelineText(decoder.decode(content[:limit_bytes], final=not is_truncated), is_truncated)
