"""Reads a pipeline's files once: for its revision, and to find its manifest."""

from collections.abc import Sequence
from pathlib import Path

from fastflow.adapters.files.pipeline_tree import Entry
from fastflow.adapters.files.revision import content_revision
from fastflow.domain.manifest import LARGEST_MANIFEST_BYTES
from fastflow.domain.pipeline_files import choose_manifest, manifest_candidates, shown
from fastflow.domain.ports import FoundPipeline


def read_pipeline(folder: Path, entries: Sequence[Entry]) -> FoundPipeline:
    """Return the pipeline that these entries of its folder make up. Blocks on files.

    Raises:
        Changed: a file was written to meanwhile.
        OSError: a file can't be read.
    """
    candidates = manifest_candidates(folder.name, {entry.path: entry.link for entry in entries})
    texts: dict[str, bytearray] = {path: bytearray() for path in candidates.values()}

    def keep_manifests(entry: Entry, content: bytes) -> None:
        text = texts.get(entry.path)
        if text is not None and entry.link is None:
            # One byte over the limit, so that the reader can tell that it is too large.
            text += content[: LARGEST_MANIFEST_BYTES + 1 - len(text)]

    revision = content_revision(entries, keep_manifests)
    found = {name: bytes(texts[path]) for name, path in candidates.items()}
    manifest_file, hint = choose_manifest(folder.name, found)
    return FoundPipeline(
        folder.name,
        folder,
        revision,
        manifest_file=shown(manifest_file) if manifest_file else None,
        manifest_text=found[manifest_file] if manifest_file else None,
        hint=hint,
    )
