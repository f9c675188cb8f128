"""The calls about images that we make, with their progress."""

import io
import json
import tarfile
from collections.abc import AsyncIterable, AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from fastflow.adapters.docker.engine import Body, Engine, Query
from fastflow.adapters.docker.engine_errors import failed_on_the_way
from fastflow.adapters.docker.engine_types import Image, Progress
from fastflow.adapters.docker.progress import Report, at_intervals
from fastflow.domain.errors import NotFound

_HEADERS_WITHIN: Final = timedelta(minutes=10)
"""An import is answered when it was received."""


@dataclass(frozen=True, slots=True)
class Images:
    """Images of one Engine. Errors are those of `Engine.call`, and `engine_failed` for what fails later."""

    engine: Engine

    async def find(self, reference: str) -> Image | None:
        """Return that image where the Engine has it."""
        with suppress(NotFound):
            return Image.model_validate_json(await self.engine.call("GET", f"/images/{reference}/json"))
        return None

    async def pull(self, reference: str, report: Report) -> None:
        """Get an image from its registry."""
        told = at_intervals(report)
        query = {"fromImage": reference}
        async for progress in self._work("/images/create", query):
            told(f"{progress.id} {progress.status} {progress.progress}".strip())

    async def import_tar(self, reference: str, tar: AsyncIterable[bytes]) -> None:
        """Make an image from the files in a tar stream."""
        name, _, tag = reference.partition(":")
        async for _ in self._work("/images/create", {"fromSrc": "-", "repo": name, "tag": tag}, tar):
            pass

    async def build(
        self, reference: str, dockerfile: bytes, arguments: Mapping[str, str], report: Report
    ) -> None:
        """Build an image from a Dockerfile that needs no other files."""
        query = {"t": reference, "buildargs": json.dumps(arguments), "rm": 1, "forcerm": 1}
        async for progress in self._work("/build", query, _context(dockerfile)):
            if line := progress.stream.strip():
                report(line.splitlines()[0])

    async def _work(self, path: str, query: Query, body: Body | None = None) -> AsyncIterator[Progress]:
        """Yield the steps of something long.

        Raises:
            Unavailable: `engine_failed`, `disk_full`; it failed on the way.
        """
        async with await self.engine.open(
            "POST", path, query=query, body=body, headers_within=_HEADERS_WITHIN
        ) as answer:
            async for line in answer.lines():
                progress = Progress.model_validate_json(line)
                if progress.error:
                    raise failed_on_the_way(progress.error)
                yield progress


def _context(dockerfile: bytes) -> bytes:
    """Return a build context: a tar with nothing but the Dockerfile."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as tar:
        member = tarfile.TarInfo("Dockerfile")
        member.size = len(dockerfile)
        tar.addfile(member, io.BytesIO(dockerfile))
    return target.getvalue()
