"""Computes the revision of a pipeline from its content, and hands the content on while it reads it."""

import hashlib
import os
import stat
from collections.abc import Callable, Iterable
from typing import Final

from fastflow.adapters.files.beneath import Changed, open_beneath
from fastflow.adapters.files.pipeline_tree import Entry

_CHUNK_BYTES: Final = 1024**2

Sink = Callable[[Entry, bytes], None]
"""Gets the content of each file piece by piece, at least one, which may be empty; of a link its target."""


def content_revision(entries: Iterable[Entry], sink: Sink) -> str:
    """Return the revision of exactly what was read; it depends on paths, content and executability.

    Raises:
        Changed: a file is another one than when it was listed, or was written to meanwhile.
        OSError: a file can't be read, or the sink can't write.
    """
    digest = hashlib.sha256()
    for entry in entries:
        content = _link_of(entry, sink) if entry.link is not None else _file_of(entry, sink)
        kind = b"link" if entry.link is not None else b"exec" if entry.is_executable else b"file"
        # Fixed widths and lengths: no two trees write the same bytes.
        path = os.fsencode(entry.path)
        digest.update(kind + len(path).to_bytes(8, "big") + path + content)
    return f"content-{digest.hexdigest()[:40]}"


def _link_of(entry: Entry, sink: Sink) -> bytes:
    target = os.fsencode(entry.link or "")
    sink(entry, target)
    return hashlib.sha256(target).digest()


def _file_of(entry: Entry, sink: Sink) -> bytes:
    digest = hashlib.sha256()
    size = 0
    with open(open_beneath(entry.root, entry.source), "rb") as file:
        status = os.fstat(file.fileno())
        is_same = (status.st_dev, status.st_ino) == (entry.status.st_dev, entry.status.st_ino)
        if not is_same or not stat.S_ISREG(status.st_mode):
            raise Changed(entry.path)
        while True:
            chunk = file.read(_CHUNK_BYTES)
            if size == 0 or chunk:
                sink(entry, chunk)
            if not chunk:
                break
            size += len(chunk)
            if size > entry.status.st_size:
                raise Changed(entry.path)
            digest.update(chunk)
    if size != entry.status.st_size:
        raise Changed(entry.path)
    return digest.digest()
