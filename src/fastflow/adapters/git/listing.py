"""Lists the files of a pipeline in a tree, and refuses what can't be part of one.

The rules are those of a local folder (`adapters.files.pipeline_tree`), told from objects instead of files.
"""

import os
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fastflow.adapters.git.objects import Kind, ObjectMissing, TreeEntry
from fastflow.adapters.git.tree_view import LeadsOut, Parts, Place, TreeView
from fastflow.domain.pipeline_files import (
    DEEPEST_FOLDER,
    Refused,
    Tally,
    is_ignored,
    leads_around,
    leads_into_hidden,
    leads_nowhere,
    leads_out,
    shown,
    too_deep,
)

_LONGEST_NAME_BYTES: Final = 255
_LONGEST_PATH_BYTES: Final = 2048
"""Both leave room for the directory that it is laid out in (NAME_MAX, PATH_MAX of Linux)."""


class RefusedLink(Refused):
    """It is a link that is refused; in a larger tree it may lead somewhere."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of a pipeline, or a link that stays within it."""

    path: str
    """Relative to the pipeline, with slashes."""
    id: str
    size_bytes: int
    is_executable: bool = False
    link: str | None = None
    """What a link points to: relative, and within the pipeline. `id` is then the link's own."""


def list_files(view: TreeView, base: Parts) -> list[File]:
    """Return the files of the pipeline whose folder is at `base`, by path. Reads no content.

    Raises:
        Refused: a name can't be written, a link leads out, there is a submodule, or there is too much.
        ObjectMissing: the mirror lacks a part of it.
    """
    return _Listing(view, base).files()


def unsafe_name(name: str) -> str | None:
    """Say why a folder may not have an entry of that name; None where it may."""
    if name in ("", ".", "..") or "/" in name:
        return "has a name that leads elsewhere"
    if name.lower() == ".git":
        return "has the name that Git keeps for itself"
    try:
        encoded = name.encode()
    except UnicodeEncodeError:
        return "has a name that is not UTF-8"
    return "has a name that is too long" if len(encoded) > _LONGEST_NAME_BYTES else None


class _Listing:
    def __init__(self, view: TreeView, base: Parts) -> None:
        self._view = view
        self._base = base
        self._found: list[File] = []
        self._tally = Tally()

    def files(self) -> list[File]:
        start = self._view.at(self._base)
        if start is None:
            raise ObjectMissing(self._base)
        # Of each folder: its path in the pipeline, where it lies, and the folders around it.
        waiting: list[tuple[str, Place, tuple[Parts, ...]]] = [("", start, ())]
        while waiting:
            prefix, folder, around = waiting.pop()
            if len(around) > DEEPEST_FOLDER:
                raise too_deep(prefix)
            around = (*around, folder.parts)
            waiting += [(path, inner, around) for path, inner in self._look_into(prefix, folder, around)]
        return sorted(self._found, key=lambda file: os.fsencode(file.path))

    def _look_into(
        self, prefix: str, folder: Place, around: tuple[Parts, ...]
    ) -> Iterator[tuple[str, Place]]:
        """Take in the files of a folder; yield the folders in it."""
        entries = self._view.reader.tree(folder.entry.id)
        names: set[str] = set()
        for entry in entries:
            self._tally.count(entry.name)
            self._check_name(prefix, entry.name, names)
        self._view.reader.look([entry.id for entry in entries if entry.kind is not Kind.SUBMODULE])
        for entry in entries:
            path = f"{prefix}{entry.name}"
            if entry.kind is Kind.FILE:
                self._take(path, entry)
            elif entry.kind is Kind.LINK:
                subfolder = self._follow(path, folder.parts, entry, around)
                if subfolder is not None:
                    yield f"{path}/", subfolder
            elif not is_ignored(entry.name):
                if entry.kind is Kind.SUBMODULE:
                    raise submodule(f"{shown(path)} is")
                yield f"{path}/", Place((*folder.parts, entry.name), entry)

    def _check_name(self, prefix: str, name: str, names: set[str]) -> None:
        reason = unsafe_name(name)
        if reason is None and name in names:
            reason = "is there twice"
        if reason is None and len(prefix.encode()) + len(name.encode()) > _LONGEST_PATH_BYTES:
            reason = "lies too deep: its path is too long"
        if reason is not None:
            path = shown(f"{prefix}{name}")
            short = path if len(path) <= 100 else f"{path[:99]}…"
            raise Refused(f"{short or 'A file without a name'} {reason}. Rename or remove it.")
        names.add(name)

    def _take(self, path: str, entry: TreeEntry) -> None:
        found = self._view.reader.look([entry.id])[0]
        if found is None or found.type != "blob":
            raise ObjectMissing(entry.id)
        self._tally.weigh(path, found.size_bytes)
        self._found.append(File(path, entry.id, found.size_bytes, bool(entry.mode & 0o100)))

    def _follow(self, path: str, folder: Parts, entry: TreeEntry, around: tuple[Parts, ...]) -> Place | None:
        """Take in what a link points to; return it where it is a folder elsewhere in the repository."""
        try:
            place = self._view.follow(folder, entry)
        except LeadsOut:
            raise RefusedLink(str(leads_out(f"{shown(path)} is a link that"))) from None
        if place is None:
            self._take_dangling(path, entry)
        elif place.parts[: len(self._base)] == self._base:
            inside = "/".join(place.parts[len(self._base) :]) or "."
            self._found.append(File(path, entry.id, 0, link=posixpath.relpath(inside, _parent(path))))
        else:
            check_target(f"{shown(path)} is a link that", place)
            if place.entry.kind is Kind.SUBMODULE:
                raise submodule(f"{shown(path)} is a link to")
            if place.entry.kind is Kind.FILE:
                self._take(path, place.entry)
            elif any(near[: len(place.parts)] == place.parts for near in around):
                raise leads_around(path)
            else:
                return place
        return None

    def _take_dangling(self, path: str, entry: TreeEntry) -> None:
        link = self._view.target(entry)
        if link.startswith("/") or ".." in link.split("/") or not link or "\0" in link:
            raise RefusedLink(str(leads_nowhere(path, link)))
        self._found.append(File(path, entry.id, 0, link=link))


def check_target(what: str, place: Place) -> None:
    """Refuse the repository's root, and what lies in a hidden folder.

    Raises:
        Refused: it is one of them.
    """
    if not place.parts:
        raise RefusedLink(str(leads_out(what)))
    folders = place.parts if place.entry.kind is Kind.FOLDER else place.parts[:-1]
    if any(map(is_ignored, folders)):
        raise RefusedLink(str(leads_into_hidden(what)))


def submodule(what: str) -> Refused:
    """Refuse another repository within this one; `what` is the sentence's beginning."""
    return Refused(
        f"{what} a Git submodule, and submodules are not fetched. Put a copy of its files in its place."
    )


def _parent(path: str) -> str:
    return posixpath.dirname(path) or "."
