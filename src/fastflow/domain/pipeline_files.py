"""Which files make up a pipeline: the rules that a local folder and a Git repository share."""

import posixpath
from collections.abc import Iterable, Mapping
from typing import Final

from fastflow.domain.errors import NotFound
from fastflow.domain.limits import format_bytes
from fastflow.domain.manifest import has_only_manifest_fields

ENTRY_POINTS: Final = ("main.py", "main.ipynb")
MANIFEST: Final = "pipeline.json"
MOST_CANDIDATES: Final = 16
"""Other JSON files that are looked at to find a manifest among them."""
MOST_ENTRIES: Final = 10_000
LARGEST_PIPELINE_BYTES: Final = 100 * 1024**2
DEEPEST_FOLDER: Final = 64
IGNORED_FOLDERS: Final = frozenset({"__pycache__", "node_modules"})
"""Beside the hidden ones, such as `.git` and `.venv`."""


class Refused(Exception):
    """The folder can't be a pipeline; the message says why and what to do."""


class Tally:
    """Counts what a pipeline has, and refuses what is too much."""

    def __init__(self) -> None:
        self._entries = 0
        self._bytes = 0

    def count(self, name: str) -> None:
        """Take note of a file or folder of that name.

        Raises:
            Refused: there are too many.
        """
        self._entries += 1
        if self._entries > MOST_ENTRIES:
            raise Refused(
                f"It has more than {MOST_ENTRIES:,} files and folders ({shown(name)} is one too many). "
                "Keep data outside of the pipeline's folder."
            )

    def weigh(self, path: str, size_bytes: int) -> None:
        """Take note of a file's size.

        Raises:
            Refused: they are too large together.
        """
        self._bytes += size_bytes
        if self._bytes > LARGEST_PIPELINE_BYTES:
            raise Refused(
                f"Its files are larger than {format_bytes(LARGEST_PIPELINE_BYTES)} together "
                f"({shown(path)} is one too many). Keep data outside of the pipeline's folder."
            )


def is_ignored(name: str) -> bool:
    """Whether a folder of that name is never part of a pipeline, nor a pipeline."""
    return name.startswith(".") or name in IGNORED_FOLDERS


def shown(text: str) -> str:
    """Write a file's name so that it can be printed and stored, whatever its bytes are."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )


def bad_name() -> Refused:
    """Refuse a folder whose name no pipeline can have."""
    return Refused(
        "The folder's name can't be a pipeline's: rename it, using up to 64 letters (A-Z), digits, "
        "_, . and -, starting with a letter or a digit."
    )


def folder_as_entry_point(entry_point: str) -> Refused:
    """Refuse a `main.py` that is a folder."""
    return Refused(f"{entry_point} is a folder. It has to be a file.")


def dangling_entry_point(entry_point: str) -> Refused:
    """Refuse a `main.py` that is a link to nothing."""
    return Refused(f"{entry_point} is a link to nothing. Put the file in its place.")


def too_deep(path: str) -> Refused:
    """Refuse folders in folders in folders."""
    return Refused(f"Folders are nested more than {DEEPEST_FOLDER} deep: {shown(path)}.")


def leads_out(what: str) -> Refused:
    """Refuse a link out of the repository; `what` is the sentence's subject."""
    return Refused(f"{what} leads out of the repository. Put a copy in its place.")


def leads_into_hidden(what: str) -> Refused:
    """Refuse a link to what is never part of a pipeline; `what` is the sentence's subject."""
    return Refused(f"{what} leads into a hidden folder. Put a copy in its place.")


def leads_around(path: str) -> Refused:
    """Refuse a link that would make the pipeline contain itself."""
    return Refused(f"{shown(path)} is a link to a folder that it lies in itself. Remove it.")


def leads_nowhere(path: str, target: str) -> Refused:
    """Refuse a link to nothing that might lead out one day."""
    return Refused(f"{shown(path)} is a link to {shown(target)}, which does not exist. Remove it.")


def manifest_candidates(name: str, links: Mapping[str, str | None]) -> dict[str, str]:
    """Return the JSON files beside the entry point that matter, each with the path of its content.

    `links` has every path of the pipeline `name`, with its target where it is a link within it.
    """
    contents: dict[str, str] = {}
    for path, link in links.items():
        if "/" not in path and path.endswith(".json"):
            content = path if link is None else posixpath.normpath(link)
            if content in links and links[content] is None:
                contents[path] = content
    published = [file for file in (MANIFEST, f"{name}.json") if file in contents]
    if published:
        return {file: contents[file] for file in published}
    return contents if len(contents) <= MOST_CANDIDATES else {}


def choose_manifest(name: str, found: Mapping[str, bytes]) -> tuple[str | None, str | None]:
    """Return which of the candidates is the manifest, and what its author should know."""
    own = f"{name}.json"
    if MANIFEST in found:
        is_doubled = own in found and own != MANIFEST
        return MANIFEST, f"{own} is not read, because there is {MANIFEST}." if is_doubled else None
    if own in found:
        return own, None
    likely = [file for file, text in found.items() if has_only_manifest_fields(text)]
    names = _in_words(likely)
    if len(likely) > 1:
        return None, f"{names} all look like manifests, so none is read. Rename one to {MANIFEST}."
    if likely:
        return likely[0], f"{names} was taken as the manifest. Rename it to {MANIFEST} to make that plain."
    return None, None


def revision_gone(name: str, revision: str) -> NotFound:
    """Say that a revision can't be had any more."""
    return NotFound(
        "revision_gone",
        f"Revision {revision} of pipeline {name} is neither kept nor what is in its folder now. "
        "Start a run of the latest revision.",
        {"pipeline_name": name, "revision": revision},
    )


def _in_words(files: Iterable[str]) -> str:
    return " and ".join(shown(file) for file in files)
