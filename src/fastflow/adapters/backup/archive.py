"""The inside of a backup: a compressed tar, whose last file says what all the others are.

What is missing, altered or too much is seen by reading it once; nothing is trusted before that. All block.
"""

import gzip
import hashlib
import io
import os
import shutil
import tarfile
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, Final, NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError

from fastflow.domain.errors import Invalid

CONTENTS: Final = "contents.json"
FORM: Final = 1
_LEVEL: Final = 6
_PERMISSIONS: Final = 0o755
"""Of those that a file has, what is kept: attempts, which are other users, read the code of pipelines."""
_CHUNK_BYTES: Final = 1024**2
_MOST_CONTENTS_BYTES: Final = 1024**3


class Kept(BaseModel):
    """One file of a backup."""

    model_config = ConfigDict(frozen=True)

    size_bytes: int
    sha256: str
    link: str | None = None
    """Where it leads, if it is a link; within the code of a pipeline there may be some."""


class Contents(BaseModel):
    """What a backup holds."""

    model_config = ConfigDict(frozen=True)

    form: int = FORM
    version: str
    """Of the Fast-Flow that made it."""
    schema_revision: str
    installation: str
    made_at: datetime
    rows: Mapping[str, int]
    """Of each table of its database."""
    files: Mapping[str, Kept]


class Given(NamedTuple):
    """A file to be kept."""

    name: str
    """In the backup, below the data directory."""
    path: Path


Describe = Callable[[Mapping[str, Kept]], Contents]
Report = Callable[[int, int], None]


def write_archive(into: IO[bytes], given: Iterator[Given], describe: Describe, report: Report) -> Contents:
    """Write the files as they are now: of one that grows what it has, none that has gone meanwhile.

    `report` is told files and bytes so far.
    """
    files: dict[str, Kept] = {}
    size = 0
    with (
        gzip.GzipFile(fileobj=into, mode="wb", compresslevel=_LEVEL) as packed,
        tarfile.open(fileobj=packed, mode="w|") as tar,
    ):
        for name, path in given:
            try:
                if path.is_dir() and not path.is_symlink():
                    _add_folder(tar, name, path)
                    continue
                files[name] = kept = _add(tar, name, path)
            except FileNotFoundError:
                continue
            size += kept.size_bytes
            report(len(files), size)
        contents = describe(files)
        written = contents.model_dump_json(indent=1).encode()
        information = tarfile.TarInfo(CONTENTS)
        information.size = len(written)
        tar.addfile(information, io.BytesIO(written))
    return contents


def _add(tar: tarfile.TarFile, name: str, path: Path) -> Kept:
    information = tarfile.TarInfo(name)
    if path.is_symlink():
        information.type, information.linkname = tarfile.SYMTYPE, os.readlink(path)
        tar.addfile(information)
        return _link(information.linkname)
    with path.open("rb") as source:
        status = os.fstat(source.fileno())
        information.size, information.mtime = status.st_size, int(status.st_mtime)
        information.mode = status.st_mode & _PERMISSIONS
        reader = _Hashing(source, status.st_size)
        tar.addfile(information, reader)
    return Kept(size_bytes=status.st_size, sha256=reader.digest.hexdigest())


def _add_folder(tar: tarfile.TarFile, name: str, path: Path) -> None:
    information = tarfile.TarInfo(name)
    information.type, information.mode = tarfile.DIRTYPE, path.stat().st_mode & _PERMISSIONS
    tar.addfile(information)


def _link(target: str) -> Kept:
    return Kept(size_bytes=0, sha256=hashlib.sha256().hexdigest(), link=target)


class _Hashing(io.RawIOBase):
    """Reads so many bytes of a file, and no more."""

    def __init__(self, source: IO[bytes], size: int) -> None:
        self._source = source
        self._left = size
        self.digest = hashlib.sha256()

    def read(self, size: int = -1, /) -> bytes:
        """Read on."""
        data = self._source.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(data)
        self.digest.update(data)
        return data


