"""Reads what the authors of a pipeline say of it."""

from typing import Final

from fastflow.domain.errors import NotFound
from fastflow.domain.pipeline_texts import PipelineText, PipelineTexts
from fastflow.services.pipelines import Pipelines
from fastflow.services.sources import Sources

NAME: Final = "README.md"
LARGEST_BYTES: Final = 256 * 1024


class Readmes:
    """Of the present revisions."""

    def __init__(self, pipelines: Pipelines, sources: Sources, texts: PipelineTexts) -> None:
        self._pipelines = pipelines
        self._sources = sources
        self._texts = texts

    async def of(self, pipeline_name: str) -> PipelineText:
        """Return the README.md of a pipeline's folder, or its first `LARGEST_BYTES`.

        Raises:
            NotFound: `pipeline_not_found`, `readme_not_found`, `revision_gone`.
            Unavailable: `disk_full`, `disk_failed`.
        """
        row = await self._pipelines.look(pipeline_name)
        found = None
        if row.revision is not None:
            checkout = await self._sources.checkout(row.name, row.revision)
            found = await self._texts.read(checkout, NAME, LARGEST_BYTES)
        if found is None:
            raise NotFound(
                "readme_not_found",
                f"Pipeline {row.name} has no {NAME}. Put one beside its main.py to tell what it does.",
                {"pipeline_name": row.name},
            )
        return found
