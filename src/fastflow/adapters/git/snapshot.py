"""Finds the pipelines in a commit, by the rules of a local folder."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

from fastflow.adapters.git.gathering import AT_ONCE, gather
from fastflow.adapters.git.listing import (
    File,
    RefusedLink,
    check_target,
    list_files,
    submodule,
    unsafe_name,
)
from fastflow.adapters.git.objects import Kind, ObjectReader, TreeEntry
from fastflow.adapters.git.resolved_tree import NewObject, resolved_tree
from fastflow.adapters.git.tree_view import LeadsOut, Parts, Place, TreeView
from fastflow.domain.errors import Invalid, NotFound
from fastflow.domain.manifest import LARGEST_MANIFEST_BYTES
from fastflow.domain.names import is_pipeline_name
from fastflow.domain.pipeline_files import (
    ENTRY_POINTS,
    Refused,
    bad_name,
    choose_manifest,
    dangling_entry_point,
    folder_as_entry_point,
    is_ignored,
    leads_out,
    manifest_candidates,
    shown,
)
from fastflow.domain.ports import FoundPipeline

MOST_PIPELINES: Final = 10_000
MOST_ENTRIES_READ: Final = 1_000_000
MOST_MANIFEST_BYTES: Final = 64 * 1024**2
"""Of all manifests of a repository together: they are kept in memory."""

Known = dict[TreeEntry, FoundPipeline | None]
"""What was found of folders before; by name and content, so it holds in every commit."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The pipelines of a commit."""

    pipelines: list[FoundPipeline]
    known: Known
    resolved: list[list[NewObject]] = field(default_factory=list[list[NewObject]])
    """Trees that were made up for pipelines with links to elsewhere: each with its parts, itself last."""


def take_snapshot(reader: ObjectReader, tree: str, subdir: str, known: Known) -> Snapshot:
    """Find the pipelines below `subdir` of a commit's tree. Blocks on git.

    Raises:
        NotFound: `subdir_missing`.
        Invalid: `repository_too_large`; there are more than can be looked at.
        ObjectMissing: the mirror lacks a part of the commit.
    """
    finder = _Finder(TreeView(reader, tree), subdir, known)
    return finder.snapshot()