def read_archive(source: IO[bytes], into: Path | None, report: Report) -> Contents:
    """Read all of it and compare it with what it says of itself; write the files below `into`, if given.

    Raises:
        Invalid: `backup_damaged`, `backup_newer`.
    """
    found: dict[str, Kept] = {}
    contents: Contents | None = None
    size = 0
    try:
        with tarfile.open(fileobj=source, mode="r|gz") as tar:
            for member in tar:
                if contents is not None:
                    raise _damaged(f"{member.name!r} does not belong there")
                if member.name == CONTENTS and member.isfile():
                    contents = Contents.model_validate_json(_content(tar, member).read(_MOST_CONTENTS_BYTES))
                elif (kept := _take(tar, member, into)) is not None:
                    found[member.name] = kept
                    size += kept.size_bytes
                    report(len(found), size)
    except (tarfile.TarError, EOFError, ValidationError, OSError) as error:
        raise _damaged(str(error)) from error
    if contents is None:
        raise _damaged("it was cut off")
    if contents.form > FORM:
        raise Invalid(
            "backup_newer",
            f"The backup was made by Fast-Flow {contents.version}, and this one does not know its form.",
        )
    if contents.files != found:
        differing = sorted(
            name
            for name in contents.files.keys() | found.keys()
            if contents.files.get(name) != found.get(name)
        )
        raise _damaged(f"{differing[0]} is not what it was")
    if into is not None:
        _make_links(into, found)
    return contents


def _make_links(into: Path, found: Mapping[str, Kept]) -> None:
    """After all files: none of them is written through a link."""
    for name, kept in found.items():
        if kept.link is not None:
            path = into / name
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.symlink_to(kept.link)


def _check_name(text: str) -> None:
    name = PurePosixPath(text)
    if name.is_absolute() or ".." in name.parts or str(name) != text:
        raise _damaged(f"{text!r} is no name of a file in it")


def _checked_link(member: tarfile.TarInfo) -> str:
    """Return where it leads, which has to be within the backup."""
    reached = os.path.normpath(os.path.join(os.path.dirname(member.name), member.linkname))
    if os.path.isabs(member.linkname) or reached.startswith(".."):
        raise _damaged(f"{member.name!r} leads out of it")
    return member.linkname


def _make_folder(member: tarfile.TarInfo, into: Path | None) -> None:
    if into is not None:
        path = into / member.name
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.chmod(member.mode & _PERMISSIONS | 0o700)


def _take(tar: tarfile.TarFile, member: tarfile.TarInfo, into: Path | None) -> Kept | None:
    """Read one, and write it if it is wanted; None for a folder. Links are made after everything else."""
    _check_name(member.name)
    if member.isdir():
        _make_folder(member, into)
        return None
    if member.issym():
        return _link(_checked_link(member))
    stream = _content(tar, member)
    if into is None:
        return _copied(stream, None)
    path = into / member.name
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("xb") as target:
        os.fchmod(target.fileno(), member.mode & _PERMISSIONS)
        return _copied(stream, target)


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    stream = tar.extractfile(member) if member.isreg() else None
    if stream is None:
        raise _damaged(f"{member.name!r} is no file")
    return stream


def _copied(stream: IO[bytes], target: IO[bytes] | None) -> Kept:
    digest, size = hashlib.sha256(), 0
    while data := stream.read(_CHUNK_BYTES):
        digest.update(data)
        size += len(data)
        if target is not None:
            target.write(data)
    return Kept(size_bytes=size, sha256=digest.hexdigest())


def _damaged(why: str) -> Invalid:
    return Invalid(
        "backup_damaged", f"The backup is damaged ({why[:200]}). Nothing was restored: take another one."
    )


def put_in_place(made: Path, target: Path) -> None:
    """Let a directory that was restored become the one that it is for, or become its content."""
    if made.parent != target:
        made.rename(target)
        return
    for path in sorted(made.iterdir()):
        path.rename(target / path.name)
    made.rmdir()


def throw_away(made: Path) -> None:
    """Leave nothing of a directory that is not wanted."""
    shutil.rmtree(made, ignore_errors=True)
