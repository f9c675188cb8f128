"""Makes pipelines to be found, and says what a source says of them."""

import time
from pathlib import Path

from fastflow.adapters.files.pipeline_folder import PipelineFolder
from fastflow.domain.ports import FoundPipeline

LATER_NS = 10**10
"""Added to the present time, so that the files just written count as settled."""


def later() -> int:
    return time.time_ns() + LATER_NS


def pipeline(root: Path, name: str, **files: str) -> Path:
    folder = root / name
    folder.mkdir()
    (folder / "main.py").write_text("print('hello')\n")
    for file, text in files.items():
        (folder / file.replace("__", ".")).write_text(text)
    return folder


async def found(source: PipelineFolder, name: str) -> FoundPipeline:
    pipeline = await source.look(name)
    assert pipeline is not None
    return pipeline


async def revision_of(source: PipelineFolder, name: str) -> str:
    revision = (await found(source, name)).revision
    assert revision is not None
    return revision


async def problem_of(source: PipelineFolder, name: str) -> str:
    pipeline = await found(source, name)
    assert pipeline.revision is None
    assert pipeline.problem is not None
    assert pipeline in await source.scan()
    return pipeline.problem


def contents(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}