class _Finder:
    def __init__(self, view: TreeView, subdir: str, known: Known) -> None:
        self._view = view
        self._reader = view.reader
        self._subdir: Parts = PurePosixPath(subdir).parts
        self._before = known
        self._found: list[FoundPipeline] = []
        self._known: Known = {}
        self._resolved: list[list[NewObject]] = []
        self._manifest_bytes = 0

    def snapshot(self) -> Snapshot:
        entries = self._entries()
        new = [entry for entry in entries if self._is_to_be_read(entry)]
        self._reader.look([entry.id for entry in new])
        ahead = iter([new[start : start + AT_ONCE] for start in range(0, len(new), AT_ONCE)])
        gathered: set[TreeEntry] = set()
        names: set[str] = set()
        for entry in entries:
            if self._is_to_be_read(entry) and entry not in gathered:
                some = next(ahead)
                gather(self._reader, some)
                gathered = set(some)
            if entry.name in names:
                self._found = [pipeline for pipeline in self._found if pipeline.name != shown(entry.name)]
                self._add(self._problem(entry.name, "There are two entries of this name. Remove one."))
                continue
            names.add(entry.name)
            self._add(self._look(entry))
        self._reader.forget()
        return Snapshot(self._found, self._known, self._resolved)

    def _entries(self) -> list[TreeEntry]:
        place = self._view.at(self._subdir)
        if place is None or place.entry.kind is not Kind.FOLDER:
            shown_subdir = shown("/".join(self._subdir))
            raise NotFound(
                "subdir_missing",
                f"The repository has no folder {shown_subdir!r} at this commit. Set PIPELINES_SUBDIR, or the "
                "repository's subdir, to the folder that holds the pipelines.",
                {"subdir": shown_subdir},
            )
        try:
            return sorted(self._reader.tree(place.entry.id), key=lambda entry: entry.name)
        except Refused as error:
            raise self._too_large("a folder of pipelines with too many entries") from error

    def _is_to_be_read(self, entry: TreeEntry) -> bool:
        is_seen = not is_ignored(entry.name) or unsafe_name(entry.name) is not None
        return entry.kind is Kind.FOLDER and is_seen and entry not in self._before

    def _add(self, found: FoundPipeline | None) -> None:
        if found is not None:
            self._found.append(found)
        if len(self._found) > MOST_PIPELINES:
            raise self._too_large(f"more than {MOST_PIPELINES:,} pipelines")
        if self._reader.entries_read > MOST_ENTRIES_READ:
            raise self._too_large(f"more than {MOST_ENTRIES_READ:,} files in its pipelines")

    def _too_large(self, what: str) -> Invalid:
        return Invalid(
            "repository_too_large",
            f"The repository has {what}. Split it, or set PIPELINES_SUBDIR, or its subdir, to a smaller "
            "folder.",
        )

    def _look(self, entry: TreeEntry) -> FoundPipeline | None:
        if entry.kind is Kind.FILE or (unsafe_name(entry.name) is None and is_ignored(entry.name)):
            return None
        if entry in self._before:
            self._known[entry] = self._before[entry]
            return self._before[entry]
        try:
            return self._find(entry)
        except Refused as refusal:
            return self._problem(entry.name, str(refusal))

    def _problem(self, name: str, problem: str) -> FoundPipeline:
        is_odd = unsafe_name(name) is not None
        path = Path(*self._subdir) if is_odd else Path(*self._subdir, name)
        return FoundPipeline(shown(name) or "(no name)", path, None, problem=problem)

    def _find(self, entry: TreeEntry) -> FoundPipeline | None:
        if entry.kind is Kind.SUBMODULE:
            raise submodule("It is")
        if entry.kind is Kind.LINK:
            return self._find_behind(entry)
        place = Place((*self._subdir, entry.name), entry)
        found, is_own = self._inspect(entry.name, place)
        if is_own:
            self._known[entry] = found
        return found

    def _find_behind(self, link: TreeEntry) -> FoundPipeline | None:
        try:
            place = self._view.follow(self._subdir, link)
        except LeadsOut:
            raise leads_out("The folder is a link that") from None
        if place is None or place.entry.kind is not Kind.FOLDER:
            return None
        found, _ = self._inspect(link.name, place, behind="The folder is a link that")
        return found

    def _inspect(self, name: str, place: Place, behind: str = "") -> tuple[FoundPipeline | None, bool]:
        """Return the pipeline in a folder, and whether that depends on the folder alone."""
        entries = {entry.name: entry for entry in self._reader.tree(place.entry.id)}
        if not any(entry_point in entries for entry_point in ENTRY_POINTS):
            return None, True
        if behind:
            check_target(behind, place)
        own = TreeView(self._reader, place.entry.id)
        try:
            _check_name(name)
            _check_entry_points(own, (), entries)
            return self._pipeline(name, place.entry.id, list_files(own, ())), True
        except RefusedLink:
            pass  # in the whole repository it may lead somewhere
        except Refused as refusal:
            return self._problem(name, str(refusal)), True
        _check_entry_points(self._view, place.parts, entries)
        files = list_files(self._view, place.parts)
        made = resolved_tree(files)
        self._resolved.append(made)
        return self._pipeline(name, made[-1].id, files), False

    def _pipeline(self, name: str, tree: str, files: Sequence[File]) -> FoundPipeline:
        candidates = manifest_candidates(name, {file.path: file.link for file in files})
        ids = {file.path: file.id for file in files}
        found = {file: self._manifest(ids[path]) for file, path in candidates.items()}
        manifest_file, hint = choose_manifest(name, found)
        if manifest_file is not None:
            self._manifest_bytes += len(found[manifest_file])
        if self._manifest_bytes > MOST_MANIFEST_BYTES:
            raise Refused("The manifests of this repository are too large together. Make them smaller.")
        return FoundPipeline(
            name,
            Path(*self._subdir, name),
            f"tree-{tree}",
            manifest_file=shown(manifest_file) if manifest_file else None,
            manifest_text=found[manifest_file] if manifest_file else None,
            hint=hint,
        )

    def _manifest(self, id: str) -> bytes:
        # One byte over the limit, so that the reader can tell that it is too large.
        return self._reader.blob(id, LARGEST_MANIFEST_BYTES + 1)


def _check_name(name: str) -> None:
    if not is_pipeline_name(name):
        raise bad_name()


def _check_entry_points(view: TreeView, folder: Parts, entries: dict[str, TreeEntry]) -> None:
    for entry_point in ENTRY_POINTS:
        entry = entries.get(entry_point)
        if entry is None:
            continue
        if entry.kind is Kind.LINK:
            try:
                place = view.follow(folder, entry)
            except LeadsOut:
                continue  # the listing says so, with the whole sentence
            if place is None:
                raise dangling_entry_point(entry_point)
            entry = place.entry
        if entry.kind is Kind.FOLDER:
            raise folder_as_entry_point(entry_point)
