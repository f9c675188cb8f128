"""Texts that lie in a pipeline's folder, for people."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class PipelineText:
    """A text, or its beginning."""

    text: str
    is_truncated: bool


class PipelineTexts(Protocol):
    """Reads them out of checkouts."""

    async def read(self, checkout: Path, name: str, limit_bytes: int) -> PipelineText | None:
        """Return the beginning of a file of that name, whatever its case; None where there is none.

        A link that leads out of the checkout is no file. What is not UTF-8 is replaced.

        Raises:
            Unavailable: `disk_failed`.
        """
        ...
