"""Reads a pipeline's files once: for its revision, and to find its manifest."""

import posixpath
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from fastflow.adapters.files.pipeline_tree import Entry, shown
from fastflow.adapters.files.revision import content_revision
from fastflow.domain.manifest import LARGEST_MANIFEST_BYTES, has_only_manifest_fields
from fastflow.domain.ports import FoundPipeline

MANIFEST: Final = "pipeline.json"
MOST_CANDIDATES: Final = 16
"""Other JSON files that are looked at to find a manifest among them."""


def read_pipeline(folder: Path, entries: Sequence[Entry]) -> FoundPipeline:
    """Return the pipeline that these entries of its folder make up. Blocks on files.

    Raises:
        Changed: a file was written to meanwhile.
        OSError: a file can't be read.
    """
    candidates = _manifest_candidates(folder.name, entries)
    texts: dict[str, bytearray] = {path: bytearray() for path in candidates.values()}

    def keep_manifests(entry: Entry, content: bytes) -> None:
        text = texts.get(entry.path)
        if text is not None and entry.link is None:
            # One byte over the limit, so that the reader can tell that it is too large.
            text += content[: LARGEST_MANIFEST_BYTES + 1 - len(text)]

    revision = content_revision(entries, keep_manifests)
    found = {name: bytes(texts[path]) for name, path in candidates.items()}
    manifest_file, hint = _choose(folder.name, found)
    return FoundPipeline(
        folder.name,
        folder,
        revision,
        manifest_file=shown(manifest_file) if manifest_file else None,
        manifest_text=found[manifest_file] if manifest_file else None,
        hint=hint,
    )


def _manifest_candidates(name: str, entries: Sequence[Entry]) -> dict[str, str]:
    """Return the JSON files beside the entry point that matter, each with the path of its content."""
    files = {entry.path for entry in entries if entry.link is None}
    contents: dict[str, str] = {}
    for entry in entries:
        if "/" not in entry.path and entry.path.endswith(".json"):
            path = entry.path if entry.link is None else posixpath.normpath(entry.link)
            if path in files:
                contents[entry.path] = path
    published = [file for file in (MANIFEST, f"{name}.json") if file in contents]
    if published:
        return {file: contents[file] for file in published}
    return contents if len(contents) <= MOST_CANDIDATES else {}


def _choose(name: str, found: dict[str, bytes]) -> tuple[str | None, str | None]:
    """Return the manifest's file name, and what its author should know."""
    own = f"{name}.json"
    if MANIFEST in found:
        is_doubled = own in found and own != MANIFEST
        return MANIFEST, f"{own} is not read, because there is {MANIFEST}." if is_doubled else None
    if own in found:
        return own, None
    likely = [file for file, text in found.items() if has_only_manifest_fields(text)]
    names = " and ".join(shown(file) for file in likely)
    if len(likely) > 1:
        return None, f"{names} all look like manifests, so none is read. Rename one to {MANIFEST}."
    if likely:
        return likely[0], f"{names} was taken as the manifest. Rename it to {MANIFEST} to make that plain."
    return None, None
