"""Reads ahead what looking at pipelines will ask for, so that git is not asked for each object by itself."""

from collections.abc import Iterator, Sequence
from typing import Final

from fastflow.adapters.git.objects import Kind, ObjectReader, TreeEntry
from fastflow.domain.pipeline_files import DEEPEST_FOLDER, ENTRY_POINTS, MANIFEST, Refused, is_ignored

AT_ONCE: Final = 256
"""Pipelines that are read ahead together."""
_MOST_ENTRIES: Final = 20_000
"""Of all of them; what lies beyond is read when it is asked for."""


def gather(reader: ObjectReader, folders: Sequence[TreeEntry]) -> None:
    """Read the folders, what is below those that are pipelines, and their manifests; forget what was before.

    Raises:
        ObjectMissing: git ended.
    """
    reader.forget()
    level = [folder.id for folder in folders]
    names = {folder.id: f"{folder.name}.json" for folder in folders}
    left = _MOST_ENTRIES
    for depth in range(DEEPEST_FOLDER):
        reader.gather(level)
        inner: list[str] = []
        files: list[str] = []
        manifests: list[str] = []
        for id, tree in _trees(reader, level):
            left -= len(tree)
            if left < 0:
                return
            if depth == 0 and not any(entry.name in ENTRY_POINTS for entry in tree):
                continue
            inner += [entry.id for entry in tree if entry.kind is Kind.FOLDER and not is_ignored(entry.name)]
            files += [entry.id for entry in tree if entry.kind is not Kind.SUBMODULE]
            if depth == 0:
                manifests += [entry.id for entry in tree if entry.name in (MANIFEST, names[id])]
        reader.look(files)
        reader.gather(manifests)
        if not inner:
            return
        level = inner


def _trees(reader: ObjectReader, ids: Sequence[str]) -> Iterator[tuple[str, Sequence[TreeEntry]]]:
    """Yield those that can be read; what is wrong with the others is said when they are looked at."""
    for id, found in zip(ids, reader.look(ids), strict=True):
        if found is not None and found.type == "tree" and reader.is_gathered(id):
            try:
                yield id, reader.tree(id)
            except Refused:
                continue
