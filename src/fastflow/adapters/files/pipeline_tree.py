"""Lists the files that make up a pipeline, and refuses what can't be part of one."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from fastflow.adapters.files.beneath import folder_beneath
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

Signature = tuple[str, int, int, int, int, int]
"""Path, mode, size, time of the last change of content and of inode, inode: same signature, same content."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of a pipeline, or a link that stays within it."""

    path: str
    """Relative to the pipeline, with slashes."""
    source: Path
    """Where the content lies; elsewhere in the repository where a link leads there."""
    status: os.stat_result
    root: Path
    """The repository's folder, free of links; nothing beyond it is opened."""
    link: str | None = None
    """What a link points to: relative, and within the pipeline."""

    @property
    def is_executable(self) -> bool:
        """Whether its owner may execute it, as Git understands it."""
        return bool(self.status.st_mode & stat.S_IXUSR)

    @property
    def signature(self) -> Signature:
        """What differs after a change."""
        status = self.status
        times = (status.st_mtime_ns, status.st_ctime_ns)
        return (f"{self.path}\0{self.link}", status.st_mode, status.st_size, *times, status.st_ino)


def list_entries(root: Path, name: str) -> list[Entry]:
    """Return the files of the pipeline in the folder `name` of `root`, by path. Reads no content.

    Raises:
        Refused: a link leads out of the repository, a file is a pipe or a device, or there is too much.
        Changed: a folder became a link meanwhile.
        OSError: something can't be looked at.
    """
    return _Listing(Path(os.path.realpath(root)), name).entries()


class _Listing:
    """One walk. `_base` is the pipeline's folder after all links."""

    def __init__(self, root: Path, name: str) -> None:
        self._root = root
        self._base = Path(os.path.realpath(root / name))
        if self._base != root / name:
            self._check_target("the folder", self._base)
        self._found: list[Entry] = []
        self._tally = Tally()

    def entries(self) -> list[Entry]:
        # Of each folder: its path in the pipeline, where it lies, and the folders around it.
        waiting: list[tuple[str, Path, tuple[Path, ...]]] = [("", self._base, ())]
        while waiting:
            prefix, folder, around = waiting.pop()
            if len(around) > DEEPEST_FOLDER:
                raise too_deep(prefix)
            for path, subfolder in self._look_into(prefix, folder, (*around, folder)):
                waiting.append((path, subfolder, (*around, folder)))
        return sorted(self._found, key=lambda entry: os.fsencode(entry.path))

    def _look_into(self, prefix: str, folder: Path, around: tuple[Path, ...]) -> Iterator[tuple[str, Path]]:
        """Take in the files of a folder; yield the folders in it."""
        with folder_beneath(self._root, folder) as opened, os.scandir(opened) as found:
            for item in found:
                self._tally.count(item.name)
                path = f"{prefix}{item.name}"
                if item.is_symlink():
                    subfolder = self._follow(path, folder / item.name, around)
                    if subfolder is not None:
                        yield f"{path}/", subfolder
                elif item.is_dir(follow_symlinks=False):
                    if not is_ignored(item.name):
                        yield f"{path}/", folder / item.name
                else:
                    self._take(path, folder / item.name, item.stat(follow_symlinks=False))

    def _take(self, path: str, source: Path, status: os.stat_result) -> None:
        if not stat.S_ISREG(status.st_mode):
            raise Refused(f"{shown(path)} is a pipe, a socket or a device. Remove it.")
        self._tally.weigh(path, status.st_size)
        self._found.append(Entry(path, source, status, self._root))

    def _follow(self, path: str, place: Path, around: tuple[Path, ...]) -> Path | None:
        """Take in what a link points to; return it where it is a folder elsewhere in the repository."""
        target = Path(os.path.realpath(place))
        if not target.exists():
            self._take_dangling(path, place)
        elif target.is_relative_to(self._base):
            at = PurePosixPath(path).parent
            link = os.path.relpath(target.relative_to(self._base), at)
            self._found.append(Entry(path, place, place.lstat(), self._root, link))
        else:
            self._check_target(f"{shown(path)} is a link that", target)
            if not target.is_dir():
                self._take(path, target, target.stat())
            elif any(folder.is_relative_to(target) for folder in around):
                raise leads_around(path)
            else:
                return target
        return None

    def _take_dangling(self, path: str, place: Path) -> None:
        link = os.readlink(place)
        if os.path.isabs(link) or ".." in PurePosixPath(link).parts:
            raise leads_nowhere(path, link)
        self._found.append(Entry(path, place, place.lstat(), self._root, link))

    def _check_target(self, what: str, target: Path) -> None:
        """Refuse what lies outside the repository, and what Git keeps there for itself."""
        if not target.is_relative_to(self._root) or target == self._root:
            raise leads_out(what)
        within = target.relative_to(self._root)
        folders = within.parts if target.is_dir() else within.parts[:-1]
        if any(map(is_ignored, folders)):
            raise leads_into_hidden(what)
