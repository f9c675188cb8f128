"""Makes a tree of its own of a pipeline whose links lead elsewhere in the repository.

Its id is a revision like that of any other folder: the same files have the same one, in every commit.
"""

import hashlib
import os
import posixpath
import secrets
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fastflow.adapters.git.listing import File


@dataclass(frozen=True, slots=True)
class NewObject:
    """An object that the mirror may not have yet."""

    id: str
    content: bytes
    """With its header, as it is hashed; git-scm.com/book, "Git Internals - Git Objects"."""


@dataclass(frozen=True, slots=True)
class _Folder:
    files: list[File] = field(default_factory=list[File])
    folders: dict[str, "_Folder"] = field(default_factory=dict[str, "_Folder"])


def resolved_tree(files: Sequence[File]) -> list[NewObject]:
    """Return the trees and links that these files need, the tree of all of them last."""
    root = _Folder()
    for file in files:
        folder = root
        for part in file.path.split("/")[:-1]:
            folder = folder.folders.setdefault(part, _Folder())
        folder.files.append(file)
    made: list[NewObject] = []
    _add_tree(root, made)
    return made


def _add_tree(folder: _Folder, made: list[NewObject]) -> str:
    # Git sorts folders as if their names ended with a slash.
    lines: list[tuple[bytes, bytes]] = []
    for file in folder.files:
        name = os.fsencode(posixpath.basename(file.path))
        if file.link is not None:
            id, mode = _add("blob", os.fsencode(file.link), made), b"120000"
        else:
            id, mode = file.id, b"100755" if file.is_executable else b"100644"
        lines.append((name, mode + b" " + name + b"\0" + bytes.fromhex(id)))
    for part, inner in folder.folders.items():
        name = os.fsencode(part)
        lines.append((name + b"/", b"40000 " + name + b"\0" + bytes.fromhex(_add_tree(inner, made))))
    return _add("tree", b"".join(line for _, line in sorted(lines)), made)


def _add(kind: str, content: bytes, made: list[NewObject]) -> str:
    whole = f"{kind} {len(content)}\0".encode() + content
    new = NewObject(hashlib.sha1(whole, usedforsecurity=False).hexdigest(), whole)
    made.append(new)
    return new.id


def store_object(new: NewObject, git_dir: Path) -> None:
    """Put an object into the mirror, unless it is there. Blocks on files."""
    path = git_dir / "objects" / new.id[:2] / new.id[2:]
    if path.exists():
        return
    path.parent.mkdir(exist_ok=True)
    making = path.parent / f"tmp_obj_{secrets.token_hex(4)}"
    with making.open("xb") as file:
        file.write(zlib.compress(new.content, 1))
        file.flush()
        os.fsync(file.fileno())
    making.rename(path)
