"""Finds its way in a commit's folders, through links as a file system would."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from fastflow.adapters.git.objects import Kind, ObjectReader, TreeEntry

_MOST_LINKS: Final = 40
"""Followed on one way, as Linux does (path_resolution(7))."""
_LONGEST_LINK: Final = 4096
_KEPT_FOLDERS: Final = 8

Parts = tuple[str, ...]


class LeadsOut(Exception):
    """A link leaves the tree that is looked at."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a way ends: a path without links in it."""

    parts: Parts
    entry: TreeEntry


class TreeView:
    """One tree and what is below it; nothing is above."""

    def __init__(self, reader: ObjectReader, root: str) -> None:
        self.reader = reader
        self._root = TreeEntry("", Kind.FOLDER, 0o040000, root)
        self._folder = lru_cache(_KEPT_FOLDERS)(self._read)

    def at(self, parts: Parts) -> Place | None:
        """Return what is at a path; None where there is nothing, or a link on the way."""
        entry = self._root
        for part in parts:
            found = self._folder(entry.id).get(part) if entry.kind is Kind.FOLDER else None
            if found is None:
                return None
            entry = found
        return Place(parts, entry)

    def follow(self, folder: Parts, link: TreeEntry) -> Place | None:
        """Return where a link in a folder leads in the end; None where there is nothing.

        Raises:
            LeadsOut: beyond the root of this tree.
        """
        start = self.at(folder)
        if start is None:
            return None
        walk = [self._root]
        for part in folder:
            walk.append(self._folder(walk[-1].id)[part])
        return self._walk(walk, self.target(link))

    def target(self, link: TreeEntry) -> str:
        """Return what is written in a link."""
        return self.reader.blob(link.id, _LONGEST_LINK).decode("utf-8", "surrogateescape")

    def _walk(self, walk: list[TreeEntry], target: str) -> Place | None:
        waiting = _steps(target)
        links = 0
        while waiting:
            step = waiting.pop()
            if walk[-1].kind is not Kind.FOLDER:
                return None
            if step == "..":
                walk.pop()
                if not walk:
                    raise LeadsOut
                continue
            entry = self._folder(walk[-1].id).get(step)
            if entry is None:
                return None
            if entry.kind is not Kind.LINK:
                walk.append(entry)
                continue
            links += 1
            if links > _MOST_LINKS:
                return None
            waiting += _steps(self.target(entry))
        return Place(tuple(entry.name for entry in walk[1:]), walk[-1])

    def _read(self, tree: str) -> dict[str, TreeEntry]:
        return {entry.name: entry for entry in self.reader.tree(tree)}


def _steps(target: str) -> list[str]:
    """Return the steps of a link's way, the first one last."""
    if target.startswith("/"):
        raise LeadsOut
    return [step for step in reversed(target.split("/")) if step not in ("", ".")]
